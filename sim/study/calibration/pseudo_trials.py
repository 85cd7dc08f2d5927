"""Whether the posterior can be believed: pseudo-trials of known parameters are fitted, too.

Simulation-based calibration (Talts and others, arXiv:1804.06788): parameters drawn from a prior,
a trial simulated at them, and the posterior of its numbers; then the parameters have uniform
quantiles in the posteriors, whose intervals hold them as often as they say. The points of a wave
are such parameters, and the trial at each has been simulated already: the wave's design is the
prior. A trial is fitted by an emulator that was learned without it.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from sim.study.calibration.emulator import Emulator, Learned, Wave, learn
from sim.study.calibration.optimum import laplace, least
from sim.study.calibration.weights import Weights, shrunk_covariance

FOLDS = 10
"""Parts of a wave, each fitted by what was learned from the others."""
TRIALS = 200
"""Pseudo-trials fitted at most."""


@dataclass(frozen=True, slots=True)
class PseudoTrials:
    """Pseudo-trials that were fitted.

    Attributes
    ----------
    quantiles
        (n, k): where in its posterior each known parameter lies, 0 to 1.
    distances
        (n,) least distance of each.
    """

    quantiles: np.ndarray
    distances: np.ndarray

    def coverage(self, level: float) -> np.ndarray:
        """Return of each parameter how often the posterior interval held it, (k,)."""
        tail = (1.0 - level) / 2.0
        inside = (self.quantiles >= tail) & (self.quantiles <= 1.0 - tail)
        return np.asarray(inside.mean(axis=0))

    def uniformity(self) -> np.ndarray:
        """Return of each parameter the P value of Kolmogorov and Smirnov's test, (k,)."""
        return np.array([stats.kstest(q, "uniform").pvalue for q in self.quantiles.T])


@dataclass(frozen=True, slots=True)
class _Moved:
    """An emulator as a function of what is standard normal over a wave's design."""

    emulator: Emulator
    wave: Wave

    def predict(self, points: np.ndarray) -> np.ndarray:
        return self.emulator.predict(self.wave.centre + points @ self.wave.root.T)

    def slopes(self, point: np.ndarray) -> np.ndarray:
        return np.asarray(
            self.emulator.slopes(self.wave.centre + self.wave.root @ point) @ self.wave.root
        )


def fit_pseudo_trials(before: Emulator, learned: Learned, floor: np.ndarray) -> PseudoTrials:
    """Fit trials of a wave by what is learned from the rest of it.

    Parameters
    ----------
    before
        The emulator before the wave.
    learned
        What was learned from the whole wave.
    floor
        (t,) least variances of statistics.
    """
    wave = learned.wave  # the newest trials have the lowest numbers, and are of its design
    n, k = wave.points.shape
    fold = wave.number % FOLDS
    fitted = np.zeros(n, dtype=bool)
    fitted[np.unique(wave.number, return_index=True)[1][:TRIALS]] = True  # one trial a point
    quantiles = np.full((n, k), np.nan)
    distances = np.full(n, np.nan)
    covariance, _ = shrunk_covariance(learned.residuals)
    np.fill_diagonal(covariance, np.maximum(np.diag(covariance), floor))
    for each in range(FOLDS):
        mine = np.flatnonzero((fold == each) & fitted)
        if not len(mine):
            continue
        rest = learn(before, wave.without(fold == each))
        moved = _Moved(rest.emulator, wave)
        weights = Weights.of(covariance * (1.0 + rest.error_share(wave.centre)))
        for at in mine:
            quantiles[at], distances[at] = _fit(
                moved, wave.statistics[at], weights, wave.points[at]
            )
    return PseudoTrials(quantiles[fitted], distances[fitted])


def _fit(
    moved: _Moved, numbers: np.ndarray, weights: Weights, truth: np.ndarray
) -> tuple[np.ndarray, float]:
    k = len(truth)
    free = np.ones(k, dtype=bool)
    end, least_distance = least(moved, numbers, weights, np.zeros(k), free)
    posterior = laplace(moved, end, weights, free)
    root = moved.wave.root
    sd = np.sqrt(np.diag(root @ posterior.covariance @ root.T))
    z = (truth - moved.wave.centre - root @ end) / sd
    return special.ndtr(z), least_distance
