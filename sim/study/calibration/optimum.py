"""The point of least distance on an emulator, and Laplace's approximation of the posterior."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sim.study.calibration.design import FURTHEST
from sim.study.calibration.emulator import Emulator
from sim.study.calibration.weights import Weights, distance

STARTS = 16
"""Of the search: the prior mean, and draws from the prior."""
STARTS_SEED = 0x5E1F57A7
"""Of these draws, so that a search depends on nothing but what was simulated."""
STEPS = 200
"""Of a search at most."""
STILL = 1e-6
"""Length of a step, in prior SDs, below which a search is over."""
TOGETHER = 0.2
"""Posterior SDs in every parameter within which two searches have ended at one point."""
HELD = 0.1
"""Contraction below which a parameter is held at its prior."""


class Emulates(Protocol):
    """Mean statistics as a function of parameters with a standard normal prior."""

    def predict(self, points: np.ndarray) -> np.ndarray:
        """Return (n, t) statistics at (n, k) points."""
        ...

    def slopes(self, point: np.ndarray) -> np.ndarray:
        """Return the (t, k) derivatives at a (k,) point."""
        ...


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
    held
        (k,) booleans: the targets hardly inform about the parameter, so it has its prior.
    weights
        Of the targets; what the held parameters leave open is in its covariance.
    """

    point: np.ndarray
    covariance: np.ndarray
    slopes: np.ndarray
    gain: np.ndarray
    held: np.ndarray
    weights: Weights

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


@dataclass(frozen=True, slots=True)
class Starts:
    """How far searches from several starts agree.

    Attributes
    ----------
    count
        Of starts.
    together
        How many ended at the best point, within :data:`TOGETHER` posterior SDs.
    worst
        By how much the distance of the worst exceeds that of the best.
    """

    count: int
    together: int
    worst: float


def find_posterior(
    emulator: Emulator, published: np.ndarray, weights: Weights
) -> tuple[Posterior, Starts]:
    """Return Laplace's posterior around the least distance, from several starts.

    Parameters that the targets hardly inform about are held: they stay at 0, their prior mean,
    and what they leave open counts as error of the statistics.
    """
    k = emulator.parts[0].linear.shape[0]
    drawn = np.random.default_rng(STARTS_SEED).standard_normal((STARTS - 1, k))
    starts = np.vstack([np.zeros(k), np.clip(drawn, -2.0, 2.0)])
    free = np.ones(k, dtype=bool)
    ends = [least(emulator, published, weights, start, free) for start in starts]
    order = np.argsort([end[1] for end in ends], kind="stable")
    best = ends[order[0]][0]
    everything = laplace(emulator, best, weights, free)
    held = everything.contraction < HELD
    if held.any():
        slopes = emulator.slopes(best)[:, held]
        weights = Weights.of(weights.covariance + slopes @ slopes.T)
        ends = [least(emulator, published, weights, start, ~held) for start in starts]
        order = np.argsort([end[1] for end in ends], kind="stable")
        best = ends[order[0]][0]
    posterior = laplace(emulator, best, weights, ~held)
    apart = [float(np.max(np.abs(end - best) / posterior.sd)) for end, _ in ends]
    distances = [d for _, d in ends]
    return posterior, Starts(
        count=len(ends),
        together=sum(each <= TOGETHER for each in apart),
        worst=max(distances) - min(distances),
    )


def least(
    emulator: Emulates,
    published: np.ndarray,
    weights: Weights,
    start: np.ndarray,
    free: np.ndarray,
) -> tuple[np.ndarray, float]:
    """Search the least distance by damped Gauss-Newton steps (Levenberg and Marquardt).

    Parameters
    ----------
    free
        (k,) booleans: the others stay at 0.

    Returns
    -------
    point : (k,)
    distance : float
    """
    point = np.where(free, start, 0.0)

    def at(there: np.ndarray) -> float:
        return distance(published, emulator.predict(there[None])[0], there, weights)

    now, damping = at(point), 1e-3
    for _ in range(STEPS):
        whitened = weights.whiten(emulator.slopes(point)[:, free])
        residual = weights.whiten(published - emulator.predict(point[None])[0])
        gradient = whitened.T @ residual - point[free]
        information = whitened.T @ whitened + np.eye(len(gradient))
        damped = information + damping * np.diag(np.diag(information))
        moved = point.copy()
        moved[free] = np.clip(point[free] + np.linalg.solve(damped, gradient), -FURTHEST, FURTHEST)
        there = at(moved)
        if there >= now:
            damping *= 4.0
            if damping > 1e8:
                break
            continue
        length = float(np.abs(moved - point).max())
        point, now, damping = moved, there, max(damping / 4.0, 1e-9)
        if length < STILL:
            break
    return point, now


def laplace(emulator: Emulates, point: np.ndarray, weights: Weights, free: np.ndarray) -> Posterior:
    """Return the posterior (J' S^-1 J + I)^-1 around a point; of the rest, the prior."""
    slopes = emulator.slopes(point)
    whitened = weights.whiten(np.where(free, slopes, 0.0))
    covariance = np.linalg.inv(whitened.T @ whitened + np.eye(len(point)))
    covariance = 0.5 * (covariance + covariance.T)
    per_target = whitened.T @ weights.inverse_factor
    sd = np.sqrt(np.diag(weights.covariance))
    gain = covariance @ per_target * sd / np.sqrt(np.diag(covariance))[:, None]
    return Posterior(point, covariance, slopes, gain, ~free, weights)
