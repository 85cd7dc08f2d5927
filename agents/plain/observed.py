"""What is recorded of a latent normal deviation: a score, an event or a count.

A person has a latent deviation at each questionnaire, standard normal. It becomes

- a *score*: mean plus SD times the deviation, rounded to the steps of the scale and bounded to its
  range, where it has them;
- an *event*, where it is high enough: with exactly the stated risk;
- a *count*: the quantile of a negative binomial, or Poisson, distribution that has the same rank
  (Gaussian copula): with exactly the stated rate, unless the outcome has a highest value.

Correlations are those of the deviations; recorded events and counts are less correlated.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from scenarios.design.outcomes import Outcome

_NEVER = 1e-20
"""Counts with a smaller probability to be exceeded are not tabulated: no draw is beyond 9.3 SD."""


@dataclass(frozen=True, slots=True)
class Realised:
    """What is recorded of one outcome at one questionnaire in one arm, as an expectation.

    Attributes
    ----------
    mean, sd
        Of what is recorded: mean and SD of scores or counts; the risk of an event.
    at_lowest, at_highest
        Share of persons at either end of the range, 0 where there is no such end.
    """

    mean: float
    sd: float
    at_lowest: float
    at_highest: float


def events(deviation: np.ndarray, risk: np.ndarray) -> np.ndarray:
    """Return who has the event, 1 or 0; ``risk`` (0 to 1, exclusive) is broadcast."""
    return np.asarray(deviation > -special.ndtri(risk), dtype=float)


def counts(deviation: np.ndarray, rate: float, dispersion: float) -> np.ndarray:
    """Return counts with some mean, and variance ``rate + dispersion * rate**2``.

    Parameters
    ----------
    deviation
        Standard normals, any shape.
    rate
        The mean, above 0.
    dispersion
        At least 0; 0 is the Poisson distribution.
    """
    highest = _thresholds(rate, dispersion)
    return np.searchsorted(highest, deviation, side="left").astype(float)


@lru_cache(maxsize=256)
def _thresholds(rate: float, dispersion: float) -> np.ndarray:
    """Return the deviations up to which the count is 0, 1, 2..."""
    beyond = _exceeded(rate, dispersion)
    return np.asarray(-special.ndtri(beyond))


def _exceeded(rate: float, dispersion: float) -> np.ndarray:
    """Return P(count > k) for k = 0, 1, 2... as long as it is not negligible."""
    last, found = 64, np.empty(0)
    while not len(found) or found[-1] > _NEVER:
        last *= 4
        k = np.arange(last)
        if dispersion == 0.0:
            found = special.pdtrc(k, rate)
        else:
            size = 1.0 / dispersion
            found = special.betainc(k + 1.0, size, rate / (rate + size))
    return np.asarray(found[: 1 + int(np.argmax(found <= _NEVER))])


def realised_score(outcome: Outcome, mean: float, sd: float) -> Realised:
    """Return what rounding and bounding make of normal scores with some mean and SD.

    Without steps the moments are those of the censored normal distribution (Johnson, Kotz and
    Balakrishnan 1994, chapter 13.10.1); with steps, sums over the scores that there are.
    """
    low, high = outcome.lowest, outcome.highest
    if outcome.grain is None:
        a, b = (low - mean) / sd, (high - mean) / sd
        below, above = float(special.ndtr(a)), float(special.ndtr(-b))
        at_a, at_b = _density(a), _density(b)
        inside = float(special.ndtr(b) - special.ndtr(a))
        # Of the standardized score: 1 within the range, its ends outside.
        low_z, high_z = (a if below else 0.0), (b if above else 0.0)
        first = at_a - at_b + low_z * below + high_z * above
        second = inside + (low_z * at_a - high_z * at_b) + low_z**2 * below + high_z**2 * above
        return Realised(
            mean + sd * first, sd * float(np.sqrt(max(second - first**2, 0.0))), below, above
        )
    grain = outcome.grain
    ends = np.clip([mean - 12.0 * sd, mean + 12.0 * sd], low, high)
    first_score, last_score = outcome.on_scale(ends)
    scores = first_score + grain * np.arange(round((last_score - first_score) / grain) + 1)
    edges = (scores[:-1] + 0.5 * grain - mean) / sd
    shares = np.diff(np.concatenate([[0.0], special.ndtr(edges), [1.0]]))
    return _moments(scores, shares, low, high)


def realised_count(outcome: Outcome, rate: float, dispersion: float) -> Realised:
    """Return what a highest or lowest value makes of counts with some rate and dispersion."""
    beyond = _exceeded(rate, dispersion)
    shares = -np.diff(np.concatenate([[1.0], beyond]))
    scores = outcome.on_scale(np.arange(len(shares), dtype=float))
    return _moments(scores, shares, outcome.lowest, outcome.highest)


def realised_risk(risk: float) -> Realised:
    """Return what is recorded of an event with some risk."""
    return Realised(risk, float(np.sqrt(risk * (1.0 - risk))), 1.0 - risk, risk)


def _moments(scores: np.ndarray, shares: np.ndarray, low: float, high: float) -> Realised:
    mean = float(shares @ scores)
    sd = float(np.sqrt(shares @ (scores - mean) ** 2))
    at_low, at_high = (float(shares[scores == end].sum()) for end in (low, high))
    return Realised(mean, sd, at_low, at_high)


def _density(z: float) -> float:
    return float(np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi))
