"""Response: odds ratios from a logistic GEE, risk differences from a Poisson GEE."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from analysis.data.estimates import Estimate, Label, failed_estimate
from analysis.data.trial_data import TrialData
from analysis.estimators.errors import FitError
from analysis.estimators.gee import fit_gee
from analysis.estimators.marginal_mean import Link
from analysis.plan.design_matrix import LongData, long_data
from analysis.plan.inference import Fit, Inference, contrast_estimates, marginal_inference
from analysis.plan.inputs import Inputs
from analysis.plan.responders import Response
from scenarios.arms import ARM_NAMES, REFERENCE

LOG_ODDS_RATIO, RISK_DIFFERENCE = "log odds ratio", "risk difference"
WITHIN = "log odds ratio, {arm} to control at the first visit"


def response_layouts(
    data: TrialData, responses: Iterable[Response], covariates: np.ndarray
) -> Iterator[tuple[Response, LongData]]:
    """Lay out who responded by each definition, a row an answered follow-up.

    Responses that are known of the same participants at the same visits share their design.
    """
    known = ~np.isnan(covariates).any(axis=1)
    layouts: dict[bytes, LongData] = {}
    for response in responses:
        met = response.met(data)
        answered = ~np.isnan(met) & known[:, None]
        same = answered.tobytes()
        if same not in layouts:
            layouts[same] = long_data(
                data, met, data.visits[1:], covariates, constrained_baseline=False
            )
        yield response, replace(layouts[same], y=met[answered])


def odds_ratios(inputs: Inputs, response: str, long: LongData) -> list[Estimate]:
    """Return the log odds ratios of Table 3.

    Between the arms at each visit; and of each arm at each visit against control at the first,
    the paper's common reference. With the clinic of each participant, errors are robust to it.
    """
    n, confidence = len(np.unique(long.cluster)), inputs.plan.confidence
    between: list[Label] = [
        (inputs.name, response, visit, LOG_ODDS_RATIO) for visit in long.contrasts
    ]
    try:
        fit = inputs.engine.logistic(long.y, long.design)
        inference = marginal_inference(
            fit, long.X, long.y, long.cluster, inputs.data.clinic,
            family="binomial", link="logit",
        )  # fmt: skip
        return _logistic_contrasts(inference, between, long, n, confidence)
    except FitError as error:
        return [failed_estimate(label, n, error.reason) for label in between]


def _logistic_contrasts(
    inference: Inference, between: list[Label], long: LongData, n: int, confidence: float
) -> list[Estimate]:
    estimates = [
        inference.coefficient(label, long.contrasts[label[2]], n, confidence) for label in between
    ]
    for column, visit in enumerate(long.contrasts):
        for arm, arm_name in enumerate(ARM_NAMES):
            weights = np.zeros(len(inference.beta))
            weights[column] += 1.0
            weights[0] -= 1.0  # the common reference: control at the first follow-up
            weights[long.contrasts[visit]] += arm != REFERENCE
            if not weights.any():  # the reference against itself
                continue
            label = (*between[column][:3], WITHIN.format(arm=arm_name))
            estimates.append(inference.estimate(label, weights, n, confidence))
    return estimates


def risk_differences(inputs: Inputs, response: str, long: LongData) -> list[Estimate]:
    """Return risk differences by visit, from a Poisson GEE with identity link.

    That model has often no solution with positive means. Then the difference comes from the log
    link by standardization over the participants seen at the visit, with a delta-method error
    that takes their covariates as given, and the analysis is named for it.
    """
    labels: list[Label] = [
        (inputs.name, response, visit, RISK_DIFFERENCE) for visit in long.contrasts
    ]
    try:
        fit = _poisson(long, "identity")
    except FitError:
        return _standardized(inputs, labels, long)
    return contrast_estimates(
        labels, long.contrasts, len(np.unique(long.cluster)), inputs.plan.confidence,
        lambda: _poisson_inference(fit, long, inputs.data.clinic, "identity"),
    )  # fmt: skip


def _poisson(long: LongData, link: Link) -> Fit:
    fit = fit_gee(long.y, long.design, family="poisson", link=link)
    return Fit(fit.beta, fit.covariance, fit.correlation)


def _poisson_inference(
    fit: Fit, long: LongData, clinic: np.ndarray | None, link: Link
) -> Inference:
    return marginal_inference(
        fit, long.X, long.y, long.cluster, clinic, family="poisson", link=link
    )


def _standardized(inputs: Inputs, identity: list[Label], long: LongData) -> list[Estimate]:
    labels: list[Label] = [
        (f"{inputs.name}, standardized", response, visit, contrast)
        for _, response, visit, contrast in identity
    ]
    n = len(np.unique(long.cluster))
    try:
        fit = _poisson(long, "log")
        inference = _poisson_inference(fit, long, inputs.data.clinic, "log")
        return _standardized_differences(inference, labels, long, n, inputs.plan.confidence)
    except FitError as error:
        return [failed_estimate(label, n, error.reason) for label in labels]


def _standardized_differences(
    inference: Inference, labels: list[Label], long: LongData, n: int, confidence: float
) -> list[Estimate]:
    estimates = []
    effects = list(long.contrasts.values())
    for visit_column, label in enumerate(labels):
        # All who answered at the visit are put in one arm, then in the other. The difference of the
        # two mean predictions is the estimate, that of their derivatives its slope (delta method).
        X = long.X[long.X[:, visit_column] == 1.0].copy()
        X[:, effects] = 0.0
        without = np.exp(X @ inference.beta)
        slope = -(without @ X) / len(X)
        X[:, effects[visit_column]] = 1.0
        treated = np.exp(X @ inference.beta)
        slope += (treated @ X) / len(X)
        difference = float(treated.mean() - without.mean())
        estimates.append(inference.estimate(label, slope, n, confidence, difference))
    return estimates
