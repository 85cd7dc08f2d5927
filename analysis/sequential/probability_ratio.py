"""Sequential probability ratio test of no mean loss against a loss as large as a margin.

Wald's probability ratio test of normal observations, between a mean of 0 and one of the margin m,
sums them less m/2 and stops when the sum crosses a boundary. Boundaries need the variance. Where
this is estimated from the first observations, and from them alone, boundaries somewhat further
apart keep the error rates whatever the variance is (Hall 1962, Biometrika 49:367, after Stein 1945;
Paulson 1964, Annals of Mathematical Statistics 35:174, bounds it as here):

- With f degrees of freedom, s^2 is independent of the sums from the (f + 1)th on.
- Under a mean of 0 the sum is a random walk of drift -m/2. It ever reaches c s^2 / m with
  probability at most exp(-c s^2 / sigma^2), given s^2, since a Brownian motion does with just that.
- s^2 f / sigma^2 is chi-squared, so the mean of this over s^2 is (1 + 2 c / f)^(-f/2). It equals a
  rate a for c = (f/2) (a^(-2/f) - 1).

As a bound on ever reaching a boundary it holds however often one looks, from the (f + 1)th
observation on. It is conservative where a single observation says much: the walk then overshoots
the boundary.
"""

from dataclasses import dataclass
from math import ceil, inf, sqrt
from typing import Literal

import numpy as np

Verdict = Literal["pass", "fail", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the test says after n observations.

    Attributes
    ----------
    verdict
        ``"fail"``: no loss is rejected, ``"pass"``: a loss of the margin is, ``"inconclusive"``.
    n
        Observations.
    mean
        Their mean, own unit.
    lower, upper
        Interval of the mean, valid whenever one stops; see :meth:`ProbabilityRatioTest.decide`.
    more
        About how many observations more lead to a decision, if the mean is what it is now; 0 where
        there is one.
    """

    verdict: Verdict
    n: int
    mean: float
    lower: float
    upper: float
    more: int


@dataclass(frozen=True, slots=True)
class ProbabilityRatioTest:
    """Decides between no loss and a loss of the margin.

    Attributes
    ----------
    margin
        Of the loss, above 0, own unit.
    alpha
        Probability, at most, of ``"fail"`` where the mean loss is 0 or less, 0 to 0.5; of several
        tests, that any of them fails.
    beta
        Probability, at most, of ``"pass"`` where the mean loss is the margin or more; 0 to 0.5.
        Without a maximum number of observations ``"fail"`` then has the power 1 - ``beta``.
    first
        Observations that estimate the variance, at least 2: there is no decision before.
    tests
        Among how many tests ``alpha`` is divided; the interval is this test's own all the same.
    """

    margin: float
    alpha: float
    beta: float
    first: int
    tests: int = 1

    @property
    def confidence(self) -> float:
        """Level of the interval: ``alpha`` on either side."""
        return 1.0 - 2.0 * self.alpha

    def decide(self, losses: np.ndarray) -> Decision:
        """Return the decision after some observations.

        The interval is of all means that a line above or below the walk does not exclude: by the
        same bound the mean over n observations strays from the truth by h + c s^2 / (2 h n)
        or more, at any n, with probability ``alpha`` at most, for any h that depends on s alone.
        Here h = s (c / (2 first))^(1/2), which makes it narrowest at the first look.

        Parameters
        ----------
        losses
            (n,) independent observations, at least ``first``, in the order in which they came; a
            positive one is a loss.

        Raises
        ------
        ValueError
            If there are fewer.
        """
        n = len(losses)
        if n < self.first:
            raise ValueError(f"{n} observations, {self.first} are needed")
        variance = float(losses[: self.first].var(ddof=1))
        mean = float(losses.mean())
        # The sum less its drift halfway between the two hypotheses, which the boundaries enclose.
        walked = n * (mean - 0.5 * self.margin)
        # Only the first observations' variance: later ones would depend on when one stops.
        up, down = (
            self._constant(rate) * variance / self.margin
            for rate in (self.alpha / self.tests, self.beta)
        )
        width = sqrt(0.5 * variance * self._constant(self.alpha))
        reach = width * (1.0 / sqrt(self.first) + sqrt(self.first) / n)
        verdict: Verdict = "inconclusive"
        if walked >= up:
            verdict = "fail"
        elif walked <= -down:
            verdict = "pass"
        more = 0
        if verdict == "inconclusive":
            # With drift the walk gets there in a straight line; without, a Brownian motion leaves
            # the interval after the product of the two distances over the variance, on average.
            to_go = up - walked if walked > 0.0 else walked + down
            straight = to_go * n / abs(walked) if walked else inf
            more = ceil(min(straight, (up - walked) * (walked + down) / variance))
        return Decision(verdict, n, mean, mean - reach, mean + reach, more)

    def _constant(self, rate: float) -> float:
        """Return c of the module's docstring for an error rate."""
        freedom = self.first - 1
        return float(0.5 * freedom * (rate ** (-2.0 / freedom) - 1.0))
