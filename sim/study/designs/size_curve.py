"""What size is searched, and what the trials made so far say of it."""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from analysis.replicates.power import PowerCurve, fit_power_curve
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from sim.study.designs.grid import SIZE
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
    """

    name: str
    overrides: tuple[str, ...]
    analysis: str
    target: float
    tolerance: float
    smallest: int
    largest: int
    most: int

    def scenario(self, size: int) -> Scenario:
        """Return the scenario with a sample size."""
        sized = load_scenario(self.name, [*self.overrides, f"{SIZE}={size}"])
        return with_analyses(sized, [self.analysis])


@dataclass(slots=True)
class Search:
    """Trials so far, and where the power curve through them reaches the target."""

    question: Question
    alpha: float
    sizes: list[np.ndarray]
    rejected: list[np.ndarray]

    def add(self, size: int, rejected: np.ndarray) -> None:
        """Take in trials at a size."""
        self.sizes.append(np.full(len(rejected), size))
        self.rejected.append(rejected)

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
        half the level.
        """
        size, rejected = float(self.sizes[-1][0]), self.rejected[-1]
        share = (rejected.sum() + 0.5) / (len(rejected) + 1.0)
        critical = stats.norm.ppf(1.0 - self.alpha / 2.0)
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
        """Return the standard error of the fitted power at the root, infinite without a curve."""
        curve = self.curve()
        if curve is None:
            return float("inf")
        score_error = curve.solve(self.question.target)[1]
        return float(stats.norm.pdf(stats.norm.ppf(self.question.target)) * score_error)

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
