"""Dispositions of candidates before allocation, and how they are decided."""

from dataclasses import dataclass

import numpy as np

from scenarios.design.run_in import NoRunIn
from scenarios.people.patients import Categories
from scenarios.schema import Scenario

NOT_REACHED = "could not be reached"
REFUSED_AT_CONTACT = "refused to participate"
LOW_RMDQ = "RMDQ below the minimum"
LOW_PAIN = "pain below the minimum"
SHORT_EPISODE = "episode shorter than the minimum"
BELOW_MINIMUM = (LOW_RMDQ, LOW_PAIN, SHORT_EPISODE)
"""The fates of those whose disability, pain or duration is below what inclusion requires."""
REFUSED_AT_SCREENING = "refused to participate after screening"
RUN_IN_FAILED = "did not complete the run-in"
RANDOMIZED = "randomized"
AT_CONTACT = (NOT_REACHED, REFUSED_AT_CONTACT)
"""The fates, the first ones, of those who are never assessed."""


def fate_names(scenario: Scenario) -> tuple[str, ...]:
    """Return the possible fates of a candidate, in the order they are decided.

    Not reached, refused, each exclusion reason, RMDQ below the minimum, refused after screening,
    randomized; and in their place those of the minimum pain and duration, and of the run-in, that
    a scenario has.
    """
    recruitment = scenario.recruitment
    reasons = tuple(exclusion.reason for exclusion in recruitment.exclusions)
    return (
        *AT_CONTACT,
        *reasons,
        LOW_RMDQ,
        *((LOW_PAIN,) if recruitment.minimum_pain > 0 else ()),
        *((SHORT_EPISODE,) if recruitment.minimum_duration else ()),
        REFUSED_AT_SCREENING,
        *(() if isinstance(recruitment.run_in, NoRunIn) else (RUN_IN_FAILED,)),
        RANDOMIZED,
    )


@dataclass(frozen=True, slots=True)
class Screening:
    """What decides about m candidates.

    Attributes
    ----------
    calls_needed
        (m,) calls until one is taken.
    contact, exclusion, refusal
        (m,) uniforms: of refusing when called, of the reasons for exclusion, of refusing although
        eligible.
    rmdq, pain
        (m,) as reported at screening.
    duration
        (m,) codes of the episode's duration.
    """

    calls_needed: np.ndarray
    contact: np.ndarray
    exclusion: np.ndarray
    refusal: np.ndarray
    rmdq: np.ndarray
    pain: np.ndarray
    duration: np.ndarray


def decide_fates(scenario: Scenario, given: Screening) -> tuple[np.ndarray, np.ndarray]:
    """Decide each candidate's fate: the first reason that applies, in the order of the flow.

    The run-in is still to come.

    Returns
    -------
    (m,) indices into :func:`fate_names`, and (m,) whether the candidate would be randomized if
    no minimum of pain or duration were required.
    """
    recruitment, fates = scenario.recruitment, fate_names(scenario)
    reasons, randomized = len(recruitment.exclusions), fates.index(RANDOMIZED)
    refused = fates.index(REFUSED_AT_SCREENING)
    edges = np.cumsum([exclusion.probability for exclusion in recruitment.exclusions])
    excluded = np.searchsorted(edges, given.exclusion, side="right")
    fate = np.where(given.refusal < recruitment.refused_at_screening, refused, randomized)
    fate = np.where(given.rmdq < recruitment.minimum_rmdq, fates.index(LOW_RMDQ), fate)
    fate = np.where(excluded < reasons, excluded + len(AT_CONTACT), fate)
    fate = np.where(given.contact < recruitment.refused_at_contact, 1, fate)
    fate = np.where(given.calls_needed > recruitment.call_attempts, 0, fate)
    in_cohort = fate == randomized
    asked = in_cohort | (fate == refused)
    for name, below in _below_minimum(scenario, given).items():
        fate = np.where(asked & below, fates.index(name), fate)
        asked &= ~below
    return fate, in_cohort


def _below_minimum(scenario: Scenario, given: Screening) -> dict[str, np.ndarray]:
    """Return who is below the minimum pain or duration that a scenario requires, by fate."""
    recruitment, margin = scenario.recruitment, scenario.population.margins["duration"]
    found: dict[str, np.ndarray] = {}
    if recruitment.minimum_pain > 0:
        found[LOW_PAIN] = given.pain < recruitment.minimum_pain
    if recruitment.minimum_duration and isinstance(margin, Categories):
        found[SHORT_EPISODE] = given.duration < margin.levels.index(recruitment.minimum_duration)
    return found
