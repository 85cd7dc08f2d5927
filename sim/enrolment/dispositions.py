"""Dispositions of candidates before allocation, and how they are decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from scenarios.design.run_in import NoRunIn
from scenarios.design.trial import Eligibility
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
        *((LOW_RMDQ,) if recruitment.minimum_rmdq is not None else ()),
        *((LOW_PAIN,) if recruitment.minimum_pain > 0 else ()),
        *((SHORT_EPISODE,) if recruitment.minimum_duration else ()),
        *dict.fromkeys(each.reason for each in recruitment.eligibility),
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
    traits
        Trait to (m,) values, codes of levels.
    """

    calls_needed: np.ndarray
    contact: np.ndarray
    exclusion: np.ndarray
    refusal: np.ndarray
    rmdq: np.ndarray
    pain: np.ndarray
    duration: np.ndarray
    traits: Mapping[str, np.ndarray] = field(default_factory=dict)


def decide_fates(scenario: Scenario, given: Screening) -> tuple[np.ndarray, np.ndarray]:
    """Decide each candidate's fate: the first reason that applies, in the order of the flow.

    The run-in is still to come.

    Returns
    -------
    (m,) indices into :func:`fate_names`, and (m,) whether the candidate would be randomized if
    nothing of pain, duration or covariates were required.
    """
    recruitment, fates = scenario.recruitment, fate_names(scenario)
    reasons, randomized = len(recruitment.exclusions), fates.index(RANDOMIZED)
    refused = fates.index(REFUSED_AT_SCREENING)
    edges = np.cumsum([exclusion.probability for exclusion in recruitment.exclusions])
    excluded = np.searchsorted(edges, given.exclusion, side="right")
    fate = np.where(given.refusal < recruitment.refused_at_screening, refused, randomized)
    if recruitment.minimum_rmdq is not None:
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
    """Return who is not what a scenario requires beyond the minimum RMDQ, by fate."""
    recruitment, margin = scenario.recruitment, scenario.population.margins.get("duration")
    found: dict[str, np.ndarray] = {}
    if recruitment.minimum_pain > 0:
        found[LOW_PAIN] = given.pain < recruitment.minimum_pain
    if recruitment.minimum_duration and isinstance(margin, Categories):
        found[SHORT_EPISODE] = given.duration < margin.levels.index(recruitment.minimum_duration)
    for each in recruitment.eligibility:
        missed = _not_eligible(each, given.traits[each.covariate], scenario)
        found[each.reason] = found.get(each.reason, False) | missed
    return found


def _not_eligible(asked: Eligibility, values: np.ndarray, scenario: Scenario) -> np.ndarray:
    """Return whose covariate is not what is asked for."""
    if asked.levels:
        order = scenario.levels[asked.covariate]
        return ~np.isin(values, [order.index(level) for level in asked.levels])
    low = -np.inf if asked.minimum is None else asked.minimum
    high = np.inf if asked.maximum is None else asked.maximum
    return (values < low) | (values > high)
