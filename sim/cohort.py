"""The state of everybody who may be randomized: one row a person, filled in as events happen."""

from dataclasses import dataclass, field

import numpy as np

from agents.population import Patients


@dataclass(slots=True)
class Cohort:
    """State of the n eligible candidates of a trial.

    Rows are in order of interest; a row belongs to the same person in every scenario that shares
    the seed. Days are days since the trial opened unless said otherwise; NaN or -1 means that it
    has not happened.

    Attributes
    ----------
    patients
        Traits.
    leaning
        (n, leanings) lasting leanings in answering, see :class:`agents.instruments.AnswerDraws`.
    stratum
        (n,) index into the scenario's strata.
    number
        (n,) order of randomization from 0, or -1.
    arm
        (n,) 0 control, 1 intervention, -1 not randomized.
    entry
        (n,) day of randomization (whole days).
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
        (n, visits + 1) reminders sent.
    events
        The log: (day, row, what, detail).
    """

    patients: Patients
    leaning: np.ndarray
    stratum: np.ndarray
    visits: int
    number: np.ndarray = field(init=False)
    arm: np.ndarray = field(init=False)
    entry: np.ndarray = field(init=False)
    installed: np.ndarray = field(init=False)
    quit_after: np.ndarray = field(init=False)
    withdraws_after: np.ndarray = field(init=False)
    withdrawal_reason: np.ndarray = field(init=False)
    answered: np.ndarray = field(init=False)
    reminders: np.ndarray = field(init=False)
    events: list[tuple[float, int, str, str]] = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.patients)
        self.number = np.full(n, -1)
        self.arm = np.full(n, -1)
        self.entry = np.full(n, -1)
        self.installed = np.full(n, np.iinfo(np.int64).max)
        self.quit_after = np.full(n, np.inf)
        self.withdraws_after = np.full(n, np.inf)
        self.withdrawal_reason = np.full(n, "", dtype=object)
        self.answered = np.full((n, self.visits + 1), np.nan)
        self.reminders = np.zeros((n, self.visits + 1), dtype=np.int64)
        self.events = []

    def log(self, day: float, row: int, what: str, detail: str = "") -> None:
        """Note an event."""
        self.events.append((day, row, what, detail))

    @property
    def randomized(self) -> np.ndarray:
        """Rows of the randomized, in order of randomization."""
        rows = np.flatnonzero(self.number >= 0)
        return rows[np.argsort(self.number[rows])]

    def answered_days(self) -> np.ndarray:
        """Return ``answered`` in whole days, -1 where nobody answered."""
        return np.where(np.isnan(self.answered), -1, self.answered).astype(np.int64)
