"""Estimates of one fit together: their joint covariance and the chance of their largest statistic.

Probabilities of rectangles under a multivariate normal distribution are those of scipy: exact for
two statistics, and for more by quasi-Monte Carlo (Genz 1992, Journal of Computational and Graphical
Statistics 1:141-149). A multivariate t is such a normal over a common chi, which is integrated
here, since scipy's own multivariate t (1.17) is wrong where a covariance is singular, as that of
all pairs of arms is, and less exact near it. Absolute errors are below 1e-5 for two statistics
(1e-9 under the normal), typically below 1e-4 for more, and below 3e-4 where the covariance is
singular.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from analysis.estimators.clustered import Floats

Sides = Literal[1, 2]
"""On how many sides a test can reject."""
_SEED = 20210802
"""Of the integration's points: the same for every integral, and no draw of a trial."""
_POINTS = 80_000
"""Of quasi-Monte Carlo at most, over all scales of a t distribution."""
_SINGULAR = 1e-9, 8
"""An eigenvalue of a correlation that is 0 but for rounding, and how many times as many points the
integral then needs, which has kinks."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
"""Gauss-Legendre rule for the scale of a t distribution."""
_TAIL = 1e-12
"""Chance of a scale beyond the integration, on either side."""
_AS_NORMAL = 1e6
"""Degrees of freedom from which t is taken for normal: P values differ by some 1e-7."""


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """Estimates of a family of hypotheses with their joint covariance.

    Attributes
    ----------
    estimate
        (m,) estimates; NaN where the model failed.
    covariance
        (m, m) their covariance, which may be singular.
    df
        Degrees of freedom of the t reference, above 0: of all, or (m,). Infinite: normal.
    """

    estimate: Floats
    covariance: Floats
    df: float | Floats = np.inf

    def __post_init__(self) -> None:
        """Check shapes.

        Raises
        ------
        ValueError
            If the covariance is no symmetric matrix of the estimates with variances above 0, or
            degrees of freedom are not above 0.
        """
        m = len(self.estimate)
        if self.covariance.shape != (m, m):
            raise ValueError(f"{m} estimates have a covariance of shape {self.covariance.shape}")
        known = self.known
        block = self.covariance[np.ix_(known, known)]
        if not (np.diag(block) > 0.0).all() or not np.allclose(block, block.T, rtol=1e-8, atol=0.0):
            raise ValueError("a covariance is symmetric with variances above 0")
        if not (self.all_df[known] > 0.0).all():
            raise ValueError("degrees of freedom must be above 0")

    @property
    def known(self) -> np.ndarray:
        """(m,) which estimates there are."""
        return np.isfinite(self.estimate) & np.isfinite(np.diag(self.covariance))

    @property
    def se(self) -> Floats:
        """(m,) standard errors."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def all_df(self) -> Floats:
        """(m,) degrees of freedom of each."""
        return np.broadcast_to(np.asarray(self.df, dtype=float), self.estimate.shape)

    @property
    def common_df(self) -> float:
        """The smallest degrees of freedom, which a joint t distribution has for all."""
        known = self.all_df[self.known]
        return float(known.min()) if len(known) else np.inf

    @property
    def correlation(self) -> Floats:
        """(m, m) correlation; 0 of estimates that there are not.

        With correlations of 0 the largest of several statistics tends to be no smaller than with
        their own (Sidak 1967, Journal of the American Statistical Association 62:626-633), so a
        hypothesis whose model failed stays in the family.
        """
        known = self.known
        found = np.eye(len(known))
        within = np.ix_(known, known)
        se = self.se[known]
        # Rounding must not leave correlations above 1, for which there is no distribution.
        found[within] = np.clip(self.covariance[within] / np.outer(se, se), -1.0, 1.0)
        np.fill_diagonal(found, 1.0)
        return found


def joint_contrasts(
    means: Floats, covariance: Floats, weights: Floats, df: float | Floats = np.inf
) -> Joint:
    """Return contrasts of the arms' means, or of any coefficients, with their joint covariance.

    Parameters
    ----------
    means
        (k,) means of arms.
    covariance
        (k, k) their covariance.
    weights
        (m, k) a row a contrast.
    df
        As of :class:`Joint`.
    """
    return Joint(weights @ means, weights @ covariance @ weights.T, df)


def statistics(
    joint: Joint, sides: Sides, better: float | Floats = 1.0, null: float | Floats = 0.0
) -> tuple[Floats, Floats]:
    """Return (m,) statistics that are larger the more they reject, and their (m, m) correlation.

    Parameters
    ----------
    joint
        The estimates.
    sides
        Of the tests.
    better
        1 where a higher estimate is better, -1 where a lower one is: of all, or (m,).
    null
        Value of the null hypothesis, on the scale of the estimates: of all, or (m,).
    """
    turn = np.broadcast_to(np.sign(np.asarray(better, dtype=float)), joint.estimate.shape)
    t = turn * (joint.estimate - null) / joint.se
    return (np.abs(t) if sides == 2 else t), joint.correlation * np.outer(turn, turn)


def tail(t: float | Floats, df: float | Floats, sides: Sides) -> Floats:
    """Return the chance that one statistic is at least t where its null holds."""
    infinite = np.isinf(df)
    finite = np.where(infinite, 1.0, df)
    one = np.where(infinite, special.ndtr(-np.asarray(t)), special.stdtr(finite, -np.asarray(t)))
    return np.asarray(sides * one)


def quantile(chance: float, df: float, sides: Sides) -> float:
    """Return the t that one statistic is at least with some chance where its null holds."""
    upper = chance / sides
    return -float(special.ndtri(upper) if np.isinf(df) else special.stdtrit(df, upper))


def largest_tail(t: float, correlation: Floats, df: float, sides: Sides) -> float:
    """Return the chance that the largest statistic is at least t where all nulls hold.

    It lies between that of one statistic and m times as much, where rounding is held.

    Parameters
    ----------
    t
        0 or more for 2-sided tests.
    correlation
        (m, m) of the statistics before they lose their sign; it may be singular.
    df
        Degrees of freedom, 2 or more; infinite: normal. Below 2 errors are some 1e-4.
    sides
        Of the tests.
    """
    from scipy import stats  # noqa: PLC0415 - slow to import; most plans have one contrast

    m = len(correlation)
    one = float(tail(t, df, sides))
    if m == 1 or one >= 1.0:
        return min(one, 1.0)
    scales, weights = _scales(df)
    upper = np.outer(scales, np.full(m, t))
    lower = -upper if sides == 2 else np.full_like(upper, -np.inf)
    least, times = _SINGULAR
    points = _POINTS * (times if m > 2 and np.linalg.eigvalsh(correlation)[0] < least else 1)
    normal = stats.multivariate_normal(
        cov=correlation, allow_singular=True, seed=_SEED, maxpts=points // len(scales)
    )
    below = weights @ np.atleast_1d(normal.cdf(upper, lower_limit=lower))
    return float(np.clip(1.0 - below, one, min(m * one, 1.0)))


def _scales(df: float) -> tuple[Floats, Floats]:
    """Return values of chi / sqrt(df), by which a t statistic divides, and their weights."""
    if df > _AS_NORMAL:
        return np.ones(1), np.ones(1)
    low = np.sqrt(2.0 * special.gammaincinv(df / 2.0, _TAIL) / df)
    high = np.sqrt(2.0 * special.gammainccinv(df / 2.0, _TAIL) / df)
    scales = low + (_NODES + 1.0) * (high - low) / 2.0
    # The density up to a constant, relative to that at 1, which large degrees of freedom need.
    density = np.exp((df - 1.0) * np.log(scales) - df * (scales**2 - 1.0) / 2.0) * _WEIGHTS
    return scales, density / density.sum()


def critical_value(correlation: Floats, alpha: float, df: float, sides: Sides) -> float:
    """Return the t that the largest of several statistics is at least with a chance of alpha.

    Parameters
    ----------
    correlation, df, sides
        As of :func:`largest_tail`.
    alpha
        Family-wise level, above 0 and below 1.
    """
    from scipy import optimize  # noqa: PLC0415 - slow to import; most plans have one contrast

    m = len(correlation)

    def excess(t: float) -> float:
        return largest_tail(t, correlation, df, sides) - alpha

    # Between one test at level alpha and Bonferroni's; integration may err at either end.
    low, high = quantile(alpha, df, sides), quantile(alpha / m, df, sides)
    if m == 1 or excess(low) <= 0.0:
        return low
    if excess(high) >= 0.0:
        return high
    return float(optimize.brentq(excess, low, high, xtol=1e-6))
