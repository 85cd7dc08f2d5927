"""Levels of a trait that depend on another trait, with both margins as they are stated.

A Gaussian copula joins traits by one number a pair. It cannot say that nobody works full-time at
80, nor that an episode of three months needs as many days of pain. Such a dependence is a table of
weights (:class:`scenarios.people.patients.Given`): the copula's joint distribution of groups and
levels times the weights, scaled by iterative proportional fitting (Deming and Stephan 1940) until
both margins are those stated. A person's normal score is then moved within the person's group: who
ranks high among those of the group stays high, and the share of each level is that of the table.
Over all groups the scores stay standard normal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy import special

from scenarios.people.patients import Categories, Given, Margin, Population
from scenarios.people.quantiles import score_of

_REACH = 7.0
_GRID = np.linspace(-_REACH, _REACH, 701)
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(64)
_ROUNDS, _CLOSE = 2000, 1e-12
_INSIDE = 1e-12


@dataclass(frozen=True, slots=True)
class JointLevels:
    """Joint distribution of the groups of one trait and the levels of another.

    Attributes
    ----------
    cuts
        (groups - 1,) normal scores that part the groups.
    below
        (groups, grid) share of a group whose score of the other trait is below a point of a grid,
        by the copula alone.
    joint
        (groups, levels) probabilities that sum to 1.
    missed
        Largest difference between a margin of ``joint`` and the one stated.
    """

    cuts: np.ndarray
    below: np.ndarray
    joint: np.ndarray
    missed: float


def joint_levels(population: Population, trait: str) -> JointLevels:
    """Return the joint distribution of a trait in ``population.given`` and what it depends on."""
    given, stated = population.given[trait], population.correlations
    levels = population.margins[trait]
    if not isinstance(levels, Categories):
        raise TypeError(f"{trait} has no levels")
    other_way = stated.get(given.by, {}).get(trait, 0.0)
    correlation = stated.get(trait, {}).get(given.by, other_way)
    cuts = _cuts(population.margins[given.by], given)
    return _joint(cuts, levels.shares, given.weights, correlation)


def given_scores(population: Population, scores: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the normal scores of traits that depend on another one.

    Parameters
    ----------
    population
        With ``given``; what a trait depends on does not itself depend on another one.
    scores
        Trait name to (n,) standard normals, correlated as the population says.

    Returns
    -------
    Trait name to (n,) scores, of those traits alone: standard normal, with
    :func:`scenarios.people.quantiles.values_from_scores` of them distributed as stated.
    """
    found = {}
    for trait, given in population.given.items():
        table = joint_levels(population, trait)
        group = np.searchsorted(table.cuts, scores[given.by], side="right")
        wanted = np.concatenate([[0.0], np.cumsum(table.joint.sum(axis=0))])
        moved = np.empty_like(scores[trait])
        for code in np.unique(group).tolist():
            members = group == code
            rank = np.interp(scores[trait][members], _GRID, table.below[code])
            rank = np.clip(rank, _INSIDE, 1.0 - _INSIDE)
            own = np.concatenate([[0.0], np.cumsum(table.joint[code]) / table.joint[code].sum()])
            moved[members] = np.interp(rank, own, wanted)
        found[trait] = np.asarray(special.ndtri(np.clip(moved, _INSIDE, 1.0 - _INSIDE)))
    return found


def _cuts(margin: Margin, given: Given) -> tuple[float, ...]:
    """Return the normal scores that part the groups."""
    if isinstance(margin, Categories):
        return tuple(special.ndtri(np.cumsum(margin.shares)[:-1]).tolist())
    return tuple(score_of(margin, cut) for cut in given.cuts)


@lru_cache(maxsize=64)
def _joint(
    cuts: tuple[float, ...],
    shares: tuple[float, ...],
    weights: tuple[tuple[float, ...], ...],
    correlation: float,
) -> JointLevels:
    bounds = np.clip([-_REACH, *cuts, _REACH], -_REACH, _REACH)
    groups = np.diff(special.ndtr(bounds))
    below = np.stack([_below(low, high, correlation) for low, high in pairwise(bounds.tolist())])
    edges = special.ndtri(np.cumsum(shares)[:-1])
    at_edges = np.stack([np.interp(edges, _GRID, row) for row in below])
    copula = np.diff(at_edges, axis=1, prepend=0.0, append=1.0) * groups[:, None]
    joint, wanted = copula * np.array(weights), np.array(shares)
    missed = np.inf
    for _ in range(_ROUNDS):
        joint = joint * _ratio(wanted, joint.sum(axis=0))
        there = joint.sum(axis=1)
        joint = joint * _ratio(groups, there)[:, None]
        missed = float(np.abs(joint.sum(axis=0) - wanted).max())
        if missed < _CLOSE:
            break
    missed = max(missed, float(np.abs(joint.sum(axis=1) - groups).max()))
    return JointLevels(np.array(cuts), below, joint, missed)


def _ratio(wanted: np.ndarray, there: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(wanted, there, out=np.zeros_like(wanted), where=there > 0.0))


def _below(low: float, high: float, correlation: float) -> np.ndarray:
    """Return the share with a score below each point of the grid, given the other's bounds.

    By Gauss-Legendre quadrature over the other score of a bivariate normal distribution.
    """
    at = 0.5 * (high - low) * _NODES + 0.5 * (high + low)
    density = _NODE_WEIGHTS * np.exp(-0.5 * at**2)
    spread = np.sqrt(1.0 - correlation**2)
    shares = special.ndtr((_GRID[:, None] - correlation * at) / spread)
    below = shares @ (density / density.sum())
    return np.asarray(below, dtype=float)
