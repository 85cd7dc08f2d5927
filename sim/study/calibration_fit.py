"""The arithmetic of a calibration: weights, Gauss-Newton steps, and the Laplace posterior.

Parameters u are in prior SDs from their prior means, so the prior is standard normal. Statistics m(u)
are means over replicates. Minimized is the distance

    (y - m(u))' S^-1 (y - m(u)) + u'u,

twice the negative log posterior of a Gaussian synthetic likelihood (Wood, Nature 2010;466:1102),
whose S holds the spread of one trial's statistics, the Monte Carlo error of m, and the rounding of
the published numbers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

FURTHEST = 4.0
"""Prior SDs from the prior mean that a fit may go."""
LONGEST_STEP = 2.0
"""Prior SDs that a parameter may go in one iteration."""
STEP_SHARES = (1.0, 0.5, 0.25, 0.1)
"""Shares of a Gauss-Newton step that are tried, all at once."""
WORTHWHILE = 0.2
"""Fall of the distance below which a further iteration changes nothing that matters."""

SimulatePoints = Callable[[Sequence[np.ndarray]], list[np.ndarray | None]]
"""Points to their (replicates, statistics) tables; None where the scenario is not allowed."""


def shrunk_covariance(samples: np.ndarray) -> tuple[np.ndarray, float]:
    """Return a covariance whose correlations are shrunk towards 0, and by how much.

    The intensity is the one of Schäfer and Strimmer (Stat Appl Genet Mol Biol 2005;4:32, target D):
    the summed variances of the correlations over their summed squares. Variances are not shrunk.

    Parameters
    ----------
    samples
        (r, t): r replicates of t statistics, complete.

    Returns
    -------
    covariance : (t, t)
    intensity : float
        0 (as estimated) to 1 (uncorrelated).
    """
    r = len(samples)
    sd = samples.std(axis=0, ddof=1)
    z = (samples - samples.mean(axis=0)) / np.where(sd > 0.0, sd, 1.0)
    mean_product = z.T @ z / r
    correlation = mean_product * r / (r - 1)
    squares = (z**2).T @ (z**2) / r - mean_product**2
    variance = squares * r**2 / (r - 1) ** 3
    off = ~np.eye(len(sd), dtype=bool)
    total = float((correlation[off] ** 2).sum())
    intensity = min(1.0, float(variance[off].sum()) / total) if total > 0.0 else 1.0
    correlation[off] *= 1.0 - intensity
    return correlation * np.outer(sd, sd), intensity


@dataclass(frozen=True, slots=True)
class Weights:
    """Weighs statistics by their covariance.

    Attributes
    ----------
    covariance
        (t, t).
    factor
        Its lower Cholesky factor.
    """

    covariance: np.ndarray
    factor: np.ndarray

    @classmethod
    def of(cls, covariance: np.ndarray) -> "Weights":
        """Factorize a positive definite covariance."""
        return cls(covariance, np.linalg.cholesky(covariance))

    def whiten(self, values: np.ndarray) -> np.ndarray:
        """Return uncorrelated values of unit variance, along the first axis."""
        return np.asarray(linalg.solve_triangular(self.factor, values, lower=True))


@dataclass(frozen=True, slots=True)
class Fit:
    """Where Gauss-Newton ended.

    Attributes
    ----------
    point
        (k,) prior SDs from the prior mean.
    statistics
        (replicates, t) at that point.
    distances
        The distance at the start and after each iteration.
    converged
        Whether a further iteration brings nothing.
    """

    point: np.ndarray
    statistics: np.ndarray
    distances: tuple[float, ...]
    converged: bool


def distance(published: np.ndarray, statistics: np.ndarray, point: np.ndarray, w: Weights) -> float:
    """Return twice the negative log posterior, up to a constant."""
    residual = w.whiten(published - statistics.mean(axis=0))
    return float(residual @ residual + point @ point)


def gauss_newton(
    simulate: SimulatePoints,
    published: np.ndarray,
    weights: Weights,
    start: np.ndarray,
    *,
    step: float,
    iterations: int,
    on_iteration: Callable[[int, float], None] | None = None,
) -> Fit:
    """Minimize the distance.

    Each iteration takes the Jacobian by forward differences on common random numbers and tries
    shares of the Gauss-Newton step; the prior keeps the normal equations well conditioned.

    Parameters
    ----------
    simulate
        Simulates points; the same point must give the same statistics.
    published
        (t,).
    weights
        Of the statistics.
    start
        (k,).
    step
        Of the differences, in prior SDs.
    iterations
        At most so many.
    on_iteration
        Called with the number of the iteration and the distance after it.

    Raises
    ------
    ValueError
        If the start is not allowed.
    """
    first = simulate([start])[0]
    if first is None:
        raise ValueError("the start of the calibration is not allowed")
    point, statistics = start, first
    distances = [distance(published, statistics, point, weights)]
    for number in range(1, iterations + 1):
        slopes = weights.whiten(jacobian(simulate, point, statistics, step=step).mean(axis=0))
        residual = weights.whiten(published - statistics.mean(axis=0))
        information = slopes.T @ slopes + np.eye(len(point))
        towards = np.linalg.solve(information, slopes.T @ residual - point)
        towards *= min(1.0, LONGEST_STEP / max(np.abs(towards).max(), 1e-12))
        points = [np.clip(point + s * towards, -FURTHEST, FURTHEST) for s in STEP_SHARES]
        gained = 0.0
        for there, found in zip(points, simulate(points), strict=True):
            if found is None:
                continue
            fall = distances[-1] - distance(published, found, there, weights)
            if fall > gained:
                gained, point, statistics = fall, there, found
        distances.append(distances[-1] - gained)
        if on_iteration is not None:
            on_iteration(number, distances[-1])
        if gained < WORTHWHILE:
            return Fit(point, statistics, tuple(distances), converged=True)
    return Fit(point, statistics, tuple(distances), converged=False)


def jacobian(
    simulate: SimulatePoints,
    point: np.ndarray,
    statistics: np.ndarray,
    *,
    step: float,
    central: bool = False,
) -> np.ndarray:
    """Return the slopes of every replicate's statistics, (replicates, t, k).

    Where a forward point is not allowed, the difference is taken backward; where neither is, the
    slope is 0.
    """
    k = len(point)
    moves = np.eye(k) * step
    forward = simulate([point + move for move in moves])
    if central:
        backward = simulate([point - move for move in moves])
    else:
        wanted = [at for at in range(k) if forward[at] is None]
        found = simulate([point - moves[at] for at in wanted]) if wanted else []
        backward = [None] * k
        for at, there in zip(wanted, found, strict=True):
            backward[at] = there
    slopes = np.zeros((*statistics.shape, k))
    for at, (up, down) in enumerate(zip(forward, backward, strict=True)):
        ends = (statistics if up is None else up, statistics if down is None else down)
        width = step * ((up is not None) + (down is not None))
        if width > 0.0:
            slopes[:, :, at] = (ends[0] - ends[1]) / width
    return slopes


@dataclass(frozen=True, slots=True)
class Posterior:
    """Laplace's approximation: normal around the point of least distance.

    Attributes
    ----------
    point
        (k,) its mean.
    covariance
        (k, k), in prior SDs.
    slopes
        (t, k) the Jacobian it rests on, its noise taken off.
    gain
        (k, t): by how many posterior SDs a parameter moves when a published number moves by one
        predictive SD.
    noise
        (k,) share of the Jacobian's squared length that is Monte Carlo noise.
    """

    point: np.ndarray
    covariance: np.ndarray
    slopes: np.ndarray
    gain: np.ndarray
    noise: np.ndarray

    @property
    def sd(self) -> np.ndarray:
        """(k,) posterior SDs, in prior SDs."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def contraction(self) -> np.ndarray:
        """(k,) share of the prior variance that the targets take away, 0 to 1."""
        return 1.0 - np.diag(self.covariance)

    @property
    def correlation(self) -> np.ndarray:
        """(k, k) posterior correlations."""
        return self.covariance / np.outer(self.sd, self.sd)


def laplace(point: np.ndarray, slopes: np.ndarray, weights: Weights) -> Posterior:
    """Return the posterior (J' S^-1 J + I)^-1 around a point.

    Noise in the slopes would look like information. Its size is known from the replicates, and
    each parameter's slopes are shortened so that their expected squared length is right.

    Parameters
    ----------
    point
        (k,).
    slopes
        (replicates, t, k), of every replicate.
    weights
        Of the statistics.
    """
    replicates, _, k = slopes.shape
    mean = slopes.mean(axis=0)
    whitened = weights.whiten(mean)
    squared = (whitened**2).sum(axis=0)
    noise = np.zeros(k)
    if replicates > 1:
        each = np.stack([weights.whiten(one) for one in slopes])
        squared_error = each.var(axis=0, ddof=1).sum(axis=0) / replicates
        noise = np.divide(squared_error, squared, out=noise, where=squared > 0.0)
    shorter = np.sqrt(np.clip(1.0 - noise, 0.0, 1.0))
    whitened = whitened * shorter
    covariance = np.linalg.inv(whitened.T @ whitened + np.eye(k))
    covariance = 0.5 * (covariance + covariance.T)
    per_target = linalg.solve_triangular(weights.factor, whitened, lower=True, trans="T").T
    sd = np.sqrt(np.diag(weights.covariance))
    gain = covariance @ per_target * sd / np.sqrt(np.diag(covariance))[:, None]
    return Posterior(point, covariance, mean * shorter, gain, np.clip(noise, 0.0, 1.0))
