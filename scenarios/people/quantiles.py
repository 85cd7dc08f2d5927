"""From normal scores to values, and back: the quantile function of each kind of margin."""

from functools import lru_cache

import numpy as np
from scipy import special

from scenarios.people.patients import Bounded, Categories, LogNormal, Margin, StandardNormal

_GRID = np.linspace(-5.0, 5.0, 1001)


def values_from_scores(margin: Margin, scores: np.ndarray) -> np.ndarray:
    """Turn standard-normal scores into values of a margin.

    Parameters
    ----------
    margin
        The margin of a scenario.
    scores
        Standard-normal scores, any shape.

    Returns
    -------
    Values in the margin's own unit; for categories the code of the level, 0 for the lowest.
    """
    match margin:
        case StandardNormal():
            return scores
        case LogNormal(mean=mean, sd=sd):
            variance = np.log1p((sd / mean) ** 2)
            return np.asarray(mean * np.exp(np.sqrt(variance) * scores - variance / 2.0))
        case Categories(shares=shares):
            edges = special.ndtri(np.cumsum(shares)[:-1])
            return np.asarray(np.searchsorted(edges, scores, side="right"), dtype=float)
        case Bounded():
            return np.asarray(np.interp(scores, _GRID, _bounded_quantiles(margin)))


def score_of(margin: Margin, value: float) -> float:
    """Return the standard-normal score of a value of a margin that is no category."""
    match margin:
        case LogNormal(mean=mean, sd=sd):
            variance = np.log1p((sd / mean) ** 2)
            return float((np.log(value / mean) + variance / 2.0) / np.sqrt(variance))
        case Bounded():
            return float(np.interp(value, _bounded_quantiles(margin), _GRID))
        case StandardNormal():
            return value
        case Categories():
            raise TypeError("a category has no score of its own")


@lru_cache(maxsize=256)
def _bounded_quantiles(margin: Bounded) -> np.ndarray:
    """Tabulate the beta quantiles on the grid of scores (method of moments)."""
    width = margin.high - margin.low
    mean = (margin.mean - margin.low) / width
    concentration = mean * (1.0 - mean) / (margin.sd / width) ** 2 - 1.0
    shares = special.betaincinv(
        mean * concentration, (1.0 - mean) * concentration, special.ndtr(_GRID)
    )
    return np.asarray(margin.low + width * shares)
