"""Questionnaires: invited on the day they are due, reminded, answered or not.

Nothing in a trial waits for a questionnaire, and who answers one may depend on what was reported in
the one before. So they are worked out when the clock has stopped: visit after visit in the order of
time, for all participants at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from agents import answering
from agents.answering import Circumstances
from scenarios.schema import Scenario
from sim.core.cohort import Cohort
from sim.core.lasting import lasting_reluctance
from sim.core.streams import Mechanism, Streams, normals_by_name, uniforms_by_name

Scores = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Condition:
    """How all rows are on some day, reported or not, and whether they do not use the app."""

    pain: np.ndarray
    disability: np.ndarray
    quit_app: np.ndarray


@dataclass(frozen=True, slots=True)
class ResponseDraws:
    """Draws behind whether and when n persons answer their questionnaires.

    Attributes
    ----------
    person
        (n,) standard normals: the person's part of the reluctance to answer.
    reluctance
        (n, visits) standard normals.
    lateness
        (n, visits) uniforms: how long an answer takes.
    """

    person: np.ndarray
    reluctance: np.ndarray
    lateness: np.ndarray


def draw_responses(scenario: Scenario, streams: Streams, persons: int) -> ResponseDraws:
    """Draw whether and when some persons answer, the same in any arm."""
    days = [str(visit.day) for visit in scenario.trial.visits]
    person = lasting_reluctance(streams, persons)
    occasion = normals_by_name(streams.generator(Mechanism.ANSWER), days, persons).T
    return ResponseDraws(
        person=person,
        reluctance=answering.reluctance(scenario.followup.frailty, person, occasion),
        lateness=uniforms_by_name(streams.generator(Mechanism.ANSWER_DELAY), days, persons).T,
    )


def contact_shares(scenario: Scenario) -> np.ndarray:
    """Return the shares that have answered after each contact, (arms, visits, contacts)."""
    return np.stack(
        [
            answering.contact_shares(own.followup, arm)
            for own, arm in zip(scenario.by_arm, scenario.follow_ups, strict=True)
        ]
    )


def longest_follow_up(scenario: Scenario) -> int:
    """Return the last whole day after randomization on which a questionnaire can come in."""
    return scenario.trial.visits[-1].day + int(np.ceil(scenario.followup.longest_answer))


def questionnaire_events(scenario: Scenario, cohort: Cohort) -> list[tuple[float, int, str, str]]:
    """Return what a trial's log says of its follow-up questionnaires: (day, row, what, detail)."""
    found: list[tuple[float, int, str, str]] = []
    follow = scenario.followup
    contacts = [
        *((day, "reminded") for day in follow.reminder_days),
        *((day, "called") for day in follow.retention.call_days),
    ]
    for row in cohort.randomized.tolist():
        for number, visit in enumerate(scenario.trial.visits, start=1):
            if np.isnan(cohort.answer_probability[row, number]):  # not sent
                break
            due = float(cohort.entered[row]) + visit.day
            found.append((due, row, "invited", visit.name))
            sent = int(cohort.reminders[row, number])
            found += [(due + day, row, what, visit.name) for day, what in contacts[:sent]]
            after = float(cohort.answered[row, number])
            if not np.isnan(after):
                answered = float(cohort.entered[row]) + after
                found.append((answered, row, "answered", visit.name))
    return found


class Questionnaires:
    """Collects the questionnaires of a trial whose clock has stopped.

    Parameters
    ----------
    scenario, cohort
        What was simulated; ``answered``, ``reminders`` and ``answer_probability`` are filled in.
    draws
        Of all rows of the cohort.
    scores_on
        Scores of all rows on given whole days after randomization, (n, visits + 1), negative where
        nobody answers.
    condition_on
        Condition of all rows on a whole day after randomization.
    """

    def __init__(
        self,
        scenario: Scenario,
        cohort: Cohort,
        draws: ResponseDraws,
        scores_on: Callable[[np.ndarray], Scores],
        condition_on: Callable[[int], Condition],
    ) -> None:
        self._scenario, self._cohort, self._draws = scenario, cohort, draws
        self._scores_on, self._condition_on = scores_on, condition_on
        follow = scenario.followup
        self._rows = np.flatnonzero(cohort.number >= 0)
        self._contact_day = np.array(follow.contact_days, dtype=float)
        # An answer after one contact comes before the next.
        gaps = np.append(np.diff(self._contact_day), np.inf)
        longest = np.minimum(gaps, follow.answer_delay.longest)
        self._reach = -np.expm1(-longest / follow.answer_delay.mean)

    def collect(self, thresholds: np.ndarray) -> Scores:
        """Collect all questionnaires.

        Parameters
        ----------
        thresholds
            (arms, visits, contacts) of answering.

        Returns
        -------
        Outcome to (n, visits + 1) scores, NaN where not answered.
        """
        return self._collect(lambda visit, _inclined: thresholds[:, visit])

    def calibrate(self) -> np.ndarray:
        """Collect all questionnaires with thresholds at which the stated shares answer.

        Returns
        -------
        (arms, visits, contacts) those thresholds.
        """
        follow = self._scenario.followup
        shares = contact_shares(self._scenario)
        found = np.empty(shares.shape)
        arms = self._cohort.arm[self._rows]

        def solve(visit: int, inclined: np.ndarray) -> np.ndarray:
            due = self._scenario.trial.visits[visit].day
            asked = self._cohort.withdraws_after[self._rows] > due
            for arm in range(len(shares)):
                members = asked & (arms == arm)
                rank = np.argsort(np.argsort(self._draws.person[self._rows[members]]))
                even = special.ndtri((rank + 0.5) / max(len(rank), 1))
                found[arm, visit] = answering.thresholds(
                    shares[arm, visit], inclined[members], even, follow.frailty
                )
            return found[:, visit]

        self._collect(solve)
        return found

    def _collect(self, thresholds: Callable[[int, np.ndarray], np.ndarray]) -> Scores:
        cohort, rows = self._cohort, self._rows
        primary = self._scenario.analysis.primary_outcome
        days = np.full(cohort.answered.shape, -1)
        days[rows, 0] = 0
        scores = self._scores_on(days)
        baseline = scores[primary][rows, 0]
        last = baseline.copy()
        for visit in range(len(self._scenario.trial.visits)):
            inclined = self._inclination(visit, baseline, last)
            self._answer(visit, inclined, thresholds(visit, inclined))
            answered = cohort.answered[:, visit + 1]
            days = np.full(cohort.answered.shape, -1)
            came = ~np.isnan(answered)
            if not came.any():
                continue
            days[came, visit + 1] = answered[came].astype(np.int64)
            for outcome, given in self._scores_on(days).items():
                scores[outcome][:, visit + 1] = given[:, visit + 1]
            reported = scores[primary][rows, visit + 1]
            last = np.where(np.isnan(reported), last, reported)
        return scores

    def _inclination(self, visit: int, baseline: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Return what speaks for answering, in probits, for the randomized."""
        scenario, rows = self._scenario, self._rows
        due = scenario.trial.visits[visit].day
        inclined = np.zeros(len(rows))
        if scenario.followup.missingness != "mcar":
            inclined = self._circumstances(due, baseline, last)
        shock = scenario.shock
        if shock.enabled:
            begins = (shock.begins - scenario.trial.opens).days
            inclined = inclined + shock.response_probit * (self._cohort.entry[rows] + due >= begins)
        return inclined

    def _circumstances(self, due: int, baseline: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Return what speaks for answering from how the randomized are on a day."""
        follow, rows = self._scenario.followup, self._rows
        nothing = np.zeros(len(self._cohort.patients))
        condition = Condition(nothing, nothing, nothing)
        if follow.missingness == "mnar":
            condition = self._condition_on(due)
        return answering.inclination(
            follow,
            Circumstances(
                age=self._cohort.patients.scores.get("age", nothing)[rows],
                baseline=baseline,
                last=last,
                pain=condition.pain[rows],
                disability=condition.disability[rows],
                quit_app=condition.quit_app[rows],
            ),
        )

    def _answer(self, visit: int, inclined: np.ndarray, thresholds: np.ndarray) -> None:
        """Settle who answers a questionnaire, after how many reminders and when."""
        cohort, rows, draws = self._cohort, self._rows, self._draws
        due = self._scenario.trial.visits[visit].day
        leaves = cohort.leaves[rows]
        asked = leaves > due
        reach = thresholds[cohort.arm[rows]] + inclined[:, None]
        unanswered = draws.reluctance[rows, visit][:, None] >= reach
        contact = unanswered.sum(axis=1)
        in_time = np.minimum(contact, len(self._contact_day) - 1)
        delay = -self._scenario.followup.answer_delay.mean * np.log1p(
            -draws.lateness[rows, visit] * self._reach[in_time]
        )
        day = due + self._contact_day[in_time] + delay
        answers = asked & (contact < len(self._contact_day)) & (day < leaves)
        cohort.answered[rows, visit + 1] = np.where(answers, day, np.nan)
        until = np.where(answers, day, leaves)
        reminders = (due + self._contact_day[1:] < until[:, None]).sum(axis=1)
        cohort.reminders[rows, visit + 1] = np.where(asked, reminders, 0)
        cohort.answer_probability[rows, visit + 1] = np.where(
            asked, special.ndtr(reach[:, -1]), np.nan
        )
