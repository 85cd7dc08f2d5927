"""Contacts of a trial's participants week by week, while the clock runs or after it has stopped.

Contacts that relieve change what happens next, so they are made on the clock: on the evening of the
day of randomization, when all else of that day is done, for the week to come, and so every week.
Contacts that do not are made afterwards, if anybody asks for them, and cost a trial nothing.
"""

from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import simpy

from agents.care.contacts import WEEK, ContactRules, Felt, make_contacts, weeks_in
from agents.care.relief import Eased, ReliefRules, Relieved, relieve
from agents.symptoms import NaturalCourse
from scenarios.people.care import Care
from scenarios.schema import Scenario
from sim.app.records import AppRecords
from sim.care.draws import draw_contacts
from sim.core.clock import EVENING
from sim.core.cohort import Cohort
from sim.core.streams import Streams


class CareLife:
    """Contacts of all rows of a cohort.

    Attributes
    ----------
    contacts
        (n, columns) bits of :data:`scenarios.people.care.CONTACT_KINDS`; columns are days since
        randomization plus the lead-in.
    weeks
        That begin in follow-up.
    """

    def __init__(
        self,
        scenario: Scenario,
        care: Care,
        streams: Streams,
        cohort: Cohort,
        natural: NaturalCourse,
        records: AppRecords,
    ) -> None:
        n, columns = natural.pain.shape
        self.weeks = weeks_in(columns)
        self.contacts = np.zeros((n, columns), dtype=np.uint8)
        self._relieves = care.relieves
        course = scenario.mechanisms.course
        self._rules = ContactRules.of(care, scenario.mechanisms.pathway, course)
        self._cohort, self._first_weekday = cohort, scenario.trial.opens.weekday()
        self._draws = draw_contacts(scenario, care, streams, cohort, self.weeks)
        self._felt = Felt(natural.pain, records.capacity, records.flare)
        self._relief = ReliefRules.of(care, course)
        self._relieved = Relieved.nothing(n)
        self._start = cohort.patients.values["disability"].astype(np.float32)
        self._eased = Eased.of(natural)

    def pass_weeks(self, rows: np.ndarray, weeks: np.ndarray, uses_app: np.ndarray) -> None:
        """Let rows have the contacts of a week, and let these relieve if they do; (m,) each."""
        weekdays = (self._first_weekday + self._cohort.entry[rows] + 1) % WEEK
        make_contacts(
            rows, weeks, weekdays, uses_app, self._rules, self._draws, self._felt, self.contacts
        )
        if self._relieves:
            relieve(
                rows, weeks, uses_app, self._relief, self.contacts, self._relieved, self._start,
                self._eased,
            )  # fmt: skip

    def afterwards(self, rows: np.ndarray) -> None:
        """Let some rows have the contacts of all weeks, once all else has happened; (m,)."""
        cohort = self._cohort
        for week in range(self.weeks):
            uses_app = cohort.uses_app(cohort.entry + WEEK * week + EVENING)
            self.pass_weeks(rows, np.full(len(rows), week), uses_app[rows])


class CareClock:
    """Lets participants have contacts while the clock of a trial runs."""

    def __init__(
        self, env: simpy.Environment, life: CareLife, uses_app: Callable[[], np.ndarray]
    ) -> None:
        """Begin; ``uses_app`` tells who has the app at present, (n,) booleans."""
        self._env, self._life, self._uses_app = env, life, uses_app
        # Weeks begin on the same day of seven for those who were randomized on it.
        self._rows: list[list[int]] = [[] for _ in range(WEEK)]
        self._entries: list[list[int]] = [[] for _ in range(WEEK)]
        env.process(self._evenings())

    def enrol(self, row: int, entry: int) -> None:
        """Begin with a participant who is randomized today."""
        self._rows[entry % WEEK].append(row)
        self._entries[entry % WEEK].append(entry)

    def _evenings(self) -> Generator[simpy.Event, Any, None]:
        yield self._env.timeout(EVENING)
        while True:
            today = int(self._env.now)
            rows, entries = (
                np.array(of[today % WEEK], dtype=np.int64) for of in (self._rows, self._entries)
            )
            weeks = (today - entries) // WEEK
            here = weeks < self._life.weeks
            if here.any():
                rows, weeks = rows[here], weeks[here]
                self._life.pass_weeks(rows, weeks, self._uses_app()[rows])
            yield self._env.timeout(1.0)
