"""Draws from the posterior, and what simulating some says of the Laplace approximation."""

from dataclasses import dataclass

import numpy as np

from scenarios.errors import InputError
from sim.study.calibration.laplace import Posterior
from sim.study.calibration.simulation import Simulator
from sim.study.calibration.slopes import SimulatePoints
from sim.study.calibration.weights import Weights

DRAWS_SEED = 0x5E1FBACC
"""Of the posterior sample, so that it depends on nothing but the fit."""

CHECKED = 16
"""Posterior draws simulated to check the Laplace approximation."""


@dataclass(frozen=True, slots=True)
class Check:
    """Posterior draws simulated, beside what the Laplace approximation says of them.

    Attributes
    ----------
    draws
        How many.
    explained
        Share of the squared change of the mean statistics, draw against best point on common
        random numbers and in predictive SDs, that the linear approximation explains.
    remainder
        Root mean square of what it does not explain, in predictive SDs. Monte Carlo error is taken
        off this, the share, and the bias.
    bias
        Root mean square over targets of the remainder's mean over draws.
    statistics
        (draws x replicates, t) of single trials: the posterior predictive.
    """

    draws: int
    explained: float
    remainder: float
    bias: float
    statistics: np.ndarray


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


def check_laplace(
    posterior: Posterior,
    draws: np.ndarray,
    weights: Weights,
    simulate: SimulatePoints,
) -> Check:
    """Simulate draws on the search's random numbers, and compare with the linear approximation.

    Raises
    ------
    InputError
        If the best point has no statistics.
    """
    used = list(draws[:CHECKED])
    tables = simulate([posterior.point, *used])
    here = tables[0]
    if here is None:
        raise InputError("the best point has no statistics: use more --replicates")
    sd = np.sqrt(np.diag(weights.covariance))
    change, remainder, noise = [], [], []
    for draw, table in zip(used, tables[1:], strict=True):
        if table is None:
            continue
        each = (table - here) / sd
        change.append(each.mean(axis=0))
        remainder.append(change[-1] - posterior.slopes @ (draw - posterior.point) / sd)
        noise.append(each.var(axis=0, ddof=1) / len(each))
    random = float(np.mean(noise))
    moved, left = float(np.mean(np.square(change))), float(np.mean(np.square(remainder)))
    centred = np.mean(remainder, axis=0)
    bias = float(np.mean(centred**2) - np.mean(np.var(remainder, axis=0, ddof=1)) / len(remainder))
    known = [table for table in tables[1:] if table is not None]
    return Check(
        draws=len(known),
        explained=1.0 - max(left - random, 0.0) / max(moved - random, 1e-12),
        remainder=float(np.sqrt(max(left - random, 0.0))),
        bias=float(np.sqrt(max(bias, 0.0))),
        statistics=np.concatenate(known),
    )
