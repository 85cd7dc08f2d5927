"""Everybody who expresses interest: who they are, and what will become of them before allocation.

A candidate's fate (reached or not, eligible or not, willing or not, done with the run-in or not) is
settled by the candidate's own draws; when it happens, and who is randomized before the trial is
full, is up to the events in :mod:`sim.enrolment.recruitment`.

Draws after randomization belong to a row of the cohort. Limits of pain and duration and a run-in
exclude people, but take no rows from them: who is left is the same person with the same draws as
in the trial without them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.instruments import ITEMS, LEANINGS, screen, screen_pain
from agents.population import NEED_NAMES, Patients, draw_patients
from scenarios.design.run_in import NoRunIn, run_in_days
from scenarios.design.trial import Delay
from scenarios.schema import Scenario
from sim.core.staff import WorkingHours, teams_of_strata, working_hours
from sim.core.streams import Mechanism, Streams, normals_by_name, uniforms_by_name
from sim.enrolment.calls import calls_needed, last_calls
from sim.enrolment.dispositions import RUN_IN_FAILED, Screening, decide_fates, fate_names
from sim.enrolment.run_in import RunIn

LONGEST_QUEUE = 7.0
"""Days for which screening may wait for a free assistant without more candidates being drawn."""

_CHUNK = 256
"""Candidates drawn at once; part of the definition of the draws, so it must not change."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """n interested patients in the order in which they express interest.

    Attributes
    ----------
    patients
        Their traits.
    leaning
        Outcome to (leanings, n) standard normals, single precision: how each leans in answering
        each item.
    interest_day
        (n,) day of interest, days since the trial opened.
    calls
        (n,) calls made, up to the one that is taken or the last one tried.
    call_day
        (n,) day of the last of these calls.
    questionnaire_delay
        (n,) days from screening, or from the end of the run-in, to the baseline questionnaire.
    stratum
        (n,) index into the scenario's strata.
    fate
        (n,) index into ``fates``.
    in_cohort
        (n,) whether a row of the cohort belongs to the candidate: would be randomized if there were
        no limits of pain and duration and no run-in.
    fates
        Names of the fates, see :func:`fate_names`.
    """

    patients: Patients
    leaning: dict[str, np.ndarray]
    interest_day: np.ndarray
    calls: np.ndarray
    call_day: np.ndarray
    questionnaire_delay: np.ndarray
    stratum: np.ndarray
    fate: np.ndarray
    in_cohort: np.ndarray
    fates: tuple[str, ...]

    @property
    def eligible(self) -> np.ndarray:
        """Candidate numbers of those who can be randomized, in order of interest."""
        return np.flatnonzero(self.fate == len(self.fates) - 1)


def traits_decide(scenario: Scenario) -> bool:
    """Return whether who is randomized depends on what somebody is like, not on chance alone."""
    recruitment = scenario.recruitment
    return bool(
        recruitment.minimum_rmdq
        or recruitment.eligibility
        or recruitment.minimum_pain > 0
        or recruitment.minimum_duration
        or recruitment.run_in.kind == "app"
    )


def draw_candidates(scenario: Scenario, streams: Streams) -> Candidates:
    """Draw enough candidates to fill the trial, in chunks that do not depend on its size.

    Raises
    ------
    RuntimeError
        If hardly any candidate is eligible, so that the trial would not fill.
    """
    (people,) = draw_candidates_of_each(scenario, [streams])
    return people


def draw_candidates_of_each(
    scenario: Scenario, trials: Sequence[Streams], *, traits: bool = True
) -> list[Candidates]:
    """Draw the candidates of several trials, as :func:`draw_candidates` draws those of each.

    Nobody can be randomized before expressing interest: drawing stops when the last interest is
    later than the day by which enough others have been randomized, unless staff fall behind.

    Parameters
    ----------
    scenario, trials
        What is recruited for, and the random streams of each trial.
    traits
        Without them candidates come and go on the same days, but nobody is described: only where
        nothing reads a trait, see :func:`traits_decide`.

    Raises
    ------
    RuntimeError
        If hardly any candidate of a trial is eligible, so that it would not fill.
    """
    recruitment = scenario.recruitment
    slack = recruitment.questionnaire.longest + LONGEST_QUEUE + run_in_days(recruitment.run_in)
    by_team = working_hours(scenario)
    hours = [by_team[name] for name in teams_of_strata(scenario)]
    drawn = [_Drawn(scenario, streams) for streams in trials]
    waiting, number = drawn, 0
    while waiting:
        streams = [trial.streams for trial in waiting]
        start = np.array([trial.last_day for trial in waiting])
        chunks = _draw_chunks(scenario, streams, hours, number, start, traits=traits)
        for trial, chunk in zip(waiting, chunks, strict=True):
            trial.add(chunk)
        waiting = [trial for trial in waiting if not trial.full(slack)]
        number += 1
        if waiting and number * _CHUNK > 20_000 + 200 * scenario.trial.sample_size:
            raise RuntimeError("recruitment: hardly any candidate is eligible")
    return [_concatenate(trial.chunks) for trial in drawn]


class _Drawn:
    """The candidates of a trial that have been drawn so far.

    Attributes
    ----------
    streams, chunks
        The trial's random streams, and the candidates drawn of them.
    last_day
        Day of the last interest.
    """

    def __init__(self, scenario: Scenario, streams: Streams) -> None:
        asked = scenario.recruitment.run_in
        self.streams = streams
        self.chunks: list[Candidates] = []
        self.last_day = 0.0
        self._run_in = None if isinstance(asked, NoRunIn) else RunIn(asked, scenario, streams)
        self._missing = scenario.trial.sample_size
        self._full_on = 0.0

    def add(self, chunk: Candidates) -> None:
        """Add the next candidates, of whom the run-in leaves some."""
        if self._run_in is not None:
            chunk = _after_run_in(chunk, self._run_in)
        self.chunks.append(chunk)
        first = chunk.eligible[: max(self._missing, 0)]
        self._full_on = max(self._full_on, float(chunk.call_day[first].max(initial=0.0)))
        self._missing -= len(chunk.eligible)
        self.last_day = float(chunk.interest_day[-1])

    def full(self, slack: float) -> bool:
        """Return whether the last interest comes later than the trial is full, by some days."""
        return self._missing <= 0 and self.last_day > self._full_on + slack


def _draw_chunks(
    scenario: Scenario,
    trials: Sequence[Streams],
    hours: Sequence[WorkingHours],
    number: int,
    start: np.ndarray,
    *,
    traits: bool,
) -> list[Candidates]:
    """Draw the next candidates of some trials; draws belong to the trial and the chunk's number.

    All arrays have a row a trial.
    """
    recruitment = scenario.recruitment

    def each(mechanism: Mechanism, draw: Callable[[np.random.Generator], np.ndarray]) -> np.ndarray:
        return np.stack([draw(streams.generator(mechanism, number)) for streams in trials], axis=-2)

    def uniforms(mechanism: Mechanism, *names: str) -> np.ndarray:
        return each(mechanism, lambda source: uniforms_by_name(source, names, _CHUNK))

    people = [_undescribed()] * len(trials)
    symptoms = np.full((len(trials), 3, _CHUNK), np.inf)  # beyond any limit
    if traits:
        people = [_describe(scenario, streams, number) for streams in trials]
        symptoms = np.array(
            [
                _tell_symptoms(scenario, streams, number, *described)
                for streams, described in zip(trials, people, strict=True)
            ]
        )
    gaps = each(Mechanism.INTEREST, lambda source: source.standard_exponential(_CHUNK))
    contact, questionnaire, place, refusal_at_contact = uniforms(
        Mechanism.CONTACT, "contact", "questionnaire", "stratum", "refusal"
    )
    exclusion, refusal = uniforms(Mechanism.SCREENING, "exclusion", "refusal")
    taken = each(Mechanism.CALLS, lambda source: source.random(_CHUNK))
    shares = np.cumsum([stratum.share for stratum in scenario.trial.strata])
    stratum = np.searchsorted(shares / shares[-1], place, side="right")
    needed = calls_needed(recruitment.reached_per_call, taken)
    fate, in_cohort = decide_fates(
        scenario,
        Screening(
            calls_needed=needed,
            contact=refusal_at_contact,
            exclusion=exclusion,
            refusal=refusal,
            rmdq=symptoms[:, 0],
            pain=symptoms[:, 1],
            duration=symptoms[:, 2],
            traits=_by_trial(people),
        ),
    )
    interest_day = start[:, None] + np.cumsum(gaps, axis=1) / recruitment.interest_per_day
    calls = np.minimum(needed, recruitment.call_attempts)
    first = interest_day + bounded_delay(recruitment.contact, contact)
    call_day = last_calls(hours, stratum, first, calls, recruitment.call_gap)
    delay = bounded_delay(recruitment.questionnaire, questionnaire)
    return [
        Candidates(
            patients=patients,
            leaning=leaning,
            interest_day=interest_day[row],
            calls=calls[row],
            call_day=call_day[row],
            questionnaire_delay=delay[row],
            stratum=stratum[row],
            fate=fate[row],
            in_cohort=in_cohort[row],
            fates=fate_names(scenario),
        )
        for row, (patients, leaning) in enumerate(people)
    ]


def _by_trial(people: Sequence[tuple[Patients, dict[str, np.ndarray]]]) -> dict[str, np.ndarray]:
    """Return the traits of some trials' candidates, (trials, candidates) each."""
    described = [patients.values for patients, _ in people]
    return {name: np.stack([each[name] for each in described]) for name in described[0]}


def _undescribed() -> tuple[Patients, dict[str, np.ndarray]]:
    """Return the traits and leanings of people of whom nothing is known but that they are there."""
    return Patients({}, {}, np.empty((_CHUNK, 0))), {}


def _describe(
    scenario: Scenario, streams: Streams, number: int
) -> tuple[Patients, dict[str, np.ndarray]]:
    """Draw the traits of a chunk, and the lasting leanings in answering."""

    def normals(
        mechanism: Mechanism, names: Sequence[str], dtype: type[np.floating] = np.float64
    ) -> np.ndarray:
        return normals_by_name(streams.generator(mechanism, number), names, _CHUNK, dtype)

    patients = draw_patients(
        scenario.people,
        scenario.needs,
        normals(Mechanism.TRAITS, tuple(scenario.population.margins)),
        normals(Mechanism.NEEDS, NEED_NAMES),
    )
    if scenario.instruments is None:
        return patients, {}
    leaning = {
        outcome: normals(Mechanism.ITEM_LEANING, names, np.float32)
        for outcome, names in LEANINGS.items()
    }
    return patients, leaning


def _tell_symptoms(
    scenario: Scenario,
    streams: Streams,
    number: int,
    patients: Patients,
    leaning: dict[str, np.ndarray],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return RMDQ, pain and the code of the episode's duration as a chunk tells at screening.

    Without the instruments of a mechanistic course they are beyond any limit.
    """
    instruments = scenario.instruments
    if instruments is None:
        nothing = np.full(_CHUNK, np.inf)
        return nothing, nothing, nothing
    items = streams.generator(Mechanism.SCREENING_ITEMS, number)
    chance = normals_by_name(items, ITEMS["rmdq"], _CHUNK, np.float32)
    pain_error = streams.generator(Mechanism.SCREENING_PAIN, number).standard_normal(_CHUNK)
    values = patients.values
    return (
        screen(instruments, values["disability"], leaning["rmdq"].T, chance.T),
        screen_pain(instruments.nrs, values["pain"], pain_error),
        values["duration"],
    )


def _after_run_in(chunk: Candidates, run_in: RunIn) -> Candidates:
    """Return a chunk in which those who do not complete the run-in are not randomized."""
    rows = np.flatnonzero(chunk.in_cohort)
    failed = np.zeros(len(chunk.fate), dtype=bool)
    failed[rows] = ~run_in.completed(chunk.patients.take(rows))
    failed &= chunk.fate == len(chunk.fates) - 1
    return replace(chunk, fate=np.where(failed, chunk.fates.index(RUN_IN_FAILED), chunk.fate))


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
        leaning={
            name: np.concatenate([chunk.leaning[name] for chunk in chunks], axis=1)
            for name in chunks[0].leaning
        },
        interest_day=joined("interest_day"),
        calls=joined("calls"),
        call_day=joined("call_day"),
        questionnaire_delay=joined("questionnaire_delay"),
        stratum=joined("stratum"),
        fate=joined("fate"),
        in_cohort=joined("in_cohort"),
        fates=chunks[0].fates,
    )
