"""The trial's questionnaires: their scales, and the answers a patient in some state gives."""

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy import special

from agents.population import Patients
from scenarios.patients import Categories, Instruments, Population


@dataclass(frozen=True, slots=True)
class Scale:
    """An outcome scale: label, lowest and highest value, step, and whether higher is better."""

    label: str
    low: float
    high: float
    step: float
    higher_is_better: bool
    has_baseline: bool = True


SCALES: dict[str, Scale] = {
    "rmdq": Scale("RMDQ (disability)", 0, 24, 1, higher_is_better=False),
    "nrs_average": Scale("Average pain, past week", 0, 10, 1, higher_is_better=False),
    "nrs_worst": Scale("Worst pain, past week", 0, 10, 1, higher_is_better=False),
    "pseq": Scale("PSEQ (self-efficacy)", 0, 60, 1, higher_is_better=True),
    "fabq": Scale("FABQ-PA (fear avoidance)", 0, 24, 1, higher_is_better=False),
    "bipq": Scale("BIPQ (illness perception)", 0, 80, 1, higher_is_better=False),
    "eq_vas": Scale("EQ-VAS", 0, 100, 1, higher_is_better=True),
    "eq_5d": Scale("EQ-5D index", -0.624, 1.0, 0.001, higher_is_better=True),
    "sgpals": Scale("SGPALS (activity level)", 1, 4, 1, higher_is_better=True),
    "gpe": Scale("Global perceived effect", -5, 5, 1, higher_is_better=True, has_baseline=False),
}
"""Every outcome of the trial, in the order of the paper's Table 2; SGPALS before GPE."""

OUTCOMES = tuple(SCALES)


@dataclass(frozen=True, slots=True)
class State:
    """State of m patients on the day they answer, each attribute (m,).

    Attributes
    ----------
    pain, worst_pain
        Mean and worst NRS of the past week.
    disability
        On the RMDQ scale, unbounded.
    self_efficacy, fear, illness_perception
        On the scales of PSEQ, FABQ and BIPQ, unbounded.
    capacity, beliefs
        What the app has changed, 0 to 1.
    """

    pain: np.ndarray
    worst_pain: np.ndarray
    disability: np.ndarray
    self_efficacy: np.ndarray
    fear: np.ndarray
    illness_perception: np.ndarray
    capacity: np.ndarray
    beliefs: np.ndarray


def on_scale(outcome: str, values: np.ndarray) -> np.ndarray:
    """Round values to the steps of an outcome's scale and bound them to its range."""
    scale = SCALES[outcome]
    return np.clip(np.round(values / scale.step) * scale.step, scale.low, scale.high)


def answer(
    instruments: Instruments,
    population: Population,
    patients: Patients,
    state: State,
    errors: np.ndarray,
) -> dict[str, np.ndarray]:
    """Return the scores of patients who answer every questionnaire.

    Parameters
    ----------
    instruments
        Errors and slopes.
    population
        For the levels of physical activity and the means that slopes refer to.
    patients, state
        Who answers (m rows) and how they are.
    errors
        (m, outcomes) standard normals, columns in the order of :data:`OUTCOMES`.

    Returns
    -------
    Outcome to (m,) scores on the outcome's scale.
    """
    i, values, scores = instruments, patients.values, patients.scores
    error = {name: errors[:, column] for column, name in enumerate(OUTCOMES)}
    change = np.clip(state.disability, 0.0, 24.0) - values["disability"]
    relief = _relative_fall(values["disability"], -change) + _relative_fall(
        values["pain"], values["pain"] - state.pain
    )
    mean_disability = population.margins["disability"].mean  # type: ignore[union-attr]
    raw = {
        "rmdq": state.disability + i.rmdq_error * error["rmdq"],
        "nrs_average": state.pain + i.nrs_error * error["nrs_average"],
        "nrs_worst": state.worst_pain + i.nrs_error * error["nrs_worst"],
        "pseq": state.self_efficacy + i.pseq_error * error["pseq"],
        "fabq": state.fear + i.fabq_error * error["fabq"],
        "bipq": state.illness_perception + i.bipq_error * error["bipq"],
        "eq_vas": values["health"]
        + i.eq_vas_per_disability * change
        + i.eq_vas_error * error["eq_vas"],
        "eq_5d": i.eq_5d_mean
        + i.eq_5d_per_disability * (np.clip(state.disability, 0.0, 24.0) - mean_disability)
        + i.eq_5d_per_health * scores["health"]
        + i.eq_5d_error * error["eq_5d"],
        "sgpals": _activity_level(i, population, scores["physical_activity"], state, error),
        "gpe": i.gpe_mean
        + i.gpe_per_recovery * relief / 2.0
        + i.gpe_per_belief * state.beliefs
        + i.gpe_error * error["gpe"],
    }
    answered = {name: on_scale(name, raw[name]) for name in OUTCOMES}
    answered["nrs_worst"] = np.maximum(answered["nrs_worst"], answered["nrs_average"])
    return answered


def _relative_fall(start: np.ndarray, fall: np.ndarray) -> np.ndarray:
    """Return the fall relative to the start, at least -1; symptoms below 1 point count as 1."""
    return np.asarray(np.maximum(fall / np.maximum(start, 1.0), -1.0))


def _activity_level(
    instruments: Instruments,
    population: Population,
    score: np.ndarray,
    state: State,
    error: dict[str, np.ndarray],
) -> np.ndarray:
    """Return the SGPALS level, 1 to 4, on the thresholds of its baseline margin."""
    margin = cast("Categories", population.margins["physical_activity"])
    edges = special.ndtri(np.cumsum(margin.shares)[:-1])
    noise = instruments.sgpals_error
    latent = (score + noise * error["sgpals"]) / np.sqrt(1.0 + noise**2)
    latent = latent + instruments.sgpals_per_capacity * state.capacity
    return np.asarray(np.searchsorted(edges, latent, side="right") + 1.0)
