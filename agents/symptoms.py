"""The natural course: pain, disability and beliefs under usual care, day by day.

This module is independent of arms and app. The effects of the app are in :mod:`agents.pathway`,
added to the course that the same patient would have had under usual care.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from agents.population import Patients
from scenarios.compiled.kernels import kernel
from scenarios.people.course import MechanisticCourse, Remission
from scenarios.people.patients import Population

LEAD_IN = 7
"""Days before randomization that are simulated too: column ``LEAD_IN`` of a course is day 0."""

_MOST_CONTACTS = 60

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
    contacts
        (n,) uniforms for the number of contacts with the clinician.
    pain_swing, pain_day, disability_swing, worst
        (n, d) normals.
    flare, recurrence
        (n, d) uniforms.
    """

    kind: np.ndarray
    recovery: np.ndarray
    speed: np.ndarray
    contacts: np.ndarray
    pain_swing: np.ndarray
    pain_day: np.ndarray
    disability_swing: np.ndarray
    worst: np.ndarray
    flare: np.ndarray
    recurrence: np.ndarray


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
    resolved
        (n, d) share of the symptoms that has resolved.
    """

    kind: np.ndarray
    pain: np.ndarray
    worst_pain: np.ndarray
    pain_relief: np.ndarray
    disability: np.ndarray
    belief_progress: np.ndarray
    resolved: np.ndarray


def natural_course(
    course: MechanisticCourse,
    population: Population,
    patients: Patients,
    mean_contacts: np.ndarray,
    draws: CourseDraws,
    gain: np.ndarray,
) -> NaturalCourse:
    """Simulate the course of patients under usual care.

    A patient of class c recovers a share rho of the symptoms with time constant tau, and usual care
    relieves a share u(t) of what is left:
    R(t) = 1 - (1 - rho (1 - exp(-t / tau))) (1 - u(t)). Pain falls by a fixed ratio of R and
    carries slow swings (an Ornstein-Uhlenbeck process that starts from 0 at baseline), and in
    remission it rests (:func:`rest`). Day-to-day variation and flares are in proportion to the
    level of pain, relative to its start. Disability follows pain and its swings, beliefs and its
    own recovery with an exponential lag.

    Parameters
    ----------
    course, population
        The scenario's ``[course]`` and ``[population]``.
    patients
        Traits of n patients.
    mean_contacts
        (n,) mean number of contacts with the patient's kind of clinician.
    draws
        Of the same n patients.
    gain
        (n,) additional share of the symptoms that resolves, such as the effect of a clinic whose
        patients recover better than others.
    """
    days = draws.pain_swing.shape[1]
    time = np.maximum(np.arange(days) - LEAD_IN, 0).astype(np.float32)
    kind = _choose_class(course, population, patients, draws.kind)

    def per_class(field: str) -> np.ndarray:
        values = [getattr(c, field) for c in course.classes]
        return np.take(np.array(values, dtype=np.float32), kind)

    share = per_class("recovery") + per_class("recovery_sd") * draws.recovery
    for trait, weight in course.prognosis.items():
        share = share + weight * patients.scores[trait]
    share = np.clip(share + gain, -1.0, 1.0).astype(np.float32)
    speed = (per_class("time_constant") * np.exp(course.time_constant_spread * draws.speed)).astype(
        np.float32
    )
    resolved = share[:, None] * -np.expm1(-time[None, :] / speed[:, None])
    cared = _usual_care(course, mean_contacts, draws.contacts, time)
    resolved += (1.0 - resolved) * cared

    pain_relief = np.float32(course.pain_recovery) * resolved
    start_pain = patients.values["pain"].astype(np.float32)[:, None]
    structural = start_pain * (1.0 - pain_relief)
    passing = _swings(draws.pain_swing, course.swing_memory) * per_class("fluctuation")[:, None]
    rest(structural, passing, draws.recurrence, RemissionRules.of(course.remission))
    level = structural + passing
    left = np.clip(level / np.maximum(start_pain, 1.0), 0.0, 1.5)
    rise, rise_of_day = _flares(course, draws.flare)
    level += np.float32(course.daily_pain_sd) * draws.pain_day * left
    pain = np.clip(level + rise_of_day * left, 0.0, 10.0)
    # The mean of a half-normal is sqrt(2 / pi) of its SD.
    above = np.float32(course.worst_above_mean * np.sqrt(np.pi / 2.0)) * np.abs(draws.worst)
    worst = np.clip(level + (rise + above) * left, 0.0, 10.0)

    beliefs = _lag(resolved, course.belief_lag)
    start = patients.values["disability"].astype(np.float32)[:, None]
    target = start * (
        np.float32(course.disability_from_pain) * pain_relief
        + np.float32(course.disability_from_beliefs) * beliefs
        + np.float32(course.disability_own) * resolved
    )
    target -= np.float32(course.disability_from_swings) * passing
    disability = start - _lag(target, course.disability_lag)
    disability += np.float32(course.disability_swing_sd) * _swings(
        draws.disability_swing, course.swing_memory
    )
    return NaturalCourse(kind, pain, worst, pain_relief, disability, beliefs, resolved)


class RemissionRules(NamedTuple):
    """When pain rests and comes back; see :class:`scenarios.people.course.Remission`."""

    below: np.float32
    days: int
    pain_left: np.float32
    recurrence: np.float32
    height: np.float32
    keep: np.float32

    @classmethod
    def of(cls, remission: Remission) -> "RemissionRules":
        """Return the rules of a scenario."""
        return cls(
            np.float32(remission.below),
            remission.days,
            np.float32(remission.pain_left),
            np.float32(remission.recurrence),
            np.float32(remission.height),
            np.float32(np.exp(-1.0 / remission.fading)),
        )


@kernel
def rest(
    structural: np.ndarray, passing: np.ndarray, recurrence: np.ndarray, rules: RemissionRules
) -> None:
    """Let pain rest in remission, and come back.

    Remission begins after some days in a row on which the level of pain, day-to-day variation and
    flares aside, is hardly any. It ends at random; pain then rises and the rise fades, on top of
    the swings.

    Parameters
    ----------
    structural, passing
        (n, days) NRS points: what is left of baseline pain, and what comes and goes on top of it;
        the latter is changed.
    recurrence
        (n, days) uniforms.
    rules
        When pain rests and comes back.
    """
    for row in range(len(passing)):
        quiet, resting, rise = 0, False, np.float32(0.0)
        for day in range(passing.shape[1]):
            if resting and recurrence[row, day] < rules.recurrence:
                quiet, resting, rise = 0, False, rules.height
            if resting and rules.pain_left < np.float32(1.0):
                level = structural[row, day] + passing[row, day]
                passing[row, day] = level * rules.pain_left - structural[row, day]
            passing[row, day] += rise
            rise = rise * rules.keep
            low = structural[row, day] + passing[row, day] <= rules.below
            quiet = quiet + 1 if low else 0
            resting = resting or quiet >= rules.days


def belief_swings(normals: np.ndarray, days: np.ndarray, memory: float) -> np.ndarray:
    """Return slow swings of beliefs at some days.

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
    (n, v) a stationary Ornstein-Uhlenbeck process of SD 1, exact at the given days.
    """
    swings = np.empty_like(normals)
    swings[:, 0] = normals[:, 0]
    for column in range(1, len(days)):
        keep = np.exp(-(days[column] - days[column - 1]) / memory)
        fresh = np.sqrt(1.0 - keep**2) * normals[:, column]
        swings[:, column] = keep * swings[:, column - 1] + fresh
    return swings


def _choose_class(
    course: MechanisticCourse, population: Population, patients: Patients, uniforms: np.ndarray
) -> np.ndarray:
    """Choose each patient's class by the duration of the episode."""
    shares = np.array([c.shares for c in course.classes])
    levels = len(population.margins["duration"].levels)  # type: ignore[union-attr]
    if shares.shape[1] != levels:
        raise ValueError(f"course: shares for {shares.shape[1]} of {levels} levels of duration")
    edges = np.cumsum(shares, axis=0)[:-1]
    level = patients.values["duration"].astype(np.int64)
    return np.asarray((uniforms >= edges[:, level]).sum(axis=0))


def _usual_care(
    course: MechanisticCourse, mean_contacts: np.ndarray, uniforms: np.ndarray, time: np.ndarray
) -> np.ndarray:
    """Return the share of symptoms relieved by usual care, (n, days).

    Contacts are Poisson in number and spread evenly over the period; each relieves the same share
    of what is left, for good.
    """
    care = course.usual_care
    contacts = np.zeros(len(uniforms))
    for mean in np.unique(mean_contacts):
        chosen = mean_contacts == mean
        up_to = special.pdtr(np.arange(_MOST_CONTACTS), mean)
        contacts[chosen] = np.searchsorted(up_to, uniforms[chosen], side="right")
    keep = np.log1p(-care.relief_per_contact) * contacts.astype(np.float32)
    progress = np.minimum(time / np.float32(care.period), 1.0)
    return np.asarray(-np.expm1(keep[:, None] * progress), dtype=np.float32)


def _flares(course: MechanisticCourse, uniforms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rise of the day's worst and of its mean pain by flares, (n, days) each."""
    flares = course.flares
    onset = flares.per_week / 7.0
    begins_long = uniforms < np.float32(onset * flares.long_share)
    begins_short = (uniforms < np.float32(onset)) & ~begins_long
    height = np.float32(flares.height)
    lasting = _first_order(begins_long * height, float(np.exp(-1.0 / flares.long_duration)))
    short = begins_short * height
    return lasting + short, lasting + short * np.float32(flares.short_duration)


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
    return filtered(series.astype(np.float32), np.float32(keep))


@kernel
def filtered(series: np.ndarray, keep: np.float32) -> np.ndarray:
    """Filter each row of a series, (n, days), in its own precision; see :func:`_first_order`."""
    filtered = np.empty_like(series)
    for row in range(len(series)):
        last = np.float32(0.0)
        for day in range(series.shape[1]):
            last = keep * last + series[row, day]
            filtered[row, day] = last
    return filtered
