"""The one variance ratio of a random-intercept model, found on cross-products alone.

With lambda = tau^2 / sigma^2 everything but lambda has a closed form, so that the likelihood is
maximised over one number. In a cluster of m rows the inverse covariance, times sigma^2, is

    I - lambda / (1 + m lambda) 11' = (I - 11'/m) + 11' / (m (1 + m lambda)),

so X'V^-1 X is a part within clusters, free of lambda, plus a part between clusters, which rows
enter by their cluster sums only. Cross-products are therefore formed once, one matrix for each
cluster size, and a step of the search costs no pass over the data. The slope in lambda needs no
slope of beta (envelope theorem): dRSS/dlambda = -sum_m Q_m / (1 + m lambda)^2, Q_m being the summed
squares of the residuals' cluster sums.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from analysis.estimators.clustered import Floats, Integers
from analysis.estimators.errors import FitError

Method = Literal["ml", "reml"]

# Intraclass correlations tau^2 / (tau^2 + sigma^2) between which the slope may change its sign.
_SCAN = np.array([0.0, 0.05, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 0.97, 0.999, 1 - 1e-6])
_MAX_STEPS = 100
# A Newton step this short squares to less than rounding.
_CLOSE = 1e-8


@dataclass(frozen=True, slots=True)
class Moments:
    """Cross-products of p columns and K responses, within and between clusters of M sizes."""

    n_rows: int
    sizes: Floats  # (M,)
    counts: Floats  # (M,)
    within_xx: Floats  # (p, p)
    within_xy: Floats  # (K, p)
    within_yy: Floats  # (K,)
    between_xx: Floats  # (M, p, p)
    between_xy: Floats  # (K, M, p)
    between_yy: Floats  # (K, M)

    def take(self, responses: Integers) -> "Moments":
        """Return the moments of some responses, in that order."""
        return replace(
            self,
            within_xy=self.within_xy[responses],
            within_yy=self.within_yy[responses],
            between_xy=self.between_xy[responses],
            between_yy=self.between_yy[responses],
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """The deviance profiled over beta and sigma^2 at variance ratios, and its parts."""

    deviance: Floats
    slope: Floats  # of the deviance, by lambda
    curvature: Floats
    beta: Floats
    inverse: Floats  # of the weighted Gram matrix
    gram_slope: Floats
    rss: Floats
    rss_slope: Floats
    freedom: int


def profile_at(moments: Moments, ratio: Floats, method: Method) -> Profile:
    """Evaluate the profile at variance ratios whose shape broadcasts against the K responses."""
    n_columns = len(moments.within_xx)
    # With the (p, p) matrices laid flat, a weighted sum over sizes is one matrix product for all
    # ratios at once.
    flat = moments.between_xx.reshape(len(moments.sizes), -1)
    # For each cluster size m the weight of the module's docstring, 1 / (m (1 + m lambda)), and its
    # first and second derivative by lambda.
    spread = 1 + ratio[..., None] * moments.sizes
    weight = 1 / (moments.sizes * spread)
    slope_weight = -1 / spread**2
    bend_weight = 2 * moments.sizes / spread**3
    square = (*ratio.shape, n_columns, n_columns)
    gram = moments.within_xx + (weight @ flat).reshape(square)
    inverse = np.linalg.inv(gram).astype(np.float64, copy=False)
    gram_slope = (slope_weight @ flat).reshape(square)
    xy = moments.within_xy + (weight[..., None, :] @ moments.between_xy)[..., 0, :]
    beta = (inverse @ xy[..., None])[..., 0]

    # Residuals enter by their own cross-products, so that no digits cancel in their sum of squares.
    within = moments.within_xy - beta @ moments.within_xx
    fitted = beta @ moments.between_xx.transpose(1, 0, 2).reshape(n_columns, -1)
    between = moments.between_xy - fitted.reshape(*beta.shape[:-1], -1, n_columns)
    explained = ((moments.between_xy + between) @ beta[..., None])[..., 0]
    squares = moments.between_yy - explained
    rss = moments.within_yy - np.sum((moments.within_xy + within) * beta, axis=-1)
    rss = rss + np.sum(weight * squares, axis=-1)
    rss_slope = np.sum(slope_weight * squares, axis=-1)
    # The slope needs no slope of beta, but the curvature does: beta moves by inverse @ turn.
    turn = (slope_weight[..., None, :] @ between)[..., 0, :]
    moved = (inverse @ turn[..., None])[..., 0]
    rss_bend = np.sum(bend_weight * squares, axis=-1) - 2 * np.sum(turn * moved, axis=-1)

    share = moments.sizes / spread
    freedom = moments.n_rows - (n_columns if method == "reml" else 0)
    relative = rss_slope / rss
    deviance = freedom * np.log(rss / freedom) + np.log(spread) @ moments.counts
    slope = freedom * relative + share @ moments.counts
    curvature = freedom * (rss_bend / rss - relative**2) - share**2 @ moments.counts
    if method == "reml":
        # REML adds log det X'V^-1 X: its derivatives are traces of inverse @ (slopes of the Gram).
        product = inverse @ gram_slope
        bend = (bend_weight @ flat).reshape(square)
        deviance = deviance - np.linalg.slogdet(inverse)[1].astype(np.float64)
        slope = slope + np.trace(product, axis1=-2, axis2=-1)
        curvature = curvature + np.sum(inverse * bend, axis=(-2, -1))
        curvature = curvature - np.sum(product * product.swapaxes(-2, -1), axis=(-2, -1))
    return Profile(deviance, slope, curvature, beta, inverse, gram_slope, rss, rss_slope, freedom)


def best_ratio(moments: Moments, method: Method) -> Floats:
    """Find the ratio (K,) of highest likelihood: scan, bracket all minima, compare."""
    # The likelihood can have two maxima, so every change of the slope's sign is followed up. The
    # scan is over the correlation, lambda / (1 + lambda), because lambda itself is not bounded.
    at = profile_at(moments, (_SCAN / (1 - _SCAN))[:, None], method)
    slope = at.slope
    if np.any(~(slope >= 0).any(axis=0)):
        raise FitError("no residual variation")
    response, cell = np.nonzero(((slope[:-1] < 0) & (slope[1:] >= 0)).T)
    first, bend = _by_correlation(at, _SCAN[:, None])
    low, high = (cell, response), (cell + 1, response)
    start = _inverse_hermite(
        (_SCAN[cell], first[low], bend[low]), (_SCAN[cell + 1], first[high], bend[high])
    )
    bracket = _SCAN[cell], _SCAN[cell + 1]
    inside = _roots(moments.take(response), bracket, start, method)
    # Where the deviance rises from 0 on, no variance between clusters is a minimum as well.
    at_zero = np.flatnonzero(slope[0] >= 0)
    response = np.concatenate([at_zero, response])
    ratio = np.concatenate([np.zeros(len(at_zero)), inside])
    if len(response) > len(moments.within_yy):
        deviance = profile_at(moments.take(response), ratio, method).deviance
        # Sorted by response, then deviance: the first entry of each response is its best minimum.
        best_first = np.lexsort((deviance, response))
        response, ratio = response[best_first], ratio[best_first]
    return ratio[np.unique(response, return_index=True)[1]]


def _by_correlation(at: Profile, correlation: Floats) -> tuple[Floats, Floats]:
    """Return the deviance's first and second derivative by rho, where lambda = rho / (1 - rho)."""
    stretch = 1 / (1 - correlation) ** 2
    slope = stretch * at.slope
    return slope, stretch**2 * at.curvature + 2 * slope / (1 - correlation)


def _inverse_hermite(
    low: tuple[Floats, Floats, Floats], high: tuple[Floats, Floats, Floats]
) -> Floats:
    """Guess a function's root from place, value and slope at both ends, as a cubic in its value."""
    (x0, f0, d0), (x1, f1, d1) = low, high
    rise = f1 - f0
    t = -f0 / rise
    with np.errstate(divide="ignore", invalid="ignore"):
        guess = (1 + 2 * t) * (1 - t) ** 2 * x0 + t**2 * (3 - 2 * t) * x1
        guess = guess + rise * (t * (1 - t) ** 2 / d0 - t**2 * (1 - t) / d1)
    return np.where((guess > x0) & (guess < x1), guess, (x0 + x1) / 2)


def _roots(
    moments: Moments, bracket: tuple[Floats, Floats], start: Floats, method: Method
) -> Floats:
    """Find where the slope is 0 between two intraclass correlations, by guarded Newton steps."""
    low, high = bracket
    correlation = start
    for _ in range(_MAX_STEPS if len(start) else 0):
        at = profile_at(moments, correlation / (1 - correlation), method)
        low = np.where(at.slope < 0, correlation, low)
        high = np.where(at.slope < 0, high, correlation)
        slope, bend = _by_correlation(at, correlation)
        # NaN where the deviance bends downwards: no comparison holds, so the bracket is halved.
        step = correlation - slope / np.where(bend > 0, bend, np.nan)
        done = np.abs(step - correlation) < _CLOSE
        inside = (step > low) & (step < high)
        correlation = np.where(done | inside, step, (low + high) / 2)
        if np.all(done | (high - low < _CLOSE)):
            break
    return correlation / (1 - correlation)
