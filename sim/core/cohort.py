"""The state of all who may be randomized: one row a person, filled in as events happen."""

from dataclasses import dataclass, field

import numpy as np

from agents.population import Patients
from sim.enrolment.candidates import Candidates


@dataclass(slots=True)
class AdverseEvent:
    """A harm or adverse event that a participant reported; days on the trial's clock.

    ``reviewed`` is the day of the management meeting that discussed it, NaN before.
    """

    row: int
    reported: float
    serious: bool
    related: bool
    reviewed: float = float("nan")


@dataclass(slots=True)
class Cohort:
    """State of the n candidates who may be randomized, whatever their pain, duration and run-in.

    Rows are in order of interest; a row belongs to the same person in every scenario that shares
    the seed. Days are days since the trial opened unless stated otherwise; NaN or -1 means that it
    has not happened.

    Attributes
    ----------
    patients
        Traits.
    leaning
        Outcome to (leanings, n) lasting leanings in answering, in the order of
        :data:`agents.instruments.LEANINGS`.
    stratum
        (n,) index into the scenario's strata.
    clinic, clinic_deviation
        (n,) number of the clinic the patient comes from, -1 where there are none; how the course of
        its patients deviates, in SDs between clinics.
    number
        (n,) order of randomization from 0, or -1.
    arm
        (n,) 0 control, 1 intervention, -1 not randomized.
    entry, entered
        (n,) day of randomization, in whole days, and with the time of day.
    interest_day, calls
        (n,) day of interest, and calls made until one was taken.
    screened
        (n,) day on which screening ended.
    installed
        (n,) first whole day with the app.
    quit_after
        (n,) days after installation on which app use ends.
    withdraws_after
        (n,) days after randomization on which the person withdraws, infinite for never.
    withdrawal_reason
        (n,) text, '' where none.
    answered
        (n, visits + 1) days after randomization on which each questionnaire was answered.
    reminders
        (n, visits + 1) reminders sent, and calls made after them.
    answer_probability
        (n, visits + 1) probability with which each questionnaire would be answered in the end,
        given all that the answer depends on but the person's own tendency; NaN where none was sent.
    adverse_events
        What was reported, in the order of reports.
    events
        The log of what happened on the clock: (day, row, what, detail).
    closes
        Day on which recruitment and follow-up end if the trial is stopped before, else infinite.
    """

    patients: Patients
    leaning: dict[str, np.ndarray]
    stratum: np.ndarray
    interest_day: np.ndarray
    calls: np.ndarray
    visits: int
    closes: float = np.inf
    clinic: np.ndarray = field(init=False)
    clinic_deviation: np.ndarray = field(init=False)
    number: np.ndarray = field(init=False)
    arm: np.ndarray = field(init=False)
    entry: np.ndarray = field(init=False)
    entered: np.ndarray = field(init=False)
    screened: np.ndarray = field(init=False)
    installed: np.ndarray = field(init=False)
    quit_after: np.ndarray = field(init=False)
    withdraws_after: np.ndarray = field(init=False)
    withdrawal_reason: np.ndarray = field(init=False)
    answered: np.ndarray = field(init=False)
    reminders: np.ndarray = field(init=False)
    answer_probability: np.ndarray = field(init=False)
    events: list[tuple[float, int, str, str]] = field(init=False)
    adverse_events: list[AdverseEvent] = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.patients)
        self.clinic = np.full(n, -1)
        self.clinic_deviation = np.zeros(n)
        self.number = np.full(n, -1)
        self.arm = np.full(n, -1)
        self.entry = np.full(n, -1)
        self.entered = np.full(n, np.nan)
        self.screened = np.full(n, np.nan)
        self.installed = np.full(n, np.iinfo(np.int64).max)
        self.quit_after = np.full(n, np.inf)
        self.withdraws_after = np.full(n, np.inf)
        self.withdrawal_reason = np.full(n, "", dtype=object)
        self.answered = np.full((n, self.visits + 1), np.nan)
        self.reminders = np.zeros((n, self.visits + 1), dtype=np.int64)
        self.answer_probability = np.full((n, self.visits + 1), np.nan)
        self.events = []
        self.adverse_events = []

    def log(self, day: float, row: int, what: str, detail: str = "") -> None:
        """Note an event."""
        self.events.append((day, row, what, detail))

    def uses_app(self, day: np.ndarray) -> np.ndarray:
        """Return who has the app and has not stopped using it on a day of the trial, (n,)."""
        return np.asarray((self.installed <= day) & (day - self.installed < self.quit_after))

    @property
    def leaves(self) -> np.ndarray:
        """Days after randomization on which follow-up ends: by withdrawal, or for all, (n,)."""
        return np.asarray(np.minimum(self.withdraws_after, self.closes - self.entered))

    @property
    def randomized(self) -> np.ndarray:
        """Rows of the randomized, in order of randomization."""
        rows = np.flatnonzero(self.number >= 0)
        return rows[np.argsort(self.number[rows])]

    def forget_later_withdrawals(self) -> None:
        """Undo withdrawals, drawn at randomization, of days after a stopped trial ended."""
        later = self.entered + self.withdraws_after >= self.closes
        self.withdraws_after[later] = np.inf
        self.withdrawal_reason[later] = ""

    def answered_days(self) -> np.ndarray:
        """Return ``answered`` in whole days, -1 where nobody answered."""
        return np.where(np.isnan(self.answered), -1, self.answered).astype(np.int64)


def eligible_cohort(candidates: Candidates, visits: int, closes: float = np.inf) -> Cohort:
    """Return the cohort of all candidates who are in it, before anything has happened."""
    members = np.flatnonzero(candidates.in_cohort)
    return Cohort(
        candidates.patients.take(members),
        {name: leaning[:, members] for name, leaning in candidates.leaning.items()},
        candidates.stratum[members],
        candidates.interest_day[members],
        candidates.calls[members],
        visits,
        closes,
    )
