"""Everybody who expresses interest: who they are, and what will become of them before allocation.

A candidate's fate (reached or not, eligible or not, willing or not) is settled by the candidate's
own luck; when it happens, and who is randomized before the trial is full, is up to the events in
:mod:`sim.recruitment`.
"""

from dataclasses import dataclass

import numpy as np

from agents.instruments import ITEMS, LEANINGS, screen
from agents.population import NEED_NAMES, Patients, draw_patients
from scenarios.design import Delay
from scenarios.schema import Scenario
from sim.streams import Mechanism, Streams

NOT_REACHED = "could not be reached"
REFUSED_AT_CONTACT = "refused to participate"
LOW_RMDQ = "RMDQ below the minimum"
REFUSED_AT_SCREENING = "refused to participate after screening"
RANDOMIZED = "randomized"

_CHUNK = 256


@dataclass(frozen=True, slots=True)
class Candidates:
    """n interested patients in the order in which they express interest.

    Attributes
    ----------
    patients
        Their traits.
    leaning
        (n, leanings) standard normals, single precision: how each leans in answering each item.
    interest_day
        (n,) day of interest, days since the trial opened.
    contact_delay, questionnaire_delay
        (n,) days from interest to contact, and from screening to the baseline questionnaire.
    stratum
        (n,) index into the scenario's strata.
    fate
        (n,) index into ``fates``.
    fates
        Names of the fates: not reached, refused, each exclusion reason, low RMDQ, refused after
        screening, randomized.
    """

    patients: Patients
    leaning: np.ndarray
    interest_day: np.ndarray
    contact_delay: np.ndarray
    questionnaire_delay: np.ndarray
    stratum: np.ndarray
    fate: np.ndarray
    fates: tuple[str, ...]

    @property
    def eligible(self) -> np.ndarray:
        """Candidate numbers of those who can be randomized, in order of interest."""
        return np.flatnonzero(self.fate == len(self.fates) - 1)


def fate_names(scenario: Scenario) -> tuple[str, ...]:
    """Return the possible fates of a candidate, in the order they are decided."""
    reasons = tuple(exclusion.reason for exclusion in scenario.recruitment.exclusions)
    return (
        NOT_REACHED, REFUSED_AT_CONTACT, *reasons, LOW_RMDQ, REFUSED_AT_SCREENING, RANDOMIZED,
    )  # fmt: skip


def draw_candidates(scenario: Scenario, streams: Streams) -> Candidates:
    """Draw enough candidates to fill the trial, in chunks that do not depend on its size.

    Delays are bounded, so nobody interested later than the longest delays after the candidate
    who fills the sample can be randomized before that candidate: drawing stops there.

    Raises
    ------
    RuntimeError
        If hardly any candidate is eligible, so that the trial would not fill.
    """
    recruitment = scenario.recruitment
    slack = recruitment.contact.longest + recruitment.questionnaire.longest
    wanted = scenario.trial.sample_size
    chunks: list[Candidates] = []
    eligible, full_on, last_day = 0, np.inf, 0.0
    while last_day <= full_on + slack:
        chunk = _draw_chunk(scenario, streams, len(chunks), last_day)
        chunks.append(chunk)
        found = chunk.eligible
        if eligible < wanted <= eligible + len(found):
            full_on = float(chunk.interest_day[found[wanted - eligible - 1]])
        eligible += len(found)
        last_day = float(chunk.interest_day[-1])
        if len(chunks) * _CHUNK > 20_000 + 200 * wanted:
            raise RuntimeError("recruitment: hardly any candidate is eligible")
    return _concatenate(chunks)


def _draw_chunk(scenario: Scenario, streams: Streams, number: int, start: float) -> Candidates:
    """Draw the next candidates; their draws belong to the chunk's number alone."""
    recruitment = scenario.recruitment
    traits = streams.generator(Mechanism.TRAITS, number)
    needs = streams.generator(Mechanism.NEEDS, number)
    patients = draw_patients(
        scenario.population,
        scenario.needs,
        traits.standard_normal((_CHUNK, len(scenario.population.margins))),
        needs.standard_normal((_CHUNK, len(NEED_NAMES))),
    )
    gaps = streams.generator(Mechanism.INTEREST, number).standard_exponential(_CHUNK)
    contact = streams.generator(Mechanism.CONTACT, number).random((_CHUNK, 4))
    screening = streams.generator(Mechanism.SCREENING, number)
    chances = screening.random((_CHUNK, 2))
    leaning = streams.generator(Mechanism.ITEM_LEANING, number).standard_normal(
        (_CHUNK, LEANINGS), dtype=np.float32
    )
    chance = streams.generator(Mechanism.SCREENING_ITEMS, number).standard_normal(
        (_CHUNK, len(ITEMS["rmdq"])), dtype=np.float32
    )
    screened = screen(scenario.instruments, patients.values["disability"], leaning, chance)
    shares = np.cumsum([stratum.share for stratum in scenario.trial.strata])
    return Candidates(
        patients=patients,
        leaning=leaning,
        interest_day=start + np.cumsum(gaps) / recruitment.interest_per_day,
        contact_delay=bounded_delay(recruitment.contact, contact[:, 0]),
        questionnaire_delay=bounded_delay(recruitment.questionnaire, contact[:, 1]),
        stratum=np.searchsorted(shares / shares[-1], contact[:, 2], side="right"),
        fate=_fates(scenario, contact[:, 3], chances, screened),
        fates=fate_names(scenario),
    )


def _fates(
    scenario: Scenario, contact: np.ndarray, chances: np.ndarray, screened: np.ndarray
) -> np.ndarray:
    """Decide each candidate's fate: the first reason that applies, in the order of the flow."""
    recruitment = scenario.recruitment
    reasons = len(recruitment.exclusions)
    low, refused, randomized = reasons + 2, reasons + 3, reasons + 4
    edges = np.cumsum([exclusion.probability for exclusion in recruitment.exclusions])
    excluded = np.searchsorted(edges, chances[:, 0], side="right")
    fate = np.where(chances[:, 1] < recruitment.refused_at_screening, refused, randomized)
    fate = np.where(screened < recruitment.minimum_rmdq, low, fate)
    fate = np.where(excluded < reasons, excluded + 2, fate)
    at_contact = recruitment.not_reached + recruitment.refused_at_contact
    fate = np.where(contact < at_contact, 1, fate)
    return np.where(contact < recruitment.not_reached, 0, fate)


def bounded_delay(delay: Delay, uniforms: np.ndarray) -> np.ndarray:
    """Return exponential waiting times in days, cut off at the longest."""
    reach = -np.expm1(-delay.longest / delay.mean)
    return np.asarray(-delay.mean * np.log1p(-uniforms * reach))


def _concatenate(chunks: list[Candidates]) -> Candidates:
    def joined(field: str) -> np.ndarray:
        return np.concatenate([getattr(chunk, field) for chunk in chunks])

    patients = Patients(
        {
            name: np.concatenate([chunk.patients.values[name] for chunk in chunks])
            for name in chunks[0].patients.values
        },
        {
            name: np.concatenate([chunk.patients.scores[name] for chunk in chunks])
            for name in chunks[0].patients.scores
        },
        np.concatenate([chunk.patients.needs for chunk in chunks]),
    )
    return Candidates(
        patients=patients,
        leaning=joined("leaning"),
        interest_day=joined("interest_day"),
        contact_delay=joined("contact_delay"),
        questionnaire_delay=joined("questionnaire_delay"),
        stratum=joined("stratum"),
        fate=joined("fate"),
        fates=chunks[0].fates,
    )
