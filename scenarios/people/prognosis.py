"""Prognostic covariates: how much of a latent deviation they explain, as they are recorded.

A deviation has a part that is a weighted sum of the normal scores behind the covariates. An
analysis sees the covariates themselves: levels instead of scores, years on a bounded scale. What
linear regression on them explains of the sum is less than all of it, and is worked out here, so
that a stated R2 is the one that adjustment finds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from scenarios.people.patients import Categories, Margin, Population
from scenarios.people.plain_course import OutcomeCourse
from scenarios.people.quantiles import values_from_scores

_TERMS = 60
"""Of Hermite series. Two covariates whose scores correlate by r add r^60 or less beyond them."""
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(100)


@dataclass(frozen=True, slots=True)
class Prognosis:
    """A weighted sum of the normal scores of covariates, scaled to variance 1.

    Attributes
    ----------
    weights
        Covariate to its weight in the sum.
    spread
        SD of the sum of the weights as they were stated.
    recorded
        Share of its variance, 0 to 1, that linear regression on the recorded covariates explains.
    """

    weights: Mapping[str, float]
    spread: float
    recorded: float

    def total(self, scores: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the sum for persons, given the normal scores of their covariates."""
        parts = [weight * scores[name] for name, weight in self.weights.items()]
        return np.asarray(sum(parts[1:], start=parts[0]))


def prognosis_of(population: Population, stated: Mapping[str, float]) -> Prognosis:
    """Return the weighted sum of some covariates of a population.

    Parameters
    ----------
    population
        Margins and correlations of the covariates' normal scores.
    stated
        Covariate to weight; at least one is not 0.
    """
    margins: dict[str, Margin] = {str(name): each for name, each in population.margins.items()}
    order = list(margins)
    names = [name for name, weight in stated.items() if weight]
    place = [order.index(name) for name in names]
    correlation = population.correlation_matrix()[np.ix_(place, place)]
    weights = np.array([stated[name] for name in names], dtype=float)
    spread = float(np.sqrt(weights @ correlation @ weights))
    weights = weights / spread
    # Coefficients of the recorded columns on Hermite polynomials of their own scores.
    series = [_recorded(margins[name]) for name in names]
    powers = correlation[:, :, None] ** np.arange(1, _TERMS + 1)
    blocks = [
        [
            one.within if i == j else (one.series * powers[i, j]) @ other.series.T
            for j, other in enumerate(series)
        ]
        for i, one in enumerate(series)
    ]
    variance = np.block(blocks)
    # The sum is linear in the scores: its covariance with a column has the first term alone.
    sum_with_score = correlation @ weights
    covariance = np.concatenate(
        [
            each.series[:, 0] * with_score
            for each, with_score in zip(series, sum_with_score, strict=True)
        ]
    )
    explained = float(covariance @ np.linalg.solve(variance, covariance))
    return Prognosis(dict(zip(names, weights.tolist(), strict=True)), spread, min(explained, 1.0))


def loading_of(course: OutcomeCourse, population: Population) -> tuple[float, Prognosis | None]:
    """Return the weight of the covariates' sum in the deviations of an outcome, and the sum.

    With an ``r2`` it is such that linear regression on the recorded covariates explains that share
    of the variance; else the weights are taken as stated. Without covariates it is 0.
    """
    if not any(course.prognosis.values()) or course.r2 == 0.0:
        return 0.0, None
    found = prognosis_of(population, course.prognosis)
    if course.r2 is None:
        return found.spread, found
    return float(np.sqrt(course.r2 / found.recorded)), found


@dataclass(frozen=True, slots=True)
class _Recorded:
    """The columns (k) that stand for a covariate in a regression.

    Attributes
    ----------
    series
        (k, terms) coefficients on normalized Hermite polynomials of its score, from degree 1.
    within
        (k, k) covariance of the columns.
    """

    series: np.ndarray
    within: np.ndarray


@lru_cache(maxsize=256)
def _recorded(margin: Margin) -> _Recorded:
    if isinstance(margin, Categories):
        return _levels(margin)
    polynomials = _hermite(_NODES)
    weights = _WEIGHTS / _WEIGHTS.sum()
    values = values_from_scores(margin, _NODES)
    values = values - weights @ values
    scale = np.sqrt(weights @ values**2)
    series = (polynomials[1:] * weights) @ values / scale
    return _Recorded(series[None, :], np.ones((1, 1)))


def _levels(margin: Categories) -> _Recorded:
    """Return the indicators of all levels but the first."""
    shares = np.array(margin.shares)
    edges = special.ndtri(np.cumsum(shares)[:-1])
    density = np.exp(-0.5 * edges**2) / np.sqrt(2.0 * np.pi)
    # The integral of h_m times the density from a to b is a difference of h_(m-1) times it.
    at_edge = _hermite(edges)[:-1] * density / np.sqrt(np.arange(1, _TERMS + 1))[:, None]
    beyond = np.column_stack([at_edge, np.zeros(_TERMS)])
    series = (beyond[:, :-1] - beyond[:, 1:]).T
    inner = shares[1:]
    return _Recorded(series, np.diag(inner) - np.outer(inner, inner))


def _hermite(z: np.ndarray) -> np.ndarray:
    """Return the normalized Hermite polynomials of degrees 0 to _TERMS at z, (degrees, points)."""
    found = np.empty((_TERMS + 1, len(z)))
    found[0], found[1] = 1.0, z
    for m in range(1, _TERMS):
        found[m + 1] = (z * found[m] - np.sqrt(m) * found[m - 1]) / np.sqrt(m + 1.0)
    return found
