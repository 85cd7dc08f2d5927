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
from analysis.plan.engines import engine_named
from analysis.plan.inference import (
    Fit,
    Inference,
    contrast_estimates,
    linear_inference,
    robust_inference,
)
from analysis.plan.longitudinal import DIFFERENCE, contrast_labels, longitudinal, outcome_layout
from scenarios.design.trial import AnalysisPlan


def alternative(
    name: str, data: TrialData, plan: AnalysisPlan, covariates: np.ndarray
) -> list[Estimate]:
    """Run one alternative analysis by its name in ``analysis.alternatives``."""
    return _ALTERNATIVES[name](data, plan, covariates)


def _ancova(data: TrialData, plan: AnalysisPlan, covariates: np.ndarray) -> list[Estimate]:
    start, outcome, seen = _primary(data, plan, covariates)
    adjust = np.column_stack([start, covariates])[seen]
    clinic = _clinics(data, seen)
    return _comparison(
        "ancova",
        plan,
        int(seen.sum()),
        lambda: ancova(outcome[seen], data.arm[seen], adjust, clinic),
    )


def _t_test(data: TrialData, plan: AnalysisPlan, covariates: np.ndarray) -> list[Estimate]:
    start, outcome, seen = _primary(data, plan, covariates[:, :0])
    return _comparison(
        "t-test on change",
        plan,
        int(seen.sum()),
        lambda: t_test_on_change(start[seen], outcome[seen], data.arm[seen], _clinics(data, seen)),
    )


def _clda_reml(data: TrialData, plan: AnalysisPlan, covariates: np.ndarray) -> list[Estimate]:
    long = outcome_layout(data, plan.primary_outcome, covariates)

    def infer() -> Inference:
        fit = fit_random_intercept(long.y, long.X, long.cluster, method="reml")
        if data.clinic is None:
            return _own_inference(fit, plan)
        correlation = fit.between_variance / (fit.between_variance + fit.residual_variance)
        found = Fit(fit.beta, fit.covariance, correlation)
        return linear_inference(found, long.y, long.X, long.cluster, data.clinic)

    return _model("clda reml", plan, long, infer)


def _clda_ignoring_clinics(
    data: TrialData, plan: AnalysisPlan, covariates: np.ndarray
) -> list[Estimate]:
    """Fit the primary model as if all participants were independent."""
    found = longitudinal(
        replace(data, clinic=None), engine_named(plan.engine), "clda ignoring clinics",
        (plan.primary_outcome,), covariates, plan.confidence,
    )  # fmt: skip
    return found[plan.primary_outcome].estimates


def _mmrm(data: TrialData, plan: AnalysisPlan, covariates: np.ndarray) -> list[Estimate]:
    """Fit the follow-ups, adjusted for the baseline score with a slope of its own at each visit."""
    scores = data.scores[plan.primary_outcome]
    long = follow_up_data(data, scores, covariates)
    return _repeated_measures("mmrm", plan, long, data)


def _mmrm_constrained(
    data: TrialData, plan: AnalysisPlan, covariates: np.ndarray
) -> list[Estimate]:
    """Fit baseline and follow-ups, where both arms share the mean at baseline."""
    long = outcome_layout(data, plan.primary_outcome, covariates)
    return _repeated_measures("mmrm constrained", plan, long, data)


def _repeated_measures(
    name: str, plan: AnalysisPlan, long: LongData, data: TrialData
) -> list[Estimate]:
    visits = min(long.contrasts.values())
    visit = np.argmax(long.X[:, :visits], axis=1)

    def infer() -> Inference:
        fit = fit_mmrm(long.y, long.X, long.cluster, visit)
        if data.clinic is None:
            return _own_inference(fit, plan)
        rows = np.column_stack([long.X, long.y - long.X @ fit.beta])
        white = whiten_visits(rows, long.cluster, visit, fit.visit_covariance)
        return robust_inference(fit.beta, white, data.clinic[long.cluster])

    return _model(name, plan, long, infer)


_ALTERNATIVES: dict[
    str, Callable[[TrialData, AnalysisPlan, np.ndarray], list[Estimate]]
] = {
    "ancova": _ancova,
    "t-test on change": _t_test,
    "clda reml": _clda_reml,
    "clda ignoring clinics": _clda_ignoring_clinics,
    "mmrm": _mmrm,
    "mmrm constrained": _mmrm_constrained,
}  # fmt: skip


def _primary(
    data: TrialData, plan: AnalysisPlan, covariates: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return baseline and primary-visit scores, and who has both and the covariates."""
    scores = data.scores[plan.primary_outcome]
    start, outcome = scores[:, 0], scores[:, data.visits.index(plan.primary_visit)]
    seen = ~(np.isnan(start) | np.isnan(outcome) | np.isnan(covariates).any(axis=1))
    return start, outcome, seen


def _comparison(
    name: str, plan: AnalysisPlan, n: int, compare: Callable[[], Comparison]
) -> list[Estimate]:
    label: Label = (name, plan.primary_outcome, plan.primary_visit, DIFFERENCE)
    try:
        found = compare()
    except FitError as error:
        return [failed_estimate(label, n, error.reason)]
    return [student_estimate(label, found.estimate, found.se, found.df, found.n, plan.confidence)]


def _clinics(data: TrialData, seen: np.ndarray) -> np.ndarray | None:
    return None if data.clinic is None else data.clinic[seen]


def _own_inference(fit: MixedFit | MmrmFit, plan: AnalysisPlan) -> Inference:
    """Rest on the model's own errors, with small-sample degrees of freedom where asked."""
    df = None if plan.small_sample == "none" else partial(satterthwaite_df, fit)
    return Inference(fit.beta, fit.covariance, df)


def _model(
    name: str, plan: AnalysisPlan, long: LongData, infer: Callable[[], Inference]
) -> list[Estimate]:
    labels = contrast_labels(name, plan.primary_outcome, long)
    n = len(np.unique(long.cluster))
    return contrast_estimates(labels, long.contrasts, n, plan.confidence, infer)
