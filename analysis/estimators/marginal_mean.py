"""Families and links of marginal models: which outcomes they take, and the means they allow."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.estimators.clustered import Floats
from analysis.estimators.errors import FitError, SeparationError

Family = Literal["binomial", "poisson"]
Link = Literal["logit", "log", "identity"]

# Fitted means beyond exp(-30) from their bounds: the coefficients are on their way to infinity.
_EXTREME = 30.0
# On the identity link, where the bounds themselves can be met. A search that gets this near to one
# creeps on towards it in ever shorter steps, while solutions keep far away.
_NEXT_TO_BOUND = 1e-5


@dataclass(frozen=True, slots=True)
class MarginalMean:
    """Fitted means at a linear predictor eta, all (N,).

    Attributes
    ----------
    value, slope
        The means, and their derivative by eta.
    deviation
        Standard deviation of the outcome by its family.
    slope_bend, deviation_bend
        Derivatives by eta of the logarithms of `slope` and of `deviation`.
    """

    value: Floats
    slope: Floats
    deviation: Floats
    slope_bend: Floats
    deviation_bend: Floats


def check_outcome(outcome: Floats, family: Family) -> None:
    """Refuse outcomes that the family does not have, or that never vary."""
    if not len(outcome):
        raise FitError("no rows")
    if not np.all(np.isfinite(outcome)):
        raise FitError("values that are not finite")
    if family == "binomial" and not np.all((outcome == 0) | (outcome == 1)):
        raise FitError("outcome is not 0 or 1")
    if np.any(outcome < 0):
        raise FitError("outcome is negative")
    if np.all(outcome == outcome[0]):
        raise FitError("outcome does not vary")


def linear_predictor(mean: Floats, link: Link) -> Floats:
    """Return the linear predictor of means."""
    if link == "logit":
        return np.asarray(np.log(mean / (1 - mean)))
    return np.asarray(np.log(mean)) if link == "log" else mean


def mean_at(linear: Floats, family: Family, link: Link) -> MarginalMean | None:
    """Return the means of a linear predictor, or None where the family has no such means."""
    if link == "identity":
        top = linear.max() if family == "binomial" else 0.0
        if linear.min() <= _NEXT_TO_BOUND or top >= 1 - _NEXT_TO_BOUND:
            return None
        mean, slope, bend = linear, np.ones_like(linear), np.zeros_like(linear)
    elif np.abs(linear).max() > _EXTREME:
        bounds = "0 or 1" if family == "binomial" else "0"
        raise SeparationError(f"separation: a fitted mean of {bounds}")
    elif link == "log":
        mean = slope = np.exp(linear)
        bend = np.ones_like(linear)
        if family == "binomial" and mean.max() >= 1:
            return None
    else:
        mean = 1 / (1 + np.exp(-linear))
        slope, bend = mean * (1 - mean), 1 - 2 * mean
    variance, variance_slope = mean, slope
    if family == "binomial":
        variance, variance_slope = mean * (1 - mean), (1 - 2 * mean) * slope
    return MarginalMean(mean, slope, np.sqrt(variance), bend, variance_slope / (2 * variance))
