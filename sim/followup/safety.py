"""Harms and adverse events: reported when they happen, reviewed at the weekly meeting."""

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from scenarios.arms.codes import REFERENCE
from scenarios.arms.given import own_table
from scenarios.schema import Scenario
from sim.core.cohort import AdverseEvent, Cohort
from sim.core.streams import BLOCK, Mechanism, Streams

Process = Generator[simpy.Event, Any, None]

_MONTH = 365.25 / 12.0
_MEETING_TIME = 0.5
"""Time of day of the meeting."""


class Safety:
    """Registers what participants report, and reviews it.

    Reports are a Poisson process for each participant, from randomization to the last visit or to
    withdrawal. With a higher rate the same draws bring the same events earlier. Where no arm has
    a rate above 0 there is nothing to register and no meeting.

    Parameters
    ----------
    env
        The trial's clock.
    scenario, streams, cohort
        Rates, random streams, and where events are kept (``cohort.adverse_events`` and the log).
    """

    def __init__(
        self, env: simpy.Environment, scenario: Scenario, streams: Streams, cohort: Cohort
    ) -> None:
        self._env, self._scenario, self._cohort = env, scenario, cohort
        self._end = scenario.trial.visits[-1].day
        self._rates = [
            own.safety.rates.get(own_table(scenario.arms, code, own.safety.rates), 0.0)
            for code, own in enumerate(scenario.by_arm)
        ]
        self._open: list[AdverseEvent] = []
        if not any(self._rates):
            return
        n, longest = len(cohort.patients), max(self._rates) * self._end / _MONTH
        chances: list[np.ndarray] = []
        serious: list[np.ndarray] = []
        related: list[np.ndarray] = []
        # Months at a rate of 1 until each event; more events are drawn than the longest stay needs.
        at = np.zeros((n, 1))
        while at[:, -1].min(initial=np.inf) <= longest:
            block = len(chances)
            chances.append(
                streams.generator(Mechanism.ADVERSE_EVENT, block).standard_exponential((n, BLOCK))
            )
            for name, kinds in (("serious", serious), ("related", related)):
                generator = streams.generator(Mechanism.ADVERSE_EVENT_KIND, block, name)
                kinds.append(generator.random((n, BLOCK)))
            at = np.cumsum(np.concatenate(chances, axis=1), axis=1)
            if not n:
                break
        self._at = at
        self._serious, self._related = (np.concatenate(kind, axis=1) for kind in (serious, related))
        env.process(self._meetings())

    def start(self, row: int) -> None:
        """Begin to listen to a participant who was randomized just now."""
        rate = self._rates[self._cohort.arm[row]]
        if rate == 0.0:
            return
        days = self._at[row] * _MONTH / rate
        until = min(self._end, self._cohort.withdraws_after[row])
        days = days[days < until]
        if len(days):
            self._env.process(self._reports(row, days))

    def _reports(self, row: int, days: np.ndarray) -> Process:
        randomized, safety = self._env.now, self._scenario.safety
        treated = self._cohort.arm[row] != REFERENCE
        for occurrence, day in enumerate(days.tolist()):
            yield self._env.timeout(max(randomized + day - self._env.now, 0.0))
            event = AdverseEvent(
                row,
                self._env.now,
                serious=bool(self._serious[row, occurrence] < safety.serious),
                related=bool(treated and self._related[row, occurrence] < safety.related),
            )
            self._cohort.adverse_events.append(event)
            self._open.append(event)
            self._cohort.log(self._env.now, row, "reported an adverse event", _kind_of(event))

    def _meetings(self) -> Process:
        first = (
            self._scenario.safety.meeting_weekday - self._scenario.trial.opens.weekday()
        ) % 7 + _MEETING_TIME
        yield self._env.timeout(first)
        while True:
            for event in self._open:
                event.reviewed = self._env.now
                self._cohort.log(
                    self._env.now, event.row, "adverse event reviewed", _kind_of(event)
                )
            self._open.clear()
            yield self._env.timeout(7.0)


def _kind_of(event: AdverseEvent) -> str:
    seriousness = "serious" if event.serious else "not serious"
    return f"{seriousness}, {'related' if event.related else 'not related'} to the treatment"
