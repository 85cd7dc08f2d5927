"""Answers to a single question: pain of the past week, health, activity, perceived effect."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from scipy import special

from agents.instruments.scales import on_scale
from agents.instruments.state import State
from agents.population import Patients
from agents.reporting import latent_shift
from scenarios.people.instruments import ActivityLevel, EqVas, PainRecall, PerceivedEffect
from scenarios.people.patients import Categories, Population


def remember_pain(
    recall: PainRecall,
    state: State,
    error: dict[str, np.ndarray],
    shifts: Mapping[str, np.ndarray] = MappingProxyType({}),
) -> tuple[np.ndarray, np.ndarray]:
    """Return average and worst pain of the past week, as recalled.

    The recalled average is pulled towards the worst and the latest pain (peak and end). ``shifts``
    are points by which answers are other than recalled, by outcome; the worst pain is answered no
    lower than the average.
    """
    average = (
        (1.0 - recall.towards_worst - recall.towards_latest) * state.pain
        + recall.towards_worst * state.worst_pain
        + recall.towards_latest * state.latest_pain
    )
    shared = np.sqrt(recall.shared_error) * error["nrs_recall"]
    own = np.sqrt(1.0 - recall.shared_error)
    average = average + recall.error * (shared + own * error["nrs_average"])
    worst = state.worst_pain + recall.error * (shared + own * error["nrs_worst"])
    answered = on_scale("nrs_average", average + shifts.get("nrs_average", 0.0))
    worst = on_scale("nrs_worst", worst + shifts.get("nrs_worst", 0.0))
    return answered, np.maximum(worst, answered)


def screen_pain(recall: PainRecall, pain: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Return the average pain reported at screening, (m,) NRS.

    Parameters
    ----------
    recall
        Parameters, with the error of an answer.
    pain
        (m,) pain at baseline, NRS points.
    error
        (m,) standard normals of the occasion.
    """
    return on_scale("nrs_average", pain + recall.error * error)


def health_today(
    eq_vas: EqVas,
    health: np.ndarray,
    worsening: tuple[np.ndarray, np.ndarray],
    error: np.ndarray,
    habit: np.ndarray,
) -> np.ndarray:
    """Return the EQ-VAS: whole numbers, by most people in tens or fives."""
    disability, pain = worsening
    raw = health + eq_vas.per_disability * disability + eq_vas.per_pain * pain
    step = np.select(
        [
            habit < special.ndtri(eq_vas.in_tens),
            habit < special.ndtri(eq_vas.in_tens + eq_vas.in_fives),
        ],
        [10.0, 5.0],
        1.0,
    )
    return on_scale("eq_vas", np.round((raw + eq_vas.error * error) / step) * step)


def activity_level(
    sgpals: ActivityLevel,
    population: Population,
    patients: Patients,
    state: State,
    worsening: np.ndarray,
    error: np.ndarray,
    shift: np.ndarray | None = None,
) -> np.ndarray:
    """Return the SGPALS level, 1 to 4, on the thresholds of its baseline margin.

    ``shift`` are levels by which the expected answer is other than the state says, (m,).
    """
    margin = population.margins["physical_activity"]
    if not isinstance(margin, Categories):
        raise TypeError("SGPALS needs a margin of physical activity in categories")
    edges = special.ndtri(np.cumsum(margin.shares)[:-1])
    habitual = patients.scores["physical_activity"] + sgpals.error * error
    latent = habitual / np.sqrt(1.0 + sgpals.error**2)
    latent = latent + sgpals.per_capacity * state.capacity + sgpals.per_pain * worsening
    if shift is not None:
        one_answer = sgpals.error / np.sqrt(1.0 + sgpals.error**2)
        usual = latent - one_answer * error

        def expected(rows: np.ndarray, more: np.ndarray) -> np.ndarray:
            above = (usual[rows] + more)[:, None] - edges
            return np.asarray(special.ndtr(above / max(one_answer, 1e-9)).sum(axis=1))

        latent = latent + latent_shift(expected, shift)
    return np.asarray(np.searchsorted(edges, latent, side="right") + 1.0)


def perceived_effect(
    gpe: PerceivedEffect,
    start: dict[str, np.ndarray],
    disability: np.ndarray,
    state: State,
    error: np.ndarray,
    shift: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Return the GPE: relief since the start, modified by the present state and by beliefs.

    ``shift`` are points by which answers are other than that.
    """
    relief = 0.5 * (
        _relative_fall(start["disability"], disability) + _relative_fall(start["pain"], state.pain)
    )
    symptoms = 0.5 * (disability / 24.0 + state.pain / 10.0)
    return on_scale(
        "gpe",
        gpe.unchanged
        + gpe.per_relief * relief
        + gpe.per_symptoms * symptoms
        + gpe.per_belief * state.beliefs
        + gpe.error * error
        + shift,
    )


def _relative_fall(start: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Return the fall relative to the start, at least -1; symptoms below 1 point count as 1."""
    return np.asarray(np.maximum((start - now) / np.maximum(start, 1.0), -1.0))
