"""From a fit to estimates: standard errors and reference distribution of contrasts."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis.data.estimates import (
    Estimate,
    Label,
    failed_estimate,
    normal_estimate,
    student_estimate,
)
from analysis.estimators.cluster_robust import cluster_robust, whiten_exchangeable
from analysis.estimators.clustered import Floats, Identified
from analysis.estimators.errors import FitError, UnidentifiedError
from analysis.estimators.marginal_mean import Family, Link, mean_at


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model of participants' repeated values.

    Attributes
    ----------
    beta, covariance
        Coefficients (p,) and their covariance (p, p).
    correlation
        Between any two values of a participant, as fitted.
    """

    beta: Floats
    covariance: Floats
    correlation: float


@dataclass(frozen=True, slots=True)
class Inference:
    """What a contrast's interval and P value rest on.

    Attributes
    ----------
    beta, covariance
        Coefficients (k,) of the columns that are kept, and their covariance (k, k).
    df
        Degrees of freedom of a contrast, given its weights (k,); None: the normal distribution.
    identified
        What the rows tell of all p columns; None: everything, and all are kept.
    unit
        Typical size of the values, on the scale of the contrasts.
    """

    beta: Floats
    covariance: Floats
    df: Callable[[Floats], float] | None
    identified: Identified | None = None
    unit: float = 0.0

    @property
    def coefficients(self) -> Floats:
        """All coefficients (p,), 0 for columns that are not kept."""
        return self.beta if self.identified is None else self.identified.spread(self.beta)

    def covariance_of(self, weights: Floats) -> Floats:
        """Return the covariance (m, m) of m contrasts, weights (m, p) of all columns.

        That of contrasts that the rows do not tell means nothing.
        """
        kept = weights if self.identified is None else weights[:, self.identified.kept]
        return np.asarray(kept @ self.covariance @ kept.T)

    def estimate(
        self, label: Label, weights: Floats, n: int, confidence: float, value: float | None = None
    ) -> Estimate:
        """Return a contrast of the coefficients, or another value with these weights as its slope.

        Parameters
        ----------
        label
            What is estimated.
        weights
            Of all columns (p,).
        n
            Participants in the model.
        confidence
            Level of the interval.
        value
            The value, if it is not the contrast.

        Raises
        ------
        UnidentifiedError
            If the rows do not tell the contrast.
        FitError
            If the contrast has no degrees of freedom.
        """
        if self.identified is not None:
            if not self.identified.tells(weights):
                raise UnidentifiedError
            weights = weights[self.identified.kept]
        value = float(weights @ self.beta) if value is None else value
        se = math.sqrt(max(float(weights @ self.covariance @ weights), 0.0))
        if self.df is None:
            return normal_estimate(label, value, se, n, confidence, self.unit)
        df = np.nan if se == 0.0 else self.df(weights)
        return student_estimate(label, value, se, df, n, confidence, self.unit)


class Asked(NamedTuple):
    """A contrast of coefficients that is asked for.

    Attributes
    ----------
    label
        What is estimated.
    weights
        Of all columns (p,).
    arms
        Codes of the arms that are compared.
    """

    label: Label
    weights: Floats
    arms: tuple[int, ...]


def attempted(infer: Callable[[], Inference]) -> Inference | FitError:
    """Return the inference of a model, or why there is none."""
    try:
        return infer()
    except FitError as error:
        return error


def contrast_estimates(
    asked: Sequence[Asked],
    n: int,
    confidence: float,
    inference: Inference | FitError,
    why: Callable[[Asked], str],
) -> list[Estimate]:
    """Return contrasts of coefficients, or rows with the reason for none.

    Parameters
    ----------
    asked
        What to estimate.
    n
        Participants in the model.
    confidence
        Level of the intervals.
    inference
        Of the fitted model, or why there is none.
    why
        Gives the reason why the rows do not tell a contrast.
    """
    if isinstance(inference, FitError):
        return [
            failed_estimate(
                each.label, n,
                why(each) if isinstance(inference, UnidentifiedError) else inference.reason,
            )
            for each in asked
        ]  # fmt: skip
    estimates = []
    for each in asked:
        try:
            estimates.append(inference.estimate(each.label, each.weights, n, confidence))
        except UnidentifiedError:
            estimates.append(failed_estimate(each.label, n, why(each)))
        except FitError as error:
            estimates.append(failed_estimate(each.label, n, error.reason))
    return estimates


def linear_inference(
    fit: Fit, y: Floats, X: Floats, participant: np.ndarray, clinic: np.ndarray | None
) -> Inference:
    """Return the inference of a linear model: its own, or robust to clinics.

    Parameters
    ----------
    fit
        The fit of y (N,) on X (N, p).
    participant
        (N,) participant of each row, a row number of ``clinic``.
    clinic
        (n,) code of each participant's clinic, or None where participants are independent.

    Raises
    ------
    FitError
        If there are fewer than two clinics.
    """
    if clinic is None:
        return Inference(fit.beta, fit.covariance, None)
    white = whiten_exchangeable(
        np.column_stack([X, y - X @ fit.beta]), participant, fit.correlation
    )
    return robust_inference(fit.beta, white, clinic[participant])


def marginal_inference(
    fit: Fit, X: Floats, y: Floats, participant: np.ndarray, clinic: np.ndarray | None,
    *, family: Family, link: Link,
) -> Inference:  # fmt: skip
    """Return the inference of a marginal model; parameters as of :func:`linear_inference`.

    Raises
    ------
    FitError
        If there are fewer than two clinics, or the means at the coefficients are out of range.
    """
    if clinic is None:
        return Inference(fit.beta, fit.covariance, None)
    mean = mean_at(X @ fit.beta, family, link)
    if mean is None:
        raise FitError("fitted means out of range")
    pearson = (y - mean.value) / mean.deviation
    # A GEE is least squares on its linearization at the fit, in units of the SD of the mean.
    columns = X * (mean.slope / mean.deviation)[:, None]
    white = whiten_exchangeable(np.column_stack([columns, pearson]), participant, fit.correlation)
    return robust_inference(fit.beta, white, clinic[participant])


def robust_inference(beta: Floats, white: Floats, clinic: np.ndarray) -> Inference:
    """Return inference that is robust to clinics.

    Parameters
    ----------
    beta
        Coefficients (p,).
    white
        (N, p + 1) whitened columns, and the whitened residuals last.
    clinic
        (N,) clinic of each row.

    Raises
    ------
    FitError
        If there are fewer than two clinics.
    """
    robust = cluster_robust(white[:, :-1], white[:, -1], clinic)
    return Inference(beta, robust.covariance, robust.df)
