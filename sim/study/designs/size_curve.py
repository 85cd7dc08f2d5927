"""What size is searched, and what the trials made so far say of it."""

from dataclasses import dataclass, field

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from analysis.decision.rule import Rule
from analysis.replicates.power import PowerCurve, fit_power_curve
from analysis.replicates.size_adjusted import critical_value, slope_of_power
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from sim.study.designs.grid import SIZE
from sim.study.designs.null import null_scenario
from sim.study.primary_difference import with_analyses

APART = 1.15
"""Ratio of the sizes on either side of the present answer at which it is tried."""
STRIDE = 4.0
"""The largest ratio of one size to the next."""
DOUBT = 0.001
"""Below this level of doubt the largest size does not suffice, or the smallest does."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched.

    Attributes
    ----------
    name, overrides
        The scenario and what is set in it.
    analysis
        Whose power.
    target
        The power wanted.
    tolerance
        Monte Carlo standard error of the fitted power at the answer at which the search ends.
    smallest, largest
        Sample sizes allowed.
    most
        Trials after which the search ends all the same.
    size_adjusted
        Whether power is that at the critical value of null trials.
    series
        Of :func:`sim.study.primary_difference.series_of`: the analysis, with several contrasts one
        of them, or what a procedure says of a hypothesis, of any of them or of all.
    """

    name: str
    overrides: tuple[str, ...]
    analysis: str
    target: float
    tolerance: float
    smallest: int
    largest: int
    most: int
    size_adjusted: bool = False
    series: str = ""

    def scenario(self, size: int) -> Scenario:
        """Return the scenario with a sample size."""
        return with_analyses(load_scenario(self.name, self._sized(size)), [self.analysis])

    def null(self, size: int) -> Scenario:
        """Return the same where the null hypothesis holds.

        Raises
        ------
        InputError
            If the effect cannot be set to it.
        """
        without = null_scenario(self.name, self._sized(size), self.scenario(size))
        return with_analyses(without, [self.analysis])

    def _sized(self, size: int) -> list[str]:
        return [*self.overrides, f"{SIZE}={size}"]


@dataclass(slots=True)
class Search:
    """Trials so far, and where the power curve through them reaches the target.

    Attributes
    ----------
    question, rule
        What is searched, and the test.
    sizes, p, in_favour
        Of each batch (n,): the size, P values, and which are of a difference in favour of the
        intervention.
    null
        P values of null trials, of all sizes, where power is to be size-adjusted.
    """

    question: Question
    rule: Rule
    sizes: list[np.ndarray] = field(default_factory=list)
    p: list[np.ndarray] = field(default_factory=list)
    in_favour: list[np.ndarray] = field(default_factory=list)
    null: list[np.ndarray] = field(default_factory=list)

    def add(self, size: int, p: np.ndarray, in_favour: np.ndarray) -> None:
        """Take in trials at a size."""
        self.sizes.append(np.full(len(p), size))
        self.p.append(p)
        self.in_favour.append(in_favour)

    @property
    def critical(self) -> float:
        """P value below which a trial rejects, or up to which, if it is that of null trials."""
        if not self.null:
            return float(np.nextafter(self.rule.alpha, 0.0))
        return critical_value(np.concatenate(self.null), self.rule.alpha)

    @property
    def rejected(self) -> list[np.ndarray]:
        """Which trials of each batch rejected in favour of the intervention."""
        critical = self.critical
        return [(p <= critical) & f for p, f in zip(self.p, self.in_favour, strict=True)]

    @property
    def trials(self) -> int:
        """How many there are."""
        return sum(map(len, self.sizes))

    def curve(self) -> PowerCurve | None:
        """Return the curve through all trials; None where it is not determined or not rising."""
        if not self.sizes:
            return None
        sizes, rejected = np.concatenate(self.sizes), np.concatenate(self.rejected)
        curve = fit_power_curve(sizes, rejected, np.arange(len(sizes)), root=True)
        return curve if curve is not None and curve.coefficients[1] > 0.0 else None

    def guess(self) -> float:
        """Return a size from the last trials alone.

        Taken from the line that the theory gives a Z test: at size 0 its normal score is that of
        one side's level.
        """
        size, rejected = float(self.sizes[-1][0]), self.rejected[-1]
        share = (rejected.sum() + 0.5) / (len(rejected) + 1.0)
        critical = stats.norm.ppf(1.0 - self.rule.tail)
        slope = max(stats.norm.ppf(share) + critical, 0.1) / np.sqrt(size)
        return float(((stats.norm.ppf(self.question.target) + critical) / slope) ** 2)

    def root(self) -> float:
        """Return the size at which power reaches the target, as far as is known."""
        curve = self.curve()
        if curve is None:
            return self.guess()
        at = curve.solve(self.question.target)[0]
        return max(at, 1.0) ** 2

    def power_error(self) -> float:
        """Return the standard error of the fitted power at the root, infinite without a curve.

        If power is size-adjusted that of the critical value is part of it, as if the null trials
        were independent of the others.
        """
        curve = self.curve()
        if curve is None:
            return float("inf")
        score_error = curve.solve(self.question.target)[1]
        own = float(stats.norm.pdf(stats.norm.ppf(self.question.target)) * score_error)
        return float(np.hypot(own, self._error_of_critical()))

    def _error_of_critical(self) -> float:
        """Return what the error of the critical value adds to that of power at the target."""
        if not self.null:
            return 0.0
        alpha, trials = self.rule.alpha, sum(map(len, self.null))
        slope = slope_of_power(self.question.target, self.rule)
        return slope * float(np.sqrt(alpha * (1.0 - alpha) / trials))

    def next_size(self) -> int:
        """Return where to try next: beside the root, on one side after the other."""
        before = float(self.sizes[-1][0])
        side = APART if len(self.sizes) % 2 else 1.0 / APART
        near = np.clip(self.root() * side, before / STRIDE, before * STRIDE)
        return round(float(np.clip(near, self.question.smallest, self.question.largest)))

    def check_reach(self) -> None:
        """Refuse a target that the largest size does not reach, or that the smallest exceeds.

        Raises
        ------
        InputError
            With the power there and what would work.
        """
        asked = self.question
        for size, beyond, remedy in (
            (asked.largest, False, "allow larger sizes with --sizes, ask for a smaller --target"),
            (asked.smallest, True, "allow smaller sizes with --sizes, ask for a larger --target"),
        ):
            here = [r for s, r in zip(self.sizes, self.rejected, strict=True) if s[0] == size]
            if not here:
                continue
            rejected = np.concatenate(here)
            lower, upper = proportion_confint(
                int(rejected.sum()), len(rejected), alpha=DOUBT, method="wilson"
            )
            if (lower > asked.target) if beyond else (upper < asked.target):
                end = "smallest" if beyond else "largest"
                raise InputError(
                    f"--target {asked.target:g} cannot be reached: at the {end} size allowed, "
                    f"{size}, power is {rejected.mean():.3f} ({lower:.3f} to {upper:.3f}, "
                    f"{len(rejected)} trials): {remedy} or change the scenario"
                )
