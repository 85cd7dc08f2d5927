"""Other analyses of the primary outcome that a designer may compare, chosen by name."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from analysis.data.estimates import (
    Estimate,
    Label,
    failed_estimate,
    student_estimate,
)
from analysis.data.trial_data import TrialData
from analysis.estimators.ancova import Comparison, ancova, t_test_on_change
from analysis.estimators.clda import MixedFit, fit_random_intercept
from analysis.estimators.cluster_robust import whiten_visits
from analysis.estimators.errors import FitError
from analysis.estimators.mmrm import MmrmFit, fit_mmrm
from analysis.estimators.small_sample import satterthwaite_df
from analysis.plan.design_matrix import LongData, follow_up_data
from analysis.plan.inference import (
    Fit,
    Inference,
    contrast_estimates,
    linear_inference,
    robust_inference,
)
from analysis.plan.inputs import Inputs
from analysis.plan.longitudinal import DIFFERENCE, contrast_labels, longitudinal, outcome_layout
from scenarios.design.trial import AnalysisPlan


def ancova_at_visit(inputs: Inputs) -> list[Estimate]:
    """Regress the score of the primary visit on arm, baseline score and covariates."""
    data, covariates = inputs.data, inputs.covariates
    start, outcome, seen = _primary(inputs, covariates)
    adjust = np.column_stack([start, covariates])[seen]
    clinic = _clinics(data, seen)
    return _comparison(
        inputs, int(seen.sum()), lambda: ancova(outcome[seen], data.arm[seen], adjust, clinic)
    )


def t_test_at_visit(inputs: Inputs) -> list[Estimate]:
    """Compare changes from baseline to the primary visit; covariates do not matter."""
    data = inputs.data
    start, outcome, seen = _primary(inputs, inputs.covariates[:, :0])
    clinic = _clinics(data, seen)
    return _comparison(
        inputs,
        int(seen.sum()),
        lambda: t_test_on_change(start[seen], outcome[seen], data.arm[seen], clinic),
    )


def clda_reml(inputs: Inputs) -> list[Estimate]:
    """Fit the adjusted model by restricted maximum likelihood."""
    data = inputs.data
    long = outcome_layout(data, inputs.plan.primary_outcome, inputs.covariates)

    def infer() -> Inference:
        fit = fit_random_intercept(long.y, long.X, long.cluster, method="reml")
        if data.clinic is None:
            return _model_inference(fit, inputs.plan)
        # Robust errors take nothing from the fit but its coefficients and working correlation.
        correlation = fit.between_variance / (fit.between_variance + fit.residual_variance)
        found = Fit(fit.beta, fit.covariance, correlation)
        return linear_inference(found, long.y, long.X, long.cluster, data.clinic)

    return _model(inputs, long, infer)


def clda_ignoring_clinics(inputs: Inputs) -> list[Estimate]:
    """Fit the adjusted model as if all participants were independent."""
    outcome = inputs.plan.primary_outcome
    ignoring = replace(inputs, data=replace(inputs.data, clinic=None))
    return longitudinal(ignoring, (outcome,), inputs.covariates)[outcome].estimates


def mmrm(inputs: Inputs) -> list[Estimate]:
    """Fit the follow-ups, adjusted for the baseline score with a slope of its own at each visit."""
    scores = inputs.data.scores[inputs.plan.primary_outcome]
    return _repeated_measures(inputs, follow_up_data(inputs.data, scores, inputs.covariates))


def mmrm_constrained(inputs: Inputs) -> list[Estimate]:
    """Fit baseline and follow-ups, where both arms share the mean at baseline."""
    long = outcome_layout(inputs.data, inputs.plan.primary_outcome, inputs.covariates)
    return _repeated_measures(inputs, long)


def _repeated_measures(inputs: Inputs, long: LongData) -> list[Estimate]:
    # The columns before the first effect are one indicator a visit.
    visits = min(long.contrasts.values())
    visit = np.argmax(long.X[:, :visits], axis=1)
    clinic = inputs.data.clinic

    def infer() -> Inference:
        fit = fit_mmrm(long.y, long.X, long.cluster, visit)
        if clinic is None:
            return _model_inference(fit, inputs.plan)
        # Columns and residuals are whitened alike, by each participant's part of Sigma.
        rows = np.column_stack([long.X, long.y - long.X @ fit.beta])
        white = whiten_visits(rows, long.cluster, visit, fit.visit_covariance)
        return robust_inference(fit.beta, white, clinic[long.cluster])

    return _model(inputs, long, infer)


def _primary(inputs: Inputs, covariates: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return baseline and primary-visit scores, and who has both and the covariates."""
    data, plan = inputs.data, inputs.plan
    scores = data.scores[plan.primary_outcome]
    start, outcome = scores[:, 0], scores[:, data.visits.index(plan.primary_visit)]
    seen = ~(np.isnan(start) | np.isnan(outcome) | np.isnan(covariates).any(axis=1))
    return start, outcome, seen


def _comparison(inputs: Inputs, n: int, compare: Callable[[], Comparison]) -> list[Estimate]:
    plan = inputs.plan
    label: Label = (inputs.name, plan.primary_outcome, plan.primary_visit, DIFFERENCE)
    try:
        found = compare()
    except FitError as error:
        return [failed_estimate(label, n, error.reason)]
    return [student_estimate(label, found.estimate, found.se, found.df, found.n, plan.confidence)]


def _clinics(data: TrialData, seen: np.ndarray) -> np.ndarray | None:
    return None if data.clinic is None else data.clinic[seen]


def _model_inference(fit: MixedFit | MmrmFit, plan: AnalysisPlan) -> Inference:
    """Rest on the model's own errors, with small-sample degrees of freedom where asked."""
    df = None if plan.small_sample == "none" else partial(satterthwaite_df, fit)
    return Inference(fit.beta, fit.covariance, df)


def _model(inputs: Inputs, long: LongData, infer: Callable[[], Inference]) -> list[Estimate]:
    labels = contrast_labels(inputs.name, inputs.plan.primary_outcome, long)
    n = len(np.unique(long.cluster))
    return contrast_estimates(labels, long.contrasts, n, inputs.plan.confidence, infer)
