"""Follow-up as events: who withdraws, when and why."""

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from agents import answering
from scenarios.schema import Scenario
from sim.core.cohort import Cohort
from sim.core.streams import Mechanism, Streams, uniforms_by_name

Process = Generator[simpy.Event, Any, None]


def draw_withdrawals(streams: Streams, persons: int) -> np.ndarray:
    """Draw (persons, 3) uniforms: of withdrawal, of the further dropout, and of the reason."""
    names = ("withdrawal", "dropout", "reason")
    return uniforms_by_name(streams.generator(Mechanism.WITHDRAWAL), names, persons).T


class FollowUp:
    """Notes who withdraws, when and why; a process for each participant who does.

    When and why is settled by the person's own draws, in either arm.
    """

    def __init__(
        self, env: simpy.Environment, scenario: Scenario, streams: Streams, cohort: Cohort
    ) -> None:
        self._env = env
        self._cohort = cohort
        follow = scenario.followup
        draws = draw_withdrawals(streams, len(cohort.patients))
        days = np.array([visit.day for visit in scenario.trial.visits], dtype=float)
        self._day = [
            answering.withdrawal_day(follow, arm, days, draws[:, :2]) for arm in scenario.follow_ups
        ]
        self._reason = [
            answering.withdrawal_reason(arm, draws[:, 2]) for arm in scenario.follow_ups
        ]

    def start(self, row: int) -> None:
        """Begin the follow-up of a participant who was randomized just now."""
        arm = self._cohort.arm[row]
        after = float(self._day[arm][row])
        if np.isfinite(after):
            self._cohort.withdraws_after[row] = after
            self._cohort.withdrawal_reason[row] = str(self._reason[arm][row])
            self._env.process(self._withdraw(row, after))

    def _withdraw(self, row: int, after: float) -> Process:
        yield self._env.timeout(after)
        self._cohort.log(self._env.now, row, "withdrew", self._cohort.withdrawal_reason[row])
