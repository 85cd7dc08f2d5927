"""Other analyses of the primary outcome that a designer may compare, chosen by name."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from analysis.contrasts.declared import weights_matrix
from analysis.data.estimates import ROUNDING, Estimate
from analysis.estimators.clda import MixedFit, fit_random_intercept
from analysis.estimators.cluster_robust import whiten_visits
from analysis.estimators.clustered import identify
from analysis.estimators.errors import AliasedError, UnidentifiedError
from analysis.estimators.least_squares import least_squares
from analysis.estimators.mmrm import MmrmFit, fit_mmrm
from analysis.estimators.small_sample import satterthwaite_df
from analysis.plan.design_matrix import LongData, follow_up_data
from analysis.plan.inference import (
    Asked,
    Fit,
    Inference,
    attempted,
    contrast_estimates,
    linear_inference,
    robust_inference,
)
from analysis.plan.inputs import Inputs
from analysis.plan.longitudinal import (
    DIFFERENCE,
    longitudinal,
    outcome_layout,
    typical_size,
)
from analysis.plan.told.identified import (
    differences,
    entangled,
    fit_told,
    keep_joint,
    words_of,
)
from scenarios.analyses.plan import AnalysisPlan
from scenarios.arms.declared import within_arms


def ancova_at_visit(inputs: Inputs) -> list[Estimate]:
    """Regress the score of the primary visit on arms, baseline score and covariates."""
    start, outcome, seen = _primary(inputs, inputs.covariates)
    adjust = np.column_stack([start, inputs.covariates])[seen]
    return _at_visit(inputs, outcome[seen], seen, adjust, _both(start, outcome, seen))


def t_test_at_visit(inputs: Inputs) -> list[Estimate]:
    """Compare changes from baseline to the primary visit; covariates do not matter.

    With more than two arms the variance is common to all of them.
    """
    start, outcome, seen = _primary(inputs, inputs.covariates[:, :0])
    change, adjust = (outcome - start)[seen], np.empty((int(seen.sum()), 0))
    return _at_visit(inputs, change, seen, adjust, _both(start, outcome, seen))


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
    """Fit baseline and follow-ups, where all arms share the mean at baseline."""
    plan = inputs.plan
    long = outcome_layout(
        inputs.data, plan.primary_outcome, inputs.covariates, plan.covariate_effects
    )
    return _repeated_measures(inputs, long)


def _repeated_measures(inputs: Inputs, whole: LongData) -> list[Estimate]:
    long = _visits_with_variance(whole, inputs.plan.primary_visit)
    visit = long.visit_codes
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
    names = long.visits
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


def _both(start: np.ndarray, outcome: np.ndarray, seen: np.ndarray) -> np.ndarray:
    return np.concatenate([start[seen], outcome[seen]])


def _at_visit(
    inputs: Inputs, y: np.ndarray, seen: np.ndarray, adjust: np.ndarray, scores: np.ndarray
) -> list[Estimate]:
    """Compare the arms at the primary visit by least squares.

    Parameters
    ----------
    inputs
        Of the analysis.
    y
        (m,) outcome of those who have both scores and all covariates.
    seen
        (n,) mask of these.
    adjust
        (m, c) columns adjusted for.
    scores
        (2 m,) their scores of both visits.
    """
    data, plan, visit = inputs.data, inputs.plan, inputs.plan.primary_visit
    arm, arms = data.arm[seen], within_arms(data.arms)
    effects = np.stack([arm == code for code in range(1, len(arms))], axis=1)
    X = np.column_stack([np.ones(len(y)), effects, adjust])
    weights = np.zeros((len(inputs.contrasts), X.shape[1]))
    weights[:, 1 : len(arms)] = weights_matrix(inputs.contrasts)[:, 1:]
    labels = inputs.labels(plan.primary_outcome, visit, DIFFERENCE)
    asked = [
        Asked(label, each, contrast.arms)
        for label, each, contrast in zip(labels, weights, inputs.contrasts, strict=True)
    ]

    def infer() -> Inference:
        clinic = None if data.clinic is None else data.clinic[seen]
        return replace(_least_squares(y, X, weights, clinic), unit=typical_size(scores))

    def why(each: Asked) -> str:
        empty = [code for code in each.arms if not (arm == code).any()]
        if empty:
            return f"{visit}: nobody{words_of(arms, empty)} has both scores and all covariates"
        names = ("score at baseline", *inputs.covariate_names)
        others = entangled(X, _between(each.arms, X.shape[1]), len(arms), names)
        return f"{visit}: the arms cannot be told from {others}"

    inference = attempted(infer)
    estimates = contrast_estimates(asked, len(y), plan.confidence, inference, why)
    keep_joint(inputs, estimates, inference, list(weights))
    return estimates


def _least_squares(
    y: np.ndarray, X: np.ndarray, weights: np.ndarray, clinic: np.ndarray | None
) -> Inference:
    """Fit a linear model on the columns that tell all the others, if any contrast is told."""
    if not len(y):
        raise UnidentifiedError
    try:
        fit, identified = least_squares(y, X, clinic), None
    except AliasedError:
        identified = identify(X)
        if not any(identified.tells(each) for each in weights):
            raise UnidentifiedError from None
        fit = least_squares(y, X[:, identified.kept], clinic)
    return Inference(fit.beta, fit.covariance, fit.df, identified)


def _between(arms: Sequence[int], columns: int) -> np.ndarray:
    """Return the weights (m, columns) of differences between arms and the first of them."""
    # The intercept is the reference's own mean, and the columns of the others come behind it.
    means = np.eye(columns)[list(arms)]
    means[:, 0] = 0.0
    return np.asarray(means[1:] - means[0])


def _model_inference(fit: MixedFit | MmrmFit, plan: AnalysisPlan) -> Inference:
    """Rest on the model's own errors, for small samples where asked."""
    df = None if plan.small_sample == "none" else partial(satterthwaite_df, fit)
    return Inference(fit.beta, fit.covariance if fit.adjusted is None else fit.adjusted, df)


def _model(inputs: Inputs, long: LongData, infer: Callable[[], Inference]) -> list[Estimate]:
    inference = attempted(lambda: replace(infer(), unit=typical_size(long.y)))
    return differences(inputs, long, inputs.plan.primary_outcome, DIFFERENCE, inference)
