"""Response: odds ratios from a logistic GEE, risk differences from a Poisson GEE."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from analysis.data.estimates import Estimate, Label, failed_estimate
from analysis.data.trial_data import TrialData
from analysis.estimators.clustered_design import ClusteredDesign
from analysis.estimators.errors import FitError, UnidentifiedError
from analysis.estimators.gee import fit_gee
from analysis.estimators.marginal_mean import Family, Link, MarginalMean, mean_at
from analysis.plan.design_matrix import LongData, long_data
from analysis.plan.inference import Fit, Inference, contrast_estimates, marginal_inference
from analysis.plan.inputs import Inputs
from analysis.plan.responders import Definition
from analysis.plan.told.finite import whose_are_set_aside, without_separated
from analysis.plan.told.identified import Told, answered, differences, fit_told, one_of, why_untold
from scenarios.arms import REFERENCE
from scenarios.design import analyses

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

    between: list[Label] = [
        (inputs.name, response, visit, LOG_ODDS_RATIO) for visit in long.contrasts
    ]
    # With Firth's penalty coefficients are finite where responders and others are separated.
    told, rows, separated = without_separated(
        long, "logit" if inputs.plan.penalty == "none" else None, fit
    )
    remark_separated(inputs, response, long, separated, told)
    try:
        inference = _logistic_inference(inputs, told, rows)
    except FitError as error:
        reason = error
        return differences(inputs, rows, between, lambda: _raise(reason))
    estimates = differences(inputs, rows, between, lambda: inference)
    return estimates + _within_arms(inputs, response, rows, inference)


def remark_separated(
    inputs: Inputs, response: str, long: LongData, separated: np.ndarray, told: Told[Fit] | FitError
) -> None:
    """Remark on answers that a fit of the others sets aside, where its estimates do not say so."""
    if separated.any() and not isinstance(told, FitError):
        inputs.remarks.extend(whose_are_set_aside(inputs, response, long, separated, told))


def _raise(error: FitError) -> Inference:
    raise error


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
    names = [WITHIN.format(arm=name, reference=arms[REFERENCE]) for name in arms]
    labels: list[Label] = []
    contrasts = []
    for visit, (arm, name) in product(long.contrasts, enumerate(names)):
        weights = one_of(long.X.shape[1], long.visit_column(visit))
        weights[long.visit_column(first)] -= 1.0
        weights[long.contrasts[visit]] += arm != REFERENCE
        if weights.any():  # not the reference against itself
            labels.append((inputs.name, response, visit, name))
            contrasts.append(weights)

    def why(label: Label) -> str:
        arm = names.index(label[3])
        lacking = [first] if not answered(long, first)[0].any() else []
        lacking += [] if answered(long, label[2])[arm].any() else [label[2]]
        return why_untold(long, (lacking or [label[2]])[0], inputs.covariate_names)

    return contrast_estimates(
        labels, contrasts, long.participants, inputs.plan.confidence, lambda: inference, why
    )


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
        told = fit_told(long, lambda design: _poisson(long.y, design, "identity"))
    except FitError:
        return _standardized(inputs, response, long)
    return differences(
        inputs, long, labels, lambda: _poisson_inference(inputs, told, long, "identity")
    )


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
    labels: list[Label] = [
        (f"{inputs.name}, standardized", response, visit, RISK_DIFFERENCE)
        for visit in long.contrasts
    ]
    told, rows, separated = without_separated(
        long, "log", lambda y, design: _poisson(y, design, "log")
    )
    remark_separated(inputs, response, long, separated, told)
    try:
        inference = _poisson_inference(inputs, told, rows, "log")
    except FitError as error:
        reason = error
        return differences(inputs, rows, labels, lambda: _raise(reason))
    return [
        standardized_difference(inputs, inference, label, rows, family="poisson", link="log")
        for label in labels
    ]


def standardized_difference(
    inputs: Inputs, inference: Inference, label: Label, long: LongData,
    *, family: Family, link: Link,
) -> Estimate:  # fmt: skip
    """Return the difference of the mean predictions in either arm for those seen at a visit.

    All who answered at the visit are put in one arm, then in the other. The difference of the two
    mean predictions is the estimate, that of their derivatives its slope (delta method).
    """
    effects, n, visit = list(long.contrasts.values()), long.participants, label[2]
    beta = inference.coefficients
    X = long.X[long.X[:, long.visit_column(visit)] == 1.0].copy()
    try:
        X[:, effects] = 0.0
        _check_told(inference, X)
        without = _predicted(X @ beta, family, link)
        slope = -(without.slope @ X) / len(X)
        X[:, long.contrasts[visit]] = 1.0
        _check_told(inference, X)
        treated = _predicted(X @ beta, family, link)
        slope += (treated.slope @ X) / len(X)
        difference = float(treated.value.mean() - without.value.mean())
        return inference.estimate(label, slope, n, inputs.plan.confidence, difference)
    except UnidentifiedError:
        return failed_estimate(label, n, why_untold(long, visit, inputs.covariate_names))
    except FitError as error:
        return failed_estimate(label, n, error.reason)


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
