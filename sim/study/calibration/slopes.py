"""Slopes of simulated statistics: differences on common random numbers, and their noise."""

from collections.abc import Callable, Sequence

import numpy as np

from sim.study.calibration.weights import Weights

SimulatePoints = Callable[[Sequence[np.ndarray]], list[np.ndarray | None]]
"""Points to their (replicates, statistics) tables; None where the scenario is not allowed."""


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
