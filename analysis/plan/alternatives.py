"""Other analyses of the primary outcome that a designer may compare, chosen by name."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from analysis.data.estimates import (
    ROUNDING,
    Estimate,
    Label,
    failed_estimate,
    student_estimate,
)
from analysis.data.trial_data import TrialData
from analysis.estimators.ancova import Comparison, ancova, t_test_on_change
from analysis.estimators.clda import MixedFit, fit_random_intercept
from analysis.estimators.cluster_robust import whiten_visits
from analysis.estimators.clustered import identify
from analysis.estimators.errors import AliasedError, FitError, UnidentifiedError
from analysis.estimators.mmrm import MmrmFit, fit_mmrm
from analysis.estimators.small_sample import satterthwaite_df
from analysis.plan.design_matrix import LongData, follow_up_data
from analysis.plan.inference import Fit, Inference, linear_inference, robust_inference
from analysis.plan.inputs import Inputs
from analysis.plan.longitudinal import (
    DIFFERENCE,
    contrast_labels,
    longitudinal,
    outcome_layout,
    typical_size,
)
from analysis.plan.told.identified import differences, entangled, fit_told, one_of
from scenarios.design.arms import within_arms
from scenarios.design.trial import AnalysisPlan


def ancova_at_visit(inputs: Inputs) -> list[Estimate]:
    """Regress the score of the primary visit on arm, baseline score and covariates."""
    data = inputs.data
    start, outcome, seen = _primary(inputs, inputs.covariates)
    adjust = np.column_stack([start, inputs.covariates])[seen]
    clinic = _clinics(data, seen)
    return _comparison(
        inputs, start[seen], outcome[seen], data.arm[seen], adjust,
        lambda columns: ancova(outcome[seen], data.arm[seen], columns, clinic),
    )  # fmt: skip


def t_test_at_visit(inputs: Inputs) -> list[Estimate]:
    """Compare changes from baseline to the primary visit; covariates do not matter."""
    data = inputs.data
    start, outcome, seen = _primary(inputs, inputs.covariates[:, :0])
    clinic = _clinics(data, seen)
    return _comparison(
        inputs, start[seen], outcome[seen], data.arm[seen], np.empty((int(seen.sum()), 0)),
        lambda _: t_test_on_change(start[seen], outcome[seen], data.arm[seen], clinic),
    )  # fmt: skip


def clda_reml(inputs: Inputs) -> list[Estimate]:
    """Fit the adjusted model by restricted maximum likelihood."""
    data = inputs.data
    plan = inputs.plan
    long = outcome_layout(data, plan.primary_outcome, inputs.covariates, plan.covariate_effects)
    adjust = plan.small_sample == "kenward-roger"

    def infer() -> Inference:
        told = fit_told(
            long,
            lambda design: fit_random_intercept(
                long.y, design.X, long.cluster, method="reml", kenward_roger=adjust
            ),
        )
        fit = told.fit
        if data.clinic is None:
            return replace(_model_inference(fit, plan), identified=told.identified)
        # Robust errors take nothing from the fit but its coefficients and working correlation.
        correlation = fit.between_variance / (fit.between_variance + fit.residual_variance)
        found = Fit(fit.beta, fit.covariance, correlation)
        inference = linear_inference(found, long.y, told.X, long.cluster, data.clinic)
        return replace(inference, identified=told.identified)

    return _model(inputs, long, infer)


def clda_ignoring_clinics(inputs: Inputs) -> list[Estimate]:
    """Fit the adjusted model as if all participants were independent."""
    outcome = inputs.plan.primary_outcome
    ignoring = replace(inputs, data=replace(inputs.data, clinic=None))
    return longitudinal(ignoring, (outcome,), inputs.covariates)[outcome].estimates


def mmrm(inputs: Inputs) -> list[Estimate]:
    """Fit the follow-ups, adjusted for the baseline score with a slope of its own at each visit."""
    plan, scores = inputs.plan, inputs.data.scores[inputs.plan.primary_outcome]
    long = follow_up_data(inputs.data, scores, inputs.covariates, effects=plan.covariate_effects)
    return _repeated_measures(inputs, long)


def mmrm_constrained(inputs: Inputs) -> list[Estimate]:
    """Fit baseline and follow-ups, where both arms share the mean at baseline."""
    plan = inputs.plan
    long = outcome_layout(
        inputs.data, plan.primary_outcome, inputs.covariates, plan.covariate_effects
    )
    return _repeated_measures(inputs, long)


def _repeated_measures(inputs: Inputs, whole: LongData) -> list[Estimate]:
    long = _visits_with_variance(whole, inputs.plan.primary_visit)
    # The columns before the first effect are one indicator a visit.
    visit = np.argmax(long.X[:, : min(long.contrasts.values())], axis=1)
    clinic = inputs.data.clinic
    adjust = inputs.plan.small_sample == "kenward-roger"

    def infer() -> Inference:
        told = fit_told(
            long,
            lambda design: fit_mmrm(long.y, design.X, long.cluster, visit, kenward_roger=adjust),
        )
        fit = told.fit
        if clinic is None:
            return replace(_model_inference(fit, inputs.plan), identified=told.identified)
        # Columns and residuals are whitened alike, by each participant's part of Sigma.
        rows = np.column_stack([told.X, long.y - told.X @ fit.beta])
        white = whiten_visits(rows, long.cluster, visit, fit.visit_covariance)
        inference = robust_inference(fit.beta, white, clinic[long.cluster])
        return replace(inference, identified=told.identified)

    return _model(inputs, long, infer)


def _visits_with_variance(long: LongData, primary: str) -> LongData:
    """Leave out the rows of visits whose own variance or covariances the rows do not tell."""
    baseline = min(long.contrasts.values()) - len(long.contrasts)
    names = [*(["baseline"] * baseline), *long.contrasts]
    at = long.X[:, : len(names)] == 1.0
    aside: dict[str, str] = {}
    kept = []
    for column, name in enumerate(names):
        rows = at[:, column]
        reason = _without_variance(long, rows) if rows.any() else ""
        if reason:
            aside[name] = f"{name}: {reason}"
        elif rows.any():
            kept.append(column)
    # Of two visits that nobody has both of, the primary one stays, or that with more answers.
    kept.sort(key=lambda column: (names[column] != primary, -int(at[:, column].sum()), column))
    together: list[int] = []
    for column in kept:
        who = long.cluster[at[:, column]]
        apart = [
            names[other] for other in together if not np.isin(who, long.cluster[at[:, other]]).any()
        ]
        if apart:
            aside[names[column]] = f"{names[column]}: nobody answered both then and at {apart[0]}"
        else:
            together.append(column)
    return long.rows(at[:, together].any(axis=1), aside) if aside else long


def _without_variance(long: LongData, rows: np.ndarray) -> str:
    """Return why a visit has no residual variance of its own, '' if it has."""
    y, X = long.y[rows], long.X[rows]
    if np.ptp(y) == 0.0:
        return "everybody has the same score, which has no variance"
    own = X[:, X.any(axis=0) & ~long.X[~rows].any(axis=0)]
    fitted, _, rank, _ = np.linalg.lstsq(own, y)
    if len(y) <= rank:
        return "too few answers for a variance"
    small = np.linalg.norm(y - own @ fitted) <= ROUNDING * np.linalg.norm(y)
    return "no variance is left of the scores" if small else ""


def _primary(inputs: Inputs, covariates: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return baseline and primary-visit scores, and who has both and the covariates."""
    data, plan = inputs.data, inputs.plan
    scores = data.scores[plan.primary_outcome]
    start, outcome = scores[:, 0], scores[:, data.visits.index(plan.primary_visit)]
    seen = ~(np.isnan(start) | np.isnan(outcome) | np.isnan(covariates).any(axis=1))
    return start, outcome, seen


def _comparison(
    inputs: Inputs, start: np.ndarray, outcome: np.ndarray, arm: np.ndarray, adjust: np.ndarray,
    compare: Callable[[np.ndarray], Comparison],
) -> list[Estimate]:  # fmt: skip
    """Compare those who have both scores by a function of the columns that are adjusted for."""
    plan, visit = inputs.plan, inputs.plan.primary_visit
    label: Label = (inputs.name, plan.primary_outcome, visit, DIFFERENCE)
    n, arms = len(outcome), within_arms(inputs.data.arms)
    empty = [words for code, words in enumerate(arms) if not (arm == code).any()]
    if empty:
        who = f"nobody {empty[0]}" if len(empty) == 1 else "nobody"
        return [failed_estimate(label, n, f"{visit}: {who} has both scores and all covariates")]
    try:
        found = _compare_told(arm, adjust, compare)
    except UnidentifiedError:
        names = ("score at baseline", *inputs.covariate_names)
        X = np.column_stack([arm, np.ones(n), adjust])
        reason = f"{visit}: the arms cannot be told from {entangled(X, 0, 2, names)}"
        return [failed_estimate(label, n, reason)]
    except FitError as error:
        return [failed_estimate(label, n, error.reason)]
    unit = typical_size(np.concatenate([start, outcome]))
    return [
        student_estimate(label, found.estimate, found.se, found.df, found.n, plan.confidence, unit)
    ]


def _compare_told(
    arm: np.ndarray, adjust: np.ndarray, compare: Callable[[np.ndarray], Comparison]
) -> Comparison:
    """Compare the arms, adjusted for the columns that tell all the others."""
    try:
        return compare(adjust)
    except AliasedError:
        X = np.column_stack([arm, np.ones(len(arm)), adjust])
        told = identify(X)
        if not told.tells(one_of(X.shape[1], 0)):
            raise UnidentifiedError from None
        # The arm is kept, and the intercept comes before the columns that may stand for it.
        return compare(adjust[:, told.kept[told.kept > 1] - 2])


def _clinics(data: TrialData, seen: np.ndarray) -> np.ndarray | None:
    return None if data.clinic is None else data.clinic[seen]


def _model_inference(fit: MixedFit | MmrmFit, plan: AnalysisPlan) -> Inference:
    """Rest on the model's own errors, for small samples where asked."""
    df = None if plan.small_sample == "none" else partial(satterthwaite_df, fit)
    return Inference(fit.beta, fit.covariance if fit.adjusted is None else fit.adjusted, df)


def _model(inputs: Inputs, long: LongData, infer: Callable[[], Inference]) -> list[Estimate]:
    labels = contrast_labels(inputs.name, inputs.plan.primary_outcome, long)
    return differences(inputs, long, labels, lambda: replace(infer(), unit=typical_size(long.y)))
