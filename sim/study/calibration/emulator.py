"""Mean statistics as a function of the parameters, learned from simulated trials.

An emulator is a sum of parts: one over the prior, and one of what that leaves over around the best
point. Each is a regression with linear and squared terms of every parameter. A part holds around
its centre; beyond its design it changes no further.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from sim.study.calibration.design import OUTERMOST
from sim.study.calibration.shrinkage import shrunken

NEAR = 1.25
"""Root mean square over directions of a point's SDs from the centre, up to which it belongs to a
design; those of the design itself have about 1."""
SQUARES_FROM = 3
"""Points for each coefficient from which a regression has squared terms."""


@dataclass(frozen=True, slots=True)
class Part:
    """A regression.

    With v = root^-1 (u - centre), clipped to the design, and q = (v^2 - 1) / sqrt(2): intercept +
    linear' v + bend' q. Both terms have mean 0 and variance 1 over the design.

    Attributes
    ----------
    centre, root
        (k,) and (k, k): of the design.
    intercept, linear, bend
        (t,), (k, t) and (k, t).
    """

    centre: np.ndarray
    root: np.ndarray
    intercept: np.ndarray
    linear: np.ndarray
    bend: np.ndarray

    def predict(self, points: np.ndarray) -> np.ndarray:
        """Return (n, t) statistics at (n, k) points."""
        v = np.clip(standardized(points, self.centre, self.root), -OUTERMOST, OUTERMOST)
        return np.asarray(self.intercept + v @ self.linear + squares(v) @ self.bend)

    def slopes(self, point: np.ndarray) -> np.ndarray:
        """Return the (t, k) derivatives at a (k,) point."""
        v = standardized(point[None], self.centre, self.root)[0]
        inside = (np.abs(v) <= OUTERMOST)[:, None]
        by_v = np.where(inside, self.linear + np.sqrt(2.0) * v[:, None] * self.bend, 0.0)
        return np.asarray(linalg.solve(self.root.T, by_v).T)


@dataclass(frozen=True, slots=True)
class Emulator:
    """The sum of its parts; none gives 0 everywhere."""

    parts: tuple[Part, ...] = ()

    def predict(self, points: np.ndarray) -> np.ndarray:
        """Return (n, t) statistics at (n, k) points; 0 without parts."""
        return np.asarray(sum((part.predict(points) for part in self.parts), np.zeros(1)))

    def slopes(self, point: np.ndarray) -> np.ndarray:
        """Return the (t, k) derivatives at a (k,) point."""
        return np.asarray(sum(part.slopes(point) for part in self.parts))


@dataclass(frozen=True, slots=True)
class Wave:
    """Simulated points of a design.

    Attributes
    ----------
    centre, root
        Of the design.
    points
        (n, k): of each trial, where it was simulated.
    statistics
        (n, t) of the trials, complete.
    number
        (n,) of each trial's point: trials at one point have the same.
    """

    centre: np.ndarray
    root: np.ndarray
    points: np.ndarray
    statistics: np.ndarray
    number: np.ndarray

    def terms(self, points: np.ndarray) -> np.ndarray:
        """Return the (n, p) regressors at points: 1, linear terms, and squares if there are any."""
        v = np.clip(standardized(points, self.centre, self.root), -OUTERMOST, OUTERMOST)
        columns = [np.ones((len(v), 1)), v]
        if len(np.unique(self.number)) >= SQUARES_FROM * (2 * v.shape[1] + 1):
            columns.append(squares(v))
        return np.hstack(columns)

    def with_near(self, earlier: "Sequence[Wave]") -> "Wave":
        """Return the wave together with those trials of earlier ones that are in its design."""
        points, statistics, numbers = [self.points], [self.statistics], [self.number]
        for wave in earlier:
            v = standardized(wave.points, self.centre, self.root)
            near = np.sqrt(np.mean(v**2, axis=1)) <= NEAR
            points.append(wave.points[near])
            statistics.append(wave.statistics[near])
            numbers.append(
                wave.number[near] + 1 + max(int(each.max(initial=0)) for each in numbers)
            )
        return Wave(
            self.centre, self.root,
            np.concatenate(points), np.concatenate(statistics), np.concatenate(numbers),
        )  # fmt: skip

    def without(self, left_out: np.ndarray) -> "Wave":
        """Return the wave without some of its trials, (n,) booleans."""
        kept = ~left_out
        return Wave(
            self.centre, self.root, self.points[kept], self.statistics[kept], self.number[kept]
        )


@dataclass(frozen=True, slots=True)
class Learned:
    """An emulator, and what its last wave left over.

    Attributes
    ----------
    emulator
        With the part of the wave last.
    residuals
        (n, t) one trial's statistics less the regression, of the variance of a trial.
    leverages
        (p, p) inverse of the cross-products of the regressors.
    wave
        What was learned from.
    """

    emulator: Emulator
    residuals: np.ndarray
    leverages: np.ndarray
    wave: Wave

    def error_share(self, point: np.ndarray) -> float:
        """Return the variance of the regression at a point, as a share of that of one trial."""
        row = self.wave.terms(point[None])[0]
        return float(row @ self.leverages @ row)


def learn(before: Emulator, wave: Wave) -> Learned:
    """Add a wave's part to an emulator.

    Coefficients are least squares, then shrunken. Their errors are correlated between statistics
    as the trials themselves are; so they are shrunken where the errors are independent, that is
    after a symmetric whitening, which changes each statistic as little as can be.

    Raises
    ------
    ValueError
        If there are hardly more points than coefficients.
    """
    left = wave.statistics - before.predict(wave.points)
    terms = wave.terms(wave.points)
    n, p = terms.shape
    freedom = n - p
    if len(np.unique(wave.number)) < 2 * p:
        raise ValueError(f"{len(np.unique(wave.number))} points are too few for {p} coefficients")
    inverse = np.linalg.inv(terms.T @ terms)
    coefficients = inverse @ (terms.T @ left)
    residuals = left - terms @ coefficients
    covariance = residuals.T @ residuals / freedom
    sd = np.sqrt(np.diag(covariance))
    sd = np.where(sd > 0.0, sd, 1.0)
    values, vectors = np.linalg.eigh(covariance / np.outer(sd, sd))
    values = np.maximum(values, 1e-8)
    whiten = (vectors / np.sqrt(values)) @ vectors.T / sd
    colour = sd[:, None] * ((vectors * np.sqrt(values)) @ vectors.T)
    errors = np.sqrt(np.diag(inverse))[1:, None]
    kept = shrunken(coefficients[1:] @ whiten.T, errors) @ colour.T
    k = wave.points.shape[1]
    bend = kept[k:] if len(kept) > k else np.zeros((k, left.shape[1]))
    part = Part(wave.centre, wave.root, coefficients[0], kept[:k], bend)
    own = residuals * np.sqrt(n / freedom)
    return Learned(Emulator((*before.parts, part)), own, inverse, wave)


def standardized(points: np.ndarray, centre: np.ndarray, root: np.ndarray) -> np.ndarray:
    """Return points in SDs of a design, (n, k)."""
    return np.asarray(np.linalg.solve(root, (points - centre).T).T)


def squares(v: np.ndarray) -> np.ndarray:
    """Return (v^2 - 1) / sqrt(2)."""
    return np.asarray((v**2 - 1.0) / np.sqrt(2.0))
