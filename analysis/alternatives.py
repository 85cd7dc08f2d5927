"""Other analyses of the primary outcome that a designer may compare, chosen by name."""

from collections.abc import Callable

import numpy as np

from analysis.ancova import Comparison, ancova, t_test_on_change
from analysis.clda import MixedFit, fit_random_intercept
from analysis.data import TrialData
from analysis.design_matrix import LongData, follow_up_data
from analysis.errors import FitError
from analysis.estimates import (
    Estimate,
    Label,
    failed_estimate,
    normal_estimate,
    student_estimate,
)
from analysis.longitudinal import DIFFERENCE, contrast_labels, outcome_layout
from analysis.mmrm import MmrmFit, fit_mmrm
from analysis.small_sample import satterthwaite_df
from scenarios.design import AnalysisPlan


def alternative(
    name: str, data: TrialData, plan: AnalysisPlan, covariates: np.ndarray
) -> list[Estimate]:
    """Run one alternative analysis by its name in ``analysis.alternatives``."""
    return _ALTERNATIVES[name](data, plan, covariates)


def _ancova(data: TrialData, plan: AnalysisPlan, covariates: np.ndarray) -> list[Estimate]:
    start, outcome, seen = _primary(data, plan, covariates)
    adjust = np.column_stack([start, covariates])[seen]
    return _comparison(
        "ancova", plan, int(seen.sum()), lambda: ancova(outcome[seen], data.arm[seen], adjust)
    )


def _t_test(data: TrialData, plan: AnalysisPlan, covariates: np.ndarray) -> list[Estimate]:
    start, outcome, seen = _primary(data, plan, covariates[:, :0])
    return _comparison(
        "t-test on change",
        plan,
        int(seen.sum()),
        lambda: t_test_on_change(start[seen], outcome[seen], data.arm[seen]),
    )


def _clda_reml(data: TrialData, plan: AnalysisPlan, covariates: np.ndarray) -> list[Estimate]:
    long = outcome_layout(data, plan.primary_outcome, covariates)
    labels = contrast_labels("clda reml", plan.primary_outcome, long)
    return _model(
        labels,
        plan,
        long.contrasts,
        len(np.unique(long.cluster)),
        lambda: fit_random_intercept(long.y, long.X, long.cluster, method="reml"),
    )


def _mmrm(data: TrialData, plan: AnalysisPlan, covariates: np.ndarray) -> list[Estimate]:
    """Fit the follow-ups, adjusted for the baseline score with a slope of its own at each visit."""
    scores = data.scores[plan.primary_outcome]
    long = follow_up_data(data, scores, covariates)
    return _repeated_measures("mmrm", plan, long, len(data.visits) - 1)


def _mmrm_constrained(
    data: TrialData, plan: AnalysisPlan, covariates: np.ndarray
) -> list[Estimate]:
    """Fit baseline and follow-ups, where both arms share the mean at baseline."""
    long = outcome_layout(data, plan.primary_outcome, covariates)
    return _repeated_measures("mmrm constrained", plan, long, len(data.visits))


def _repeated_measures(
    name: str, plan: AnalysisPlan, long: LongData, visits: int
) -> list[Estimate]:
    visit = np.argmax(long.X[:, :visits], axis=1)
    return _model(
        contrast_labels(name, plan.primary_outcome, long),
        plan,
        long.contrasts,
        len(np.unique(long.cluster)),
        lambda: fit_mmrm(long.y, long.X, long.cluster, visit),
    )


_ALTERNATIVES: dict[
    str, Callable[[TrialData, AnalysisPlan, np.ndarray], list[Estimate]]
] = {
    "ancova": _ancova,
    "t-test on change": _t_test,
    "clda reml": _clda_reml,
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


def _model(
    labels: list[Label],
    plan: AnalysisPlan,
    contrasts: dict[str, int],
    n: int,
    fit_model: Callable[[], MixedFit | MmrmFit],
) -> list[Estimate]:
    """Fit a model and read its contrasts, with small-sample degrees of freedom where asked."""
    try:
        fit = fit_model()
        estimates = []
        for label in labels:
            column = contrasts[label[2]]
            value, se = float(fit.beta[column]), float(np.sqrt(fit.covariance[column, column]))
            if plan.small_sample == "none":
                estimates.append(normal_estimate(label, value, se, n, plan.confidence))
                continue
            weights = np.zeros(len(fit.beta))
            weights[column] = 1.0
            df = satterthwaite_df(fit, weights)
            estimates.append(student_estimate(label, value, se, df, n, plan.confidence))
    except FitError as error:
        return [failed_estimate(label, n, error.reason) for label in labels]
    return estimates
