"""The natural course: pain, disability and beliefs under usual care, day by day.

Nothing here knows of arms or apps. What the app adds is in :mod:`agents.pathway`, on top of the
course that the same patient would have had anyway.
"""

from dataclasses import dataclass

import numpy as np
from scipy import signal

from agents.population import Patients
from scenarios.patients import CourseClass, MechanisticCourse, Population

LEAD_IN = 7
"""Days before randomization that are simulated too: column ``LEAD_IN`` of a course is day 0."""

BELIEFS = ("self_efficacy", "fear", "illness_perception")
CLASSES = ("recovering", "fluctuating", "persistent")


@dataclass(frozen=True, slots=True)
class CourseDraws:
    """Standard draws behind the courses of n patients over d days (``LEAD_IN`` included).

    Attributes
    ----------
    kind
        (n,) uniforms that choose the class.
    recovery, speed
        (n,) normals for the patient's recovery and its speed.
    pain_swing, pain_day, disability_swing
        (n, d) normals.
    flare
        (n, d) uniforms.
    """

    kind: np.ndarray
    recovery: np.ndarray
    speed: np.ndarray
    pain_swing: np.ndarray
    pain_day: np.ndarray
    disability_swing: np.ndarray
    flare: np.ndarray


@dataclass(frozen=True, slots=True)
class NaturalCourse:
    """Course of n patients over d days under usual care.

    Attributes
    ----------
    kind
        (n,) class of course, an index into :data:`CLASSES`.
    pain
        (n, d) mean pain of the day, NRS 0 to 10.
    worst_pain
        (n, d) worst pain of the day, NRS 0 to 10.
    pain_relief
        (n, d) share of baseline pain that has resolved for good (negative: got worse).
    disability
        (n, d) disability on the RMDQ scale, not yet bounded to 0 to 24.
    belief_progress
        (n, d) lagged recovery that beliefs follow.
    """

    kind: np.ndarray
    pain: np.ndarray
    worst_pain: np.ndarray
    pain_relief: np.ndarray
    disability: np.ndarray
    belief_progress: np.ndarray


def natural_course(
    course: MechanisticCourse, population: Population, patients: Patients, draws: CourseDraws
) -> NaturalCourse:
    """Let patients live through the days under usual care.

    A patient of class c recovers a share rho of the symptoms with time constant tau,
    R(t) = rho (1 - exp(-t / tau)). Pain falls by a fixed ratio of R and carries slow swings (an
    Ornstein-Uhlenbeck process that starts from 0 at baseline), day-to-day variation and flares,
    which both shrink as the symptoms resolve.
    Disability follows pain, beliefs and its own recovery with an exponential lag.
    """
    days = draws.pain_swing.shape[1]
    time = np.maximum(np.arange(days) - LEAD_IN, 0).astype(np.float32)
    classes = (course.recovering, course.fluctuating, course.persistent)
    kind = _choose_class(classes, population, patients, draws.kind)

    def per_class(field: str) -> np.ndarray:
        return np.take(np.array([getattr(c, field) for c in classes], dtype=np.float32), kind)

    share = per_class("recovery") + per_class("recovery_sd") * draws.recovery
    share = share - (
        course.recovery_per_depression * patients.scores["depression"]
        + course.recovery_per_stress * patients.scores["stress"]
        + course.recovery_per_comorbidity * patients.values["comorbidities"]
    )
    share = np.clip(share, -1.0, 1.0)
    speed = per_class("time_constant") * np.exp(course.time_constant_spread * draws.speed)
    resolved = (
        share.astype(np.float32)[:, None]
        * -np.expm1(-time[None, :] / speed.astype(np.float32)[:, None])
    ).astype(np.float32)

    pain_relief = np.float32(course.pain_recovery) * resolved
    level = patients.values["pain"].astype(np.float32)[:, None] * (1.0 - pain_relief)
    level += _swings(draws.pain_swing, course.swing_memory) * per_class("fluctuation")[:, None]
    level += np.float32(course.daily_pain_sd) * draws.pain_day * (1.0 - pain_relief)
    flare = draws.flare < np.float32(course.flares_per_week / 7.0)
    rise = flare * (np.float32(course.flare_height) * (1.0 - pain_relief))
    pain = np.clip(level + rise * np.float32(course.flare_duration), 0.0, 10.0)
    worst = np.clip(level + rise, 0.0, 10.0)

    beliefs = _lag(resolved, course.belief_lag)
    target = (
        np.float32(course.disability_from_pain) * pain_relief
        + np.float32(course.disability_from_beliefs) * beliefs
        + np.float32(course.disability_own) * resolved
    )
    start = patients.values["disability"].astype(np.float32)[:, None]
    disability = start * (1.0 - _lag(target, course.disability_lag))
    disability += np.float32(course.disability_swing_sd) * _swings(
        draws.disability_swing, course.swing_memory
    )
    return NaturalCourse(kind, pain, worst, pain_relief, disability, beliefs)


def belief_swings(normals: np.ndarray, days: np.ndarray, memory: float) -> np.ndarray:
    """Return slow swings of beliefs at some days, 0 at day 0.

    Parameters
    ----------
    normals
        (n, v) standard normals.
    days
        (v,) days since randomization, increasing.
    memory
        Time constant in days.

    Returns
    -------
    (n, v) an Ornstein-Uhlenbeck process of stationary SD 1, exact at the given days.
    """
    swings = np.empty_like(normals)
    value, last = np.zeros(len(normals)), 0.0
    for column, day in enumerate(days):
        keep = np.exp(-(day - last) / memory)
        value = keep * value + np.sqrt(1.0 - keep**2) * normals[:, column]
        swings[:, column], last = value, day
    return swings


def _choose_class(
    classes: tuple[CourseClass, ...],
    population: Population,
    patients: Patients,
    uniforms: np.ndarray,
) -> np.ndarray:
    """Choose each patient's class by the duration of the episode."""
    levels = len(population.margins["duration"].levels)  # type: ignore[union-attr]
    long = patients.values["duration"] == levels - 1
    short_edges = np.cumsum([c.share_short for c in classes])[:-1]
    long_edges = np.cumsum([c.share_long for c in classes])[:-1]
    return np.where(
        long,
        np.searchsorted(long_edges, uniforms, side="right"),
        np.searchsorted(short_edges, uniforms, side="right"),
    )


def _swings(normals: np.ndarray, memory: float) -> np.ndarray:
    """Filter daily normals into an AR(1) of stationary SD 1 that is 0 until day 0."""
    keep = np.exp(-1.0 / memory)
    innovations = normals * np.float32(np.sqrt(1.0 - keep**2))
    innovations[:, : LEAD_IN + 1] = 0.0
    return _first_order(innovations, keep)


def _lag(target: np.ndarray, lag: float) -> np.ndarray:
    """Follow a target with an exponential lag in days, from 0."""
    keep = np.exp(-1.0 / lag)
    return _first_order(target * np.float32(1.0 - keep), keep)


def _first_order(series: np.ndarray, keep: float) -> np.ndarray:
    """Return y with y(t) = keep y(t-1) + x(t)."""
    coefficients = np.array([1.0, -keep], dtype=np.float32)
    return np.asarray(signal.lfilter(np.ones(1, np.float32), coefficients, series, axis=1))
