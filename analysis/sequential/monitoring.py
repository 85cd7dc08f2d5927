"""Holding interim looks: from what is seen at one look after another to what they decide."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from analysis.decision.rule import AGAINST, IN_FAVOUR, NEITHER, NO_ANSWER, Rule
from analysis.sequential.group_sequential import (
    Sides,
    alpha_spent,
    conditional_power,
    efficacy_bounds,
)
from analysis.sequential.looks import (
    EFFICACY,
    FINISHED,
    FUTILITY,
    GO_ON,
    HARM,
    NO_ESTIMATE,
    NOT_HELD,
    STOPS,
    Monitored,
    Seen,
    Verdict,
)
from analysis.sequential.stage_wise import Ending, allow_for_looks
from scenarios.design.interim import Interim

GROWTH = 0.01
"""Share by which information grows at least from look to look."""


def monitor(
    seen: Sequence[Seen], interim: Interim, rule: Rule, *, confidence: float, among: int = 1
) -> Monitored:
    """Hold the looks at one contrast, of which the others change nothing.

    Parameters
    ----------
    seen
        What there is to see at each look, in order, the end of the trial last.
    interim, rule, confidence, among
        See :class:`Monitoring`.
    """
    monitoring = Monitoring(interim, rule, confidence=confidence, among=among)
    for look in seen:
        monitoring.see(look)
    return monitoring.ended(fixed=seen[-1])


class Monitoring:
    """The looks at one contrast, one after another.

    Parameters
    ----------
    interim
        The planned looks, boundary and futility.
    rule
        The test, with the significance level of the whole trial.
    confidence
        Level of the confidence limits, of all contrasts together.
    among
        Number of contrasts among which alpha is split.

    Notes
    -----
    Futility is not binding: the boundaries allow for a trial that goes on all the same, so that
    stopping for futility can only lower the type I error. No trial stops for futility with a P
    value in favour below alpha, as a late look with much futility would have it at times: it goes
    on. One that tends towards harm does stop.
    """

    def __init__(self, interim: Interim, rule: Rule, *, confidence: float, among: int = 1) -> None:
        self._among = among
        self._rule = replace(rule, alpha=rule.alpha / among)
        self._confidence = 1.0 - (1.0 - confidence) / among if among > 1 else confidence
        self._course = _Course(interim, self._rule)
        self._looks = len(interim.looks) + 1
        self._seen: list[Seen] = []
        self._verdicts: list[Verdict] = []
        self._last: int | None = None

    @property
    def decided(self) -> bool:
        """Whether a look has ended the contrast."""
        return self._last is not None

    def see(self, look: Seen) -> None:
        """Hold the next look; once the contrast is decided, note what it would have shown."""
        z = self._rule.statistic(look.estimate)
        self._seen.append(look)
        if self.decided:
            self._verdicts.append(Verdict(z, None, None, NOT_HELD))
            return
        self._verdicts.append(self._held(look, z))
        if self._verdicts[-1].decision in STOPS:
            self._last = len(self._seen) - 1

    def _held(self, look: Seen, z: float | None) -> Verdict:
        if z is None or look.estimate.se is None:
            return Verdict(z, None, None, NO_ESTIMATE)
        # A look without an estimate spends nothing, so the next may spend its share as well.
        course, number = self._course, len(self._seen)
        course.hold(number - 1, look.estimate.se)
        bound = float(course.bounds()[-1])
        power = None
        if number < self._looks:
            critical = float(course.bounds_to_the_end(look.information)[1][-1])
            power = conditional_power(z, look.information, critical)
        return Verdict(z, bound, power, course.decide(z, bound, power))

    def ended(self, fixed: Seen) -> Monitored:
        """Return the contrast with all its looks.

        Parameters
        ----------
        fixed
            The end of the trial of fixed size.
        """
        last = len(self._seen) - 1 if self._last is None else self._last
        estimate, middle, alone = self._seen[last].estimate, None, None
        verdict = self._verdicts[last]
        if verdict.statistic is not None and verdict.decision != NO_ESTIMATE:
            ending = self._course.ending(verdict, self._seen[last].information)
            estimate, middle = allow_for_looks(estimate, ending, self._rule, self._confidence)
            alone = estimate.p_decision
            against = self._rule.sides == 1 and ending.against(0.0) < self._rule.tail
            decision = _in_whose_favour(verdict.decision, against=against)
            estimate = replace(
                estimate,
                p=_multiplied(estimate.p, self._among),
                p_decision=_multiplied(alone, self._among),
                decision=decision,
            )
        else:
            estimate = replace(estimate, p_decision=None, decision=NO_ANSWER)
        return Monitored(
            tuple(self._seen), tuple(self._verdicts), last, estimate, alone, middle,
            fixed, self._rule.statistic(fixed.estimate),
        )  # fmt: skip


def _multiplied(p: float | None, among: int) -> float | None:
    """Return a P value that compares with alpha, by Bonferroni's inequality."""
    return p if p is None or among == 1 else min(1.0, among * p)


def _in_whose_favour(decision: str, *, against: bool) -> str:
    if decision == EFFICACY:
        return IN_FAVOUR
    return AGAINST if decision == HARM or against else NEITHER


@lru_cache(maxsize=64)
def _spent(interim: Interim, alpha: float, sides: Sides) -> np.ndarray:
    """Return the error that may be spent up to each look."""
    return alpha_spent(interim.boundary, [*interim.looks, 1.0], alpha, sides)


class _Course:
    """The looks that were held so far, and the boundaries that follow from them."""

    def __init__(self, interim: Interim, rule: Rule) -> None:
        self._interim, self._rule = interim, rule
        self._fractions = np.array([*interim.looks, 1.0])
        self._spent = _spent(interim, rule.alpha, rule.sides)
        self._held: list[int] = []
        self._errors: list[float] = []

    def hold(self, look: int, se: float) -> None:
        """Take in a look that has an estimate."""
        self._held.append(look)
        self._errors.append(se)

    def bounds(self) -> np.ndarray:
        """Return the boundaries, from the information that the looks turned out to have."""
        return efficacy_bounds(
            information_of(self._errors), self._spent[self._held], self._rule.sides
        )

    def bounds_to_the_end(self, share: float) -> tuple[np.ndarray, np.ndarray]:
        """Return information and boundaries of the looks so far and, as expected, of the others.

        Parameters
        ----------
        share
            Information fraction at the present look.
        """
        so_far, now = information_of(self._errors), self._held[-1]
        planned = self._fractions[now + 1 :]
        rest = (planned - self._fractions[now]) / (1.0 - self._fractions[now])
        to_come = so_far[-1] / share * (share + (1.0 - share) * rest)
        information = np.append(so_far, to_come)
        spent = np.append(self._spent[self._held], self._spent[now + 1 :])
        return information, efficacy_bounds(information, spent, self._rule.sides)

    def decide(self, z: float, bound: float, power: float | None) -> str:
        """Return what a look decides."""
        if z >= bound:
            return EFFICACY
        if self._rule.sides == 2 and z <= -bound:
            return HARM
        if power is None:
            return FINISHED
        if power >= self._interim.futility or z >= self._convincing():
            return GO_ON
        return FUTILITY

    def ending(self, verdict: Verdict, share: float) -> Ending:
        """Return where the trial ended, after a verdict at its last look."""
        information, bounds = information_of(self._errors), self.bounds()
        place = len(bounds) - 1
        if verdict.decision == FUTILITY:
            information, bounds = self.bounds_to_the_end(share)
        return Ending(information, bounds, place, float(verdict.statistic or 0.0), self._rule.sides)

    def _convincing(self) -> float:
        """Return the Z from which a trial that ended at its last look has P below alpha.

        The stage-wise P value is the error spent up to the look before, and the chance to get as
        far now: that is alpha where this look spends all that is left.
        """
        spent = [*self._spent[self._held[:-1]], self._rule.alpha]
        return float(efficacy_bounds(information_of(self._errors), spent, self._rule.sides)[-1])


def information_of(errors: Sequence[float]) -> np.ndarray:
    """Return the information at looks from their standard errors, (looks,).

    Data are only added, so that information grows; where by chance an estimated one does not, or by
    less than 1%, it is taken to have grown by 1%.
    """
    information: list[float] = []
    for se in errors:
        least = (1.0 + GROWTH) * information[-1] if information else 0.0
        information.append(max(se**-2, least))
    return np.array(information)
