"""Response: odds ratios from a logistic GEE, risk differences from a Poisson GEE."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np

from analysis.data.estimates import Estimate, failed_estimate
from analysis.data.trial_data import TrialData
from analysis.estimators.clustered_design import ClusteredDesign
from analysis.estimators.errors import FitError, UnidentifiedError
from analysis.estimators.gee import fit_gee
from analysis.estimators.marginal_mean import Family, Link, MarginalMean, mean_at
from analysis.plan.design_matrix import LongData, long_data
from analysis.plan.inference import (
    Asked,
    Fit,
    Inference,
    attempted,
    contrast_estimates,
    marginal_inference,
)
from analysis.plan.inputs import Inputs
from analysis.plan.responses.definitions import Definition
from analysis.plan.told.finite import whose_are_set_aside, without_separated
from analysis.plan.told.identified import (
    Told,
    answered,
    differences,
    fit_told,
    keep_joint,
    why_untold,
)
from scenarios.analyses import register as analyses
from scenarios.arms.codes import REFERENCE

LOG_ODDS_RATIO, RISK_DIFFERENCE = analyses.LOG_ODDS_RATIO, "risk difference"
WITHIN = "log odds ratio, {arm} to {reference} at the first visit"


def response_layouts(
    data: TrialData, responses: Iterable[Definition], covariates: np.ndarray
) -> Iterator[tuple[Definition, LongData]]:
    """Lay out who responded by each definition, a row an answered follow-up.

    Responses that are known of the same participants at the same visits share their design.
    """
    known = ~np.isnan(covariates).any(axis=1)
    layouts: dict[bytes, LongData] = {}
    for response in responses:
        met = response.met(data)
        answers = ~np.isnan(met) & known[:, None]
        same = answers.tobytes()
        if same not in layouts:
            layouts[same] = long_data(
                data, met, data.visits[1:], covariates, constrained_baseline=False
            )
        yield response, replace(layouts[same], y=met[answers])


def odds_ratios(inputs: Inputs, response: str, long: LongData) -> list[Estimate]:
    """Return the log odds ratios of Table 3.

    Between the arms at each visit; and of each arm at each visit against the reference at the
    first, the paper's common reference. With the clinic of each participant, errors are robust
    to it.
    """

    def fit(y: np.ndarray, design: ClusteredDesign) -> Fit:
        return inputs.engine.logistic(y, design)

    # With Firth's penalty coefficients are finite where responders and others are separated.
    told, rows, separated = without_separated(
        long, "logit" if inputs.plan.penalty == "none" else None, fit
    )
    remark_separated(inputs, response, long, separated, told)
    inference = attempted(lambda: _logistic_inference(inputs, told, rows))
    estimates = differences(inputs, rows, response, LOG_ODDS_RATIO, inference)
    if isinstance(inference, FitError):
        return estimates
    return estimates + _within_arms(inputs, response, rows, inference)


def remark_separated(
    inputs: Inputs, response: str, long: LongData, separated: np.ndarray, told: Told[Fit] | FitError
) -> None:
    """Remark on answers that a fit of the others sets aside, where its estimates do not say so."""
    if separated.any() and not isinstance(told, FitError):
        inputs.remarks.extend(whose_are_set_aside(inputs, response, long, separated, told))


def _logistic_inference(inputs: Inputs, told: Told[Fit] | FitError, long: LongData) -> Inference:
    if isinstance(told, FitError):
        raise told
    inference = marginal_inference(
        told.fit, told.X, long.y, long.cluster, inputs.data.clinic, family="binomial", link="logit"
    )
    return replace(inference, identified=told.identified, unit=1.0)


def _within_arms(
    inputs: Inputs, response: str, long: LongData, inference: Inference
) -> list[Estimate]:
    """Compare each arm at each visit with the reference at the first follow-up."""
    first, arms = next(iter(long.contrasts)), inputs.data.arm_names
    start = long.arm_weights(first, REFERENCE)
    asked = []
    for visit, (arm, name) in product(long.contrasts, enumerate(arms)):
        weights = long.arm_weights(visit, arm) - start
        if weights.any():  # not the reference against itself
            label = inputs.name, response, visit, WITHIN.format(arm=name, reference=arms[REFERENCE])
            asked.append(Asked(label, weights, (arm,)))

    def why(each: Asked) -> str:
        visit, (arm,) = each.label[2], each.arms
        lacking = [first] if not answered(long, first)[REFERENCE].any() else []
        lacking += [] if answered(long, visit)[arm].any() else [visit]
        pair = REFERENCE, max(arm, 1)
        return why_untold(long, (lacking or [visit])[0], pair, inputs.covariate_names)

    return contrast_estimates(asked, long.participants, inputs.plan.confidence, inference, why)


def risk_differences(inputs: Inputs, response: str, long: LongData) -> list[Estimate]:
    """Return risk differences by visit, from a Poisson GEE with identity link.

    That model has often no solution with positive means. Then the difference comes from the log
    link by standardization over the participants seen at the visit, with a delta-method error
    that takes their covariates as given, and the analysis is named for it.
    """
    try:
        told = fit_told(long, lambda design: _poisson(long.y, design, "identity"))
    except FitError:
        return _standardized(inputs, response, long)
    inference = attempted(lambda: _poisson_inference(inputs, told, long, "identity"))
    return differences(inputs, long, response, RISK_DIFFERENCE, inference)


def _poisson(y: np.ndarray, design: ClusteredDesign, link: Link) -> Fit:
    fit = fit_gee(y, design, family="poisson", link=link)
    return Fit(fit.beta, fit.covariance, fit.correlation)


def _poisson_inference(
    inputs: Inputs, told: Told[Fit] | FitError, long: LongData, link: Link
) -> Inference:
    if isinstance(told, FitError):
        raise told
    inference = marginal_inference(
        told.fit, told.X, long.y, long.cluster, inputs.data.clinic, family="poisson", link=link
    )
    return replace(inference, identified=told.identified, unit=1.0)


def _standardized(inputs: Inputs, response: str, long: LongData) -> list[Estimate]:
    told, rows, separated = without_separated(
        long, "log", lambda y, design: _poisson(y, design, "log")
    )
    remark_separated(inputs, response, long, separated, told)
    inference = attempted(lambda: _poisson_inference(inputs, told, rows, "log"))
    named = replace(inputs, name=f"{inputs.name}, standardized")
    return standardized_differences(
        named, inference, rows, response, RISK_DIFFERENCE, family="poisson", link="log"
    )


def standardized_differences(
    inputs: Inputs, inference: Inference | FitError, long: LongData, outcome: str, kind: str,
    *, family: Family, link: Link,
) -> list[Estimate]:  # fmt: skip
    """Return contrasts of the mean predictions in each arm for those seen at a visit.

    All who answered at the visit are put in one arm after the other. The estimates are contrasts of
    the mean predictions, their slopes those of the means' derivatives (delta method).

    Parameters
    ----------
    inputs
        Of the analysis.
    inference
        Of the model, or why there is none.
    long, outcome, kind
        As of :func:`analysis.plan.told.identified.differences`.
    family, link
        Of the model.
    """
    if isinstance(inference, FitError):
        return differences(inputs, long, outcome, kind, inference)
    n, confidence = long.participants, inputs.plan.confidence
    estimates, slopes = [], []
    for visit in long.contrasts:
        predicted = _predictions(inputs, inference, long, visit, family, link)
        labels = inputs.labels(outcome, visit, kind)
        for label, contrast in zip(labels, inputs.contrasts, strict=True):
            value, slope = 0.0, np.zeros(long.X.shape[1])
            try:
                for arm in contrast.arms:
                    of_arm = predicted[arm]
                    if isinstance(of_arm, FitError):
                        raise of_arm
                    value += contrast.weights[arm] * of_arm.value
                    slope += contrast.weights[arm] * of_arm.slope
                estimates.append(inference.estimate(label, slope, n, confidence, value))
            except UnidentifiedError:
                reason = why_untold(long, visit, contrast.arms, inputs.covariate_names)
                estimates.append(failed_estimate(label, n, reason))
            except FitError as error:
                estimates.append(failed_estimate(label, n, error.reason))
            slopes.append(slope)
    keep_joint(inputs, estimates, inference, slopes)
    return estimates


class _Prediction(NamedTuple):
    """Mean prediction of an arm, and its derivative by the coefficients (p,)."""

    value: float
    slope: np.ndarray


def _predictions(
    inputs: Inputs, inference: Inference, long: LongData, visit: str, family: Family, link: Link
) -> dict[int, _Prediction | FitError]:
    """Return the mean prediction of each arm that is compared, or why there is none."""
    X = long.X[long.X[:, long.visit_column(visit)] == 1.0].copy()
    effects = long.contrasts[visit]
    found: dict[int, _Prediction | FitError] = {}
    for arm in sorted({arm for contrast in inputs.contrasts for arm in contrast.arms}):
        X[:, effects] = long.arm_weights(visit, arm)[list(effects)]
        try:
            _check_told(inference, X)
            mean = _predicted(X @ inference.coefficients, family, link)
        except FitError as error:
            found[arm] = error
            continue
        value = float(mean.value.mean())
        if value > 1.0:  # no risk; a log link does not keep its predictions below 1
            found[arm] = FitError("predicted means out of range")
            continue
        found[arm] = _Prediction(value, (mean.slope @ X) / len(X))
    return found


def _predicted(linear: np.ndarray, family: Family, link: Link) -> MarginalMean:
    mean = mean_at(linear, family, link)
    if mean is None:
        raise FitError("predicted means out of range")
    return mean


def _check_told(inference: Inference, X: np.ndarray) -> None:
    """Refuse predictions that the rows of the model do not tell."""
    told = inference.identified
    if told is not None and not (len(X) and all(told.tells(row) for row in X)):
        raise UnidentifiedError
