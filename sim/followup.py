"""Follow-up as events: invitation, reminders, answer or silence, withdrawal."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy

from agents import response
from scenarios.schema import Scenario
from sim.candidates import bounded_delay
from sim.cohort import Cohort
from sim.streams import Mechanism, Streams

Process = Generator[simpy.Event, Any, None]


def longest_follow_up(scenario: Scenario) -> int:
    """Return the last whole day after randomization on which a questionnaire can come in."""
    follow = scenario.followup
    wait = max((0, *follow.reminder_days)) + follow.answer_delay.longest
    return scenario.trial.visits[-1].day + int(np.ceil(wait))


@dataclass(frozen=True, slots=True)
class AnswerPlan:
    """What each person would do about each questionnaire, in either arm.

    Attributes
    ----------
    answers
        (2, n, visits) whether an invitation is answered at all, by arm.
    reminders
        (n, visits) reminders needed before the answer.
    delay
        (n, visits) days from the last invitation or reminder to the answer.
    withdraws_after
        (2, n) days after randomization on which the person withdraws, by arm.
    reason_luck
        (n,) uniforms that choose the reason.
    """

    answers: np.ndarray
    reminders: np.ndarray
    delay: np.ndarray
    withdraws_after: np.ndarray
    reason_luck: np.ndarray


def plan_answers(scenario: Scenario, streams: Streams, age_score: np.ndarray) -> AnswerPlan:
    """Draw what n persons would do about their questionnaires."""
    follow, visits = scenario.followup, scenario.trial.visits
    n = len(age_score)
    arms = (follow.control, follow.intervention)
    tendency = streams.normals(Mechanism.ANSWER, n, 1 + len(visits)).astype(float)
    person, occasion = tendency[:, 0], tendency[:, 1:]
    lateness = np.stack(
        [
            streams.generator(Mechanism.ANSWER_DELAY, visit).random((n, 2))
            for visit in range(len(visits))
        ],
        axis=1,
    )
    most = len(follow.reminder_days)
    share = follow.answer_after_reminder
    needed = np.searchsorted(1.0 - share ** np.arange(1, most + 1), lateness[:, :, 0], side="right")
    leaving = streams.generator(Mechanism.WITHDRAWAL).random((n, 3))
    days = np.array([visit.day for visit in visits], dtype=float)
    return AnswerPlan(
        answers=np.stack(
            [response.answers(follow, arm, age_score, person, occasion) for arm in arms]
        ),
        reminders=needed,
        delay=bounded_delay(follow.answer_delay, lateness[:, :, 1]),
        withdraws_after=np.stack(
            [response.withdrawal_day(follow, arm, days, leaving[:, :2]) for arm in arms]
        ),
        reason_luck=leaving[:, 2],
    )


class FollowUp:
    """Invites, reminds and waits; a process for each participant."""

    def __init__(
        self, env: simpy.Environment, scenario: Scenario, cohort: Cohort, plan: AnswerPlan
    ) -> None:
        self._env = env
        self._scenario = scenario
        self._cohort = cohort
        self._plan = plan

    def start(self, row: int) -> None:
        """Begin the follow-up of a participant who was randomized just now."""
        cohort, arm = self._cohort, self._cohort.arm[row]
        leaves = float(self._plan.withdraws_after[arm, row])
        cohort.withdraws_after[row] = leaves
        if np.isfinite(leaves):
            follow = (self._scenario.followup.control, self._scenario.followup.intervention)[arm]
            reason = response.withdrawal_reason(follow, self._plan.reason_luck[row : row + 1])[0]
            cohort.withdrawal_reason[row] = str(reason)
            self._env.process(self._withdraw(row, leaves, str(reason)))
        self._env.process(self._questionnaires(row))

    def _withdraw(self, row: int, after: float, reason: str) -> Process:
        yield self._env.timeout(after)
        self._cohort.log(self._env.now, row, "withdrew", reason)

    def _questionnaires(self, row: int) -> Process:
        env, cohort, plan = self._env, self._cohort, self._plan
        entered, arm = env.now, cohort.arm[row]
        leaves = float(cohort.withdraws_after[row])
        for number, visit in enumerate(self._scenario.trial.visits):
            if leaves <= visit.day:
                return
            yield env.timeout(entered + visit.day - env.now)
            cohort.log(env.now, row, "invited", visit.name)
            yield from self._remind(row, number)
            if not plan.answers[arm, row, number]:
                continue
            yield env.timeout(float(plan.delay[row, number]))
            cohort.answered[row, number + 1] = env.now - entered
            cohort.log(env.now, row, "answered", visit.name)

    def _remind(self, row: int, number: int) -> Process:
        """Send the reminders that are needed; all of them where no answer will come."""
        env, cohort = self._env, self._cohort
        follow, invited = self._scenario.followup, env.now
        silent = not self._plan.answers[cohort.arm[row], row, number]
        needed = len(follow.reminder_days) if silent else int(self._plan.reminders[row, number])
        for day in follow.reminder_days[:needed]:
            yield env.timeout(invited + day - env.now)
            cohort.reminders[row, number + 1] += 1
            cohort.log(env.now, row, "reminded", self._scenario.trial.visits[number].name)
