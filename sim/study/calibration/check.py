"""Draws from the posterior, and what simulating them says of the emulator and of the fit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.replicates.targets import published_on_scale
from scenarios.errors import InputError
from scenarios.targets import Target
from sim.study.calibration.emulator import Emulator
from sim.study.calibration.optimum import Posterior
from sim.study.calibration.simulation import Simulator
from sim.study.calibration.weights import Weights

DRAWS_SEED = 0x5E1FBACC
"""Of the posterior sample, so that it depends on nothing but the fit."""


@dataclass(frozen=True, slots=True)
class Check:
    """Trials simulated at the best point and at draws from the posterior.

    Attributes
    ----------
    apart
        Root mean square over targets of the simulated mean less the emulated one, at the best
        point, in SDs of one trial where the targets are uncorrelated. Monte Carlo error is taken
        off. An error of 1 in all of them would move a parameter by up to a posterior SD.
    statistics
        (draws, t) of single trials, each at its own draw: the posterior predictive.
    discrepancy
        Squared distance of the published numbers from the posterior predictive mean, by its
        covariance.
    p
        Share of the simulated trials that are at least as far off: near 0 where the model cannot
        give the published numbers, near 1 where it gives them more exactly than chance allows.
    """

    apart: float
    statistics: np.ndarray
    discrepancy: float
    p: float


def posterior_draws(
    posterior: Posterior, simulator: Simulator, count: int
) -> tuple[np.ndarray, int]:
    """Draw points that the scenario allows, and count those that it does not.

    Returns
    -------
    draws : (count, k)
        In prior SDs.
    refused : int
        Points that were drawn anew.

    Raises
    ------
    InputError
        If hardly any is allowed.
    """
    rng = np.random.default_rng(DRAWS_SEED)
    root = np.linalg.cholesky(posterior.covariance)
    kept: list[np.ndarray] = []
    refused = 0
    while len(kept) < count:
        point = posterior.point + root @ rng.standard_normal(len(root))
        if simulator.scenario(point) is None:
            refused += 1
            if refused > 20 * count:
                raise InputError(
                    "hardly any draw of the posterior is allowed by the scenario: "
                    "choose transforms that respect its limits"
                )
            continue
        kept.append(point)
    return np.stack(kept), refused


def how_far_apart(
    emulator: Emulator, point: np.ndarray, simulated: np.ndarray, spread: Weights, share: float
) -> float:
    """Return :attr:`Check.apart` at a point.

    Parameters
    ----------
    simulated
        (r, t) trials there.
    spread
        Weights by the spread of one trial alone.
    share
        Variance of the emulator by Monte Carlo error, as a share of that of one trial.
    """
    error = spread.whiten(simulated.mean(axis=0) - emulator.predict(point[None])[0])
    return float(np.sqrt(max(np.mean(error**2) - 1.0 / len(simulated) - share, 0.0)))


def posterior_predictive(
    posterior: Posterior,
    emulator: Emulator,
    targets: Sequence[Target],
    draws: np.ndarray,
    simulated: np.ndarray,
) -> tuple[float, float]:
    """Return :attr:`Check.discrepancy` and :attr:`Check.p`.

    Simulated numbers get what published ones have besides: rounding, and, of another study, the
    error of that study around the mean at the draw.
    """
    rng = np.random.default_rng(DRAWS_SEED)
    values = np.array([published_on_scale(target) for target in targets])
    trials = simulated + rng.uniform(-0.5, 0.5, simulated.shape) * (values[:, 2] - values[:, 1])
    for at, target in enumerate(targets):
        if target.own_error is not None:
            noise = target.own_error * rng.standard_normal(len(draws))
            trials[:, at] = emulator.predict(draws)[:, at] + noise
    opened = posterior.slopes @ posterior.covariance @ posterior.slopes.T
    weights = Weights.of(posterior.weights.covariance + opened)
    mean = emulator.predict(posterior.point[None])[0]
    own = float(np.sum(weights.whiten(values[:, 0] - mean) ** 2))
    others = np.sum(weights.whiten((trials - mean).T) ** 2, axis=0)
    return own, float(np.mean(others >= own))
