"""Withdrawal: who leaves the trial and when; and why, which is told when the clock has stopped."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agents import answering
from agents.reasons import Leavers, balancing_weights, reason_odds, withdrawal_reasons
from scenarios.schema import Scenario
from sim.core.cohort import Cohort
from sim.core.streams import Mechanism, Streams, uniforms_by_name


def draw_withdrawals(streams: Streams, persons: int) -> np.ndarray:
    """Draw (persons, 3) uniforms: of withdrawal, of the further dropout, and of the reason."""
    names = ("withdrawal", "dropout", "reason")
    return uniforms_by_name(streams.generator(Mechanism.WITHDRAWAL), names, persons).T


MorePain = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Rows and whole days after randomization to mean pain of the week before, above baseline."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Who of a trial withdraws, when and why: settled by the person's own draws, in any arm.

    Attributes
    ----------
    scenario, cohort
        The trial, and who there is.
    draws
        (n, 3) as of :func:`draw_withdrawals`.
    """

    scenario: Scenario
    cohort: Cohort
    draws: np.ndarray

    def leaving_days(self, arm: int) -> np.ndarray:
        """Return the days after randomization on which all rows would withdraw from an arm, (n,).

        Infinite for those who would not.
        """
        scenario = self.scenario
        follow = scenario.by_arm[arm].followup
        return answering.withdrawal_day(
            follow, scenario.follow_ups[arm], self._due, self.draws[:, :2]
        )

    def tell_reasons(self, weights: list[np.ndarray], more_pain: MorePain) -> None:
        """Note and log why each participant withdrew who did so while the trial went on.

        Parameters
        ----------
        weights
            For each arm what :meth:`balance` found, in the reference trial where odds move.
        more_pain
            Of the trial.
        """
        cohort, scenario = self.cohort, self.scenario
        left = (cohort.number >= 0) & np.isfinite(cohort.withdraws_after)
        for code, arm in enumerate(scenario.follow_ups):
            rows = np.flatnonzero(left & (cohort.arm == code))
            leavers = self._leavers(rows, cohort.withdraws_after[rows], more_pain)
            odds = reason_odds(arm, scenario.reason_odds, leavers)
            told = withdrawal_reasons(arm, weights[code], odds, self.draws[rows, 2])
            cohort.withdrawal_reason[rows] = told
        for row in np.flatnonzero(left).tolist():
            day = float(cohort.entered[row] + cohort.withdraws_after[row])
            cohort.log(day, row, "withdrew", str(cohort.withdrawal_reason[row]))

    def balance(self, more_pain: MorePain) -> list[np.ndarray]:
        """Return the weights of reasons, by arm, with which their shares are those stated.

        Everybody in the trial is taken to withdraw on a day of their own, distributed as those of
        withdrawals are, unless they have left by then.
        """
        cohort, scenario, found = self.cohort, self.scenario, []
        for code, arm in enumerate(scenario.follow_ups):
            follow = scenario.by_arm[code].followup
            days = answering.day_if_withdrawn(follow, arm, self._due, self.draws[:, :2])
            there = (cohort.arm == code) & (cohort.withdraws_after >= days)
            rows = np.flatnonzero((cohort.number >= 0) & there)
            leavers = self._leavers(rows, days[rows], more_pain)
            odds = reason_odds(arm, scenario.reason_odds, leavers)
            found.append(balancing_weights(arm, odds))
        return found

    @property
    def _due(self) -> np.ndarray:
        return np.array([visit.day for visit in self.scenario.trial.visits], dtype=float)

    def _leavers(self, rows: np.ndarray, days: np.ndarray, more_pain: MorePain) -> Leavers:
        """Return what happened to some rows until days after randomization."""
        cohort, reasons = self.cohort, self.scenario.reason_odds.values()
        installed = cohort.installed[rows] - cohort.entry[rows]
        # Withdrawal itself ends app use: who stopped before did so at least a day before.
        stopped = installed + cohort.quit_after[rows] < days - 1.0
        with_app = installed < days
        felt = any(odds.per_pain for odds in reasons)
        pain = more_pain(rows, days.astype(np.int64)) if felt else np.zeros(len(rows))
        traits = sorted({trait for odds in reasons for trait in odds.traits})
        scores: dict[str, np.ndarray] = {t: cohort.patients.scores[t][rows] for t in traits}
        return Leavers(with_app, with_app & stopped, pain, scores)
