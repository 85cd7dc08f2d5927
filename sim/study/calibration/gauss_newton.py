"""Searches the point of least distance by Gauss-Newton steps."""

from dataclasses import dataclass

import numpy as np

from sim.study.calibration.slopes import SimulatePoints, jacobian, noise_share, trusted
from sim.study.calibration.weights import Weights, distance

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
    changes the patients, and with them their draws.

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
