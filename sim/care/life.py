"""Contacts of a trial's participants week by week, while the clock runs or after it has stopped.

Contacts that relieve change what happens next, so they are made on the clock: on Sunday night for
the week to come, from the first Sunday after randomization on, when all else of that day is done.
Contacts that do not are made afterwards, if anybody asks for them, and cost a trial nothing.
"""

from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import simpy

from agents.care.contacts import WEEK, ContactRules, Felt, make_contacts
from agents.care.relief import Eased, ReliefRules, Relieved, relieve
from agents.symptoms import NaturalCourse
from scenarios.arms.given import disappointment_of
from scenarios.people.care import Care
from scenarios.schema import Scenario
from sim.app.records import AppRecords
from sim.care.draws import draw_contacts, weeks_within
from sim.core.clock import EVENING
from sim.core.cohort import Cohort
from sim.core.streams import Streams

_SUNDAY = 6
_NIGHT = (1.0 + EVENING) / 2.0
"""Time of day when all else of a day is done."""


class CareLife:
    """Contacts of all rows of a cohort.

    Attributes
    ----------
    contacts
        (n, columns) bits of :data:`scenarios.people.care.CONTACT_KINDS`; columns are days since
        randomization plus the lead-in.
    weeks
        That anybody has in follow-up, at most.
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
        self.weeks = weeks_within(columns)
        self.contacts = np.zeros((n, columns), dtype=np.uint8)
        self._relieves = care.relieves
        course = scenario.mechanisms.course
        self._rules = ContactRules.of(care, scenario.mechanisms.pathway, course)
        self._app_arms = scenario.app_arms
        self._ratio = np.array(
            [
                disappointment_of(scenario.reporting, scenario.arms, code).contacts
                for code in range(len(scenario.arms))
            ]
        )
        self._cohort, self._first_weekday = cohort, scenario.trial.opens.weekday()
        self._draws = draw_contacts(scenario, care, streams, cohort, self.weeks)
        self._felt = Felt(natural.pain, records.capacity, records.flare)
        self._relief = ReliefRules.of(care, course)
        self._relieved = Relieved.nothing(n)
        self._start = cohort.patients.values["disability"].astype(np.float32)
        self._eased = Eased.of(natural)

    def begin(self, rows: np.ndarray) -> np.ndarray:
        """Return the day of the clock on which the first week of randomized rows begins, (m,)."""
        entry = self._cohort.entry[rows]
        self._draws.monday[rows] = WEEK - (self._first_weekday + entry) % WEEK
        return np.asarray(entry + self._draws.monday[rows])

    def pass_week(self, rows: np.ndarray, weeks: np.ndarray, uses_app: np.ndarray) -> None:
        """Let rows have the contacts of a week, and let these relieve if they do; (m,) each."""
        ratio = self._ratio[self._cohort.arm[rows]]
        make_contacts(
            rows, weeks, uses_app, ratio, self._rules, self._draws, self._felt, self.contacts
        )
        if self._relieves:
            relieve(
                rows, weeks, uses_app, self._draws.monday, self._relief, self.contacts,
                self._relieved, self._start, self._eased,
            )  # fmt: skip

    def afterwards(self, rows: np.ndarray) -> None:
        """Let some rows have the contacts of all weeks, once all else has happened; (m,)."""
        begins = self.begin(np.arange(len(self.contacts)))
        for week in range(self.weeks):
            uses_app = self._cohort.uses_app(begins + WEEK * week - 1 + _NIGHT) & self._to_app()
            self.pass_week(rows, np.full(len(rows), week), uses_app[rows])

    def _to_app(self) -> np.ndarray:
        """Return who is in an arm with an app, (n,) booleans; a wristband is none."""
        return np.isin(self._cohort.arm, self._app_arms)


class CareClock:
    """Lets participants have contacts while the clock of a trial runs."""

    def __init__(
        self,
        env: simpy.Environment,
        scenario: Scenario,
        life: CareLife,
        uses_app: Callable[[], np.ndarray],
    ) -> None:
        """Begin; ``uses_app`` tells who has the app at present, (n,) booleans."""
        self._env, self._life, self._uses_app = env, life, uses_app
        self._enrolled: list[int] = []
        env.process(self._sundays(_SUNDAY - scenario.trial.opens.weekday()))

    def enrol(self, row: int) -> None:
        """Begin with a participant who is randomized today."""
        self._enrolled.append(row)

    def _sundays(self, first: int) -> Generator[simpy.Event, Any, None]:
        yield self._env.timeout(first + _NIGHT)
        while True:
            tomorrow = int(self._env.now) + 1
            rows = np.array(self._enrolled, dtype=np.int64)
            weeks = (tomorrow - self._life.begin(rows)) // WEEK
            here = weeks < self._life.weeks
            if here.any():
                rows, weeks = rows[here], weeks[here]
                self._life.pass_week(rows, weeks, self._uses_app()[rows])
            yield self._env.timeout(float(WEEK))
