"""The arithmetic of a calibration: weights, Gauss-Newton steps, and the Laplace posterior.

Parameters u are in prior SDs from their prior means, so the prior is standard normal. Statistics
m(u) are means over replicates. Minimized is the distance

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
STEP_SHARES = (1.0, 0.5, 0.2)
"""Shares of a Gauss-Newton step that are tried, all at once."""
TOO_NOISY = 0.25
"""Share of noise in a parameter's slopes from which its differences are widened."""
WIDE = 1.0
"""Prior SDs of a wide difference."""
NEAR = 0.5
"""Prior SDs from where a Jacobian was taken within which it is that of the end."""
WORTHWHILE = 1.0
"""Fall of the distance below which a step is not worth its cost: the one step at the end, on more
replicates, takes what is left."""

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
    slopes
        (replicates, t, k) of central differences, there or near.
    distances
        The distance at the start and after each iteration.
    converged
        Whether a further iteration brings nothing.
    """

    point: np.ndarray
    statistics: np.ndarray
    slopes: np.ndarray
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
) -> Fit:
    """Minimize the distance.

    The first Jacobian is of forward differences on common random numbers. Each iteration tries
    shares of the Gauss-Newton step, which the prior keeps well conditioned, and updates the
    Jacobian by what was seen (Broyden, Math Comput 1965;19:577). Where that leads no further, the
    Jacobian is taken again, of central differences, until steps from there lead no further and
    not far away.

    A parameter whose differences are mostly noise gets wide ones: one that decides who is enrolled
    changes the patients, and with them the luck.

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

    Raises
    ------
    ValueError
        If the start is not allowed.
    """
    first = simulate([start])[0]
    if first is None:
        raise ValueError("the start of the calibration is not allowed")
    point, statistics = start, first
    steps = np.full(len(start), step)
    each = jacobian(simulate, point, statistics, steps)
    noisy = np.flatnonzero(noise_share(each, weights) > TOO_NOISY)
    if len(noisy):
        steps[noisy] = np.maximum(step, WIDE)
        each[:, :, noisy] = jacobian(simulate, point, statistics, steps, columns=noisy)
    slopes = trusted(each, weights)
    distances = [distance(published, statistics, point, weights)]
    anchor, converged = None, False
    while len(distances) <= iterations:
        towards, _ = newton_step(slopes, published - statistics.mean(axis=0), point, weights)
        towards *= min(1.0, LONGEST_STEP / max(np.abs(towards).max(), 1e-12))
        points = [np.clip(point + s * towards, -FURTHEST, FURTHEST) for s in STEP_SHARES]
        best, found = distances[-1], None
        for there, table in zip(points, simulate(points), strict=True):
            if table is not None and distance(published, table, there, weights) < best:
                best, found, to = distance(published, table, there, weights), table, there
        gained = distances[-1] - best
        distances.append(best)
        if found is not None:
            moved = to - point
            missed = (found - statistics).mean(axis=0) - slopes @ moved
            slopes = slopes + np.outer(missed, moved) / (moved @ moved)
            point, statistics = to, found
        if gained >= WORTHWHILE:
            continue
        if anchor is not None and np.abs(point - anchor).max() <= NEAR:
            converged = True
            break
        each = jacobian(simulate, point, statistics, steps, central=True)
        slopes, anchor = trusted(each, weights), point
    if not converged:
        each = jacobian(simulate, point, statistics, steps, central=True)
    return Fit(point, statistics, each, tuple(distances), converged)


def newton_step(
    slopes: np.ndarray, residual: np.ndarray, point: np.ndarray, weights: Weights
) -> tuple[np.ndarray, float]:
    """Return the Gauss-Newton step, (k,), and by how much the distance would fall with it."""
    whitened = weights.whiten(slopes)
    gradient = whitened.T @ weights.whiten(residual) - point
    step = np.linalg.solve(whitened.T @ whitened + np.eye(len(point)), gradient)
    return step, float(gradient @ step)


def jacobian(
    simulate: SimulatePoints,
    point: np.ndarray,
    statistics: np.ndarray,
    steps: np.ndarray,
    *,
    central: bool = False,
    columns: np.ndarray | None = None,
) -> np.ndarray:
    """Return the slopes of every replicate's statistics, (replicates, t, k).

    Where a forward point is not allowed, the difference is taken backward; where neither is, the
    slope is 0.

    Parameters
    ----------
    simulate, point
        What is differentiated, and where.
    statistics
        (replicates, t) at the point.
    steps
        (k,) of the differences.
    central
        Take differences over both sides.
    columns
        Parameters to differentiate by; all if None.
    """
    wanted = np.arange(len(point)) if columns is None else columns
    moves = np.diag(steps)[wanted]
    forward = simulate([point + move for move in moves])
    backward: list[np.ndarray | None] = [None] * len(wanted)
    missing = [at for at in range(len(wanted)) if central or forward[at] is None]
    for at, found in zip(missing, simulate([point - moves[at] for at in missing]), strict=True):
        backward[at] = found
    slopes = np.zeros((*statistics.shape, len(wanted)))
    for at, (up, down) in enumerate(zip(forward, backward, strict=True)):
        ends = (statistics if up is None else up, statistics if down is None else down)
        width = steps[wanted[at]] * ((up is not None) + (down is not None))
        if width > 0.0:
            slopes[:, :, at] = (ends[0] - ends[1]) / width
    return slopes


def slope_errors(slopes: np.ndarray) -> np.ndarray:
    """Return the Monte Carlo standard errors of mean slopes, (t, k); 0 from one replicate."""
    if len(slopes) < 2:
        return np.zeros(slopes.shape[1:])
    return np.asarray(slopes.std(axis=0, ddof=1) / np.sqrt(len(slopes)))


def trusted(slopes: np.ndarray, weights: Weights) -> np.ndarray:
    """Return mean slopes, pulled to 0 as far as they may be noise, (t, k).

    Noise would pass for information on every parameter. A slope b with standard error s becomes
    b max(0, 1 - 2 s^2 / b^2), a positive-part shrinkage as James and Stein's. Then each parameter's
    slopes are shortened, if need be, to the information they hold beyond noise: of their squared
    whitened length, what is expected of noise and two of its standard errors are taken off.
    """
    mean = slopes.mean(axis=0)
    error = slope_errors(slopes)
    noise = np.full_like(mean, 2.0)
    np.divide(2.0 * error**2, mean**2, out=noise, where=mean != 0.0)
    kept = mean * np.clip(1.0 - noise, 0.0, 1.0)
    whitened = np.stack([weights.whiten(one) for one in slopes])
    expected = (slope_errors(whitened) ** 2).sum(axis=0) * (1.0 + 2.0 * np.sqrt(2.0 / len(mean)))
    information = np.maximum((whitened.mean(axis=0) ** 2).sum(axis=0) - expected, 0.0)
    length = (weights.whiten(kept) ** 2).sum(axis=0)
    share = np.divide(information, length, out=np.ones_like(length), where=length > 0.0)
    shorter: np.ndarray = kept * np.sqrt(np.minimum(share, 1.0))
    return shorter


def noise_share(slopes: np.ndarray, weights: Weights) -> np.ndarray:
    """Return which share of each parameter's squared slopes is Monte Carlo noise, (k,), 0 to 1."""
    sd = np.sqrt(np.diag(weights.covariance))[:, None]
    total = ((slopes.mean(axis=0) / sd) ** 2).sum(axis=0)
    noise = ((slope_errors(slopes) / sd) ** 2).sum(axis=0)
    share: np.ndarray = np.divide(noise, total, out=np.zeros_like(total), where=total > 0.0)
    return share.clip(0.0, 1.0)


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
        (t, k) the Jacobian it rests on.
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
    """Return the posterior (J' S^-1 J + I)^-1 around a point, of slopes that can be trusted.

    Parameters
    ----------
    point
        (k,).
    slopes
        (replicates, t, k), of every replicate.
    weights
        Of the statistics.
    """
    mean = trusted(slopes, weights)
    whitened = weights.whiten(mean)
    covariance = np.linalg.inv(whitened.T @ whitened + np.eye(len(point)))
    covariance = 0.5 * (covariance + covariance.T)
    per_target = linalg.solve_triangular(weights.factor, whitened, lower=True, trans="T").T
    sd = np.sqrt(np.diag(weights.covariance))
    gain = covariance @ per_target * sd / np.sqrt(np.diag(covariance))[:, None]
    return Posterior(point, covariance, mean, gain, noise_share(slopes, weights))
