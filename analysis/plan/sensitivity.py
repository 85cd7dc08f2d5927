"""Preplanned sensitivity analyses of the primary outcome."""

import math
from dataclasses import replace

import numpy as np

from analysis.contrasts.labels import contrast_label
from analysis.data.estimates import Estimate, failed_estimate, pooled_estimate
from analysis.data.joint import joint_of
from analysis.estimators.clda import MixedBatchFit, fit_random_intercept_batch
from analysis.estimators.errors import FitError
from analysis.estimators.imputed.chains import impute_normal
from analysis.estimators.imputed.pooling import Pooled, pool, pool_covariance
from analysis.plan.design_matrix import long_data
from analysis.plan.inference import Fit, Inference, linear_inference
from analysis.plan.inputs import Inputs
from analysis.plan.longitudinal import DIFFERENCE, longitudinal
from analysis.plan.told.identified import Told, fit_told, why_untold, words_of
from analysis.plan.told.imputable import Imputable, arm_columns, imputable
from scenarios.arms.declared import within_arms

_REMEMBERED = 0.1
"""What the bound on iterations may leave of a chain's start, as a correlation: variances between
imputations are then too small by 1%, below the Monte Carlo error of some tens of imputations."""


def complete_case(inputs: Inputs) -> list[Estimate]:
    """Analyse the participants who answered at every visit at which all arms did."""
    outcome = inputs.plan.primary_outcome
    asked = inputs.data.reached(outcome).scores[outcome]
    return _subset(inputs, ~np.isnan(asked).any(axis=1), "answered at every visit")


def per_protocol(inputs: Inputs) -> list[Estimate]:
    """Analyse the adherent participants of arms with an app, and all of the other arms."""
    data = inputs.data
    adherent = data.plans_made >= inputs.plan.adherence_plans
    adherent |= ~np.isin(data.arm, data.planning_arms)
    return _subset(inputs, adherent, "was adherent")


def imputed(inputs: Inputs) -> list[Estimate]:
    """Analyse multiply imputed scores, pooled by Rubin's rules.

    The imputation model is multivariate normal in the scores at all visits, given the arm and the
    covariates. The reference distribution of the analysis is that without missing values: normal,
    or t where standard errors are robust.
    Visits and participants whose missing scores the data do not tell are left out. A visit that
    some of several arms never answered is imputed in the others alone.
    """
    known = ~np.isnan(inputs.covariates).any(axis=1)
    estimates = _imputed_where_told(inputs, known)
    for arms, visits in _answered_by_some(inputs, known).items():
        members = known & np.isin(inputs.data.arm, arms)
        alone = replace(inputs, joint=[])
        others = {row.label: row for row in _imputed_where_told(alone, members)}
        compared = {contrast_label(DIFFERENCE, each) for each in inputs.contrasts
                    if set(each.arms) <= set(arms)}  # fmt: skip
        estimates = [
            others[row.label] if row.visit in visits and row.contrast in compared else row
            for row in estimates
        ]
        inputs.joint.extend(each for each in alone.joint if each.visit in visits)
    return estimates


def _answered_by_some(inputs: Inputs, known: np.ndarray) -> dict[tuple[int, ...], list[str]]:
    """Return sets of two arms or more, but not all, and the visits that they alone answered."""
    data, found = inputs.data, dict[tuple[int, ...], list[str]]()
    present = np.unique(data.arm[known])
    if len(present) < 3:
        return found
    seen = ~np.isnan(data.scores[inputs.plan.primary_outcome]) & known[:, None]
    for visit, rows in zip(data.visits[1:], seen.T[1:], strict=True):
        arms = tuple(np.unique(data.arm[rows]).tolist())
        if 1 < len(arms) < len(present):
            found.setdefault(arms, []).append(visit)
    return found


def _imputed_where_told(inputs: Inputs, known: np.ndarray) -> list[Estimate]:
    """Analyse imputed scores of those known (n,), at the visits that the data tell."""
    outcome = inputs.plan.primary_outcome
    plain = Imputable(known, np.ones(len(inputs.data.visits), bool), {})
    try:
        return _imputed(inputs, plain)
    except FitError as error:
        reason = error.reason
    part = imputable(inputs, known)
    if part.visits.any() and not (part.visits.all() and part.members.sum() == known.sum()):
        try:
            return _imputed(inputs, part)
        except FitError as error:
            reason = error.reason
    n = int(part.members.sum())
    return [
        failed_estimate(label, n, part.reasons.get(visit, reason))
        for visit in inputs.data.visits[1:]
        for label in inputs.labels(outcome, visit, DIFFERENCE)
    ]


def _imputed(inputs: Inputs, part: Imputable) -> list[Estimate]:
    plan, data = inputs.plan, inputs.data.take(part.members)
    outcome = plan.primary_outcome
    covariates = inputs.covariates[part.members]
    scores = data.scores[outcome][:, part.visits]
    # Imputed given the arm and the covariates, which are complete among these participants.
    filled = impute_normal(
        np.column_stack([scores, arm_columns(data), covariates]),
        imputations=plan.imputations,
        most_steps=plan.imputation_burn_in,
        most_left=_REMEMBERED,
        rng=inputs.rng,
    )
    # Imputed scores are never missing: rows and columns are those of a table without gaps.
    whole = np.where(part.visits, 0.0, np.nan) + np.zeros((len(data), 1))
    long = long_data(
        data, whole, data.visits, covariates,
        constrained_baseline=True, effects=plan.covariate_effects,
    )  # fmt: skip
    long = replace(long, aside=part.reasons)
    # Participant by participant, visit by visit: the order of the rows of X.
    responses = filled[:, :, : scores.shape[1]].reshape(plan.imputations, -1).T
    told = fit_told(
        long, lambda design: fit_random_intercept_batch(responses, design.X, design.cluster)
    )
    robust = [] if data.clinic is None else _robust_fits(told, responses, long.cluster, data.clinic)
    estimates = []
    for visit in long.contrasts:
        labels = inputs.labels(outcome, visit, DIFFERENCE)
        weights = np.stack([long.weights(visit, contrast) for contrast in inputs.contrasts])
        kept = weights if told.identified is None else weights[:, told.identified.kept]
        rows = []
        for label, contrast, every, each in zip(
            labels, inputs.contrasts, weights, kept, strict=True
        ):
            if told.identified is None or told.identified.tells(every):
                pooled = _pooled(told, each, robust)
                row = pooled_estimate(label, pooled, long.participants, plan.confidence)
            else:
                reason = why_untold(long, visit, contrast.arms, inputs.covariate_names)
                row = failed_estimate(label, long.participants, reason)
            rows.append(row)
        estimates += rows
        if len(rows) > 1:
            together = joint_of(rows, _joint_covariance(told, kept, robust))
            inputs.joint.extend([] if together is None else [together])
    return estimates


def _robust_fits(
    told: Told[MixedBatchFit], responses: np.ndarray, participant: np.ndarray, clinic: np.ndarray
) -> list[Inference]:
    """Return the robust inference of each imputation."""
    fits = told.fit
    correlation = fits.between_variance / (fits.between_variance + fits.residual_variance)
    return [
        linear_inference(Fit(beta, covariance, float(alike)), y, told.X, participant, clinic)
        for beta, covariance, alike, y in zip(
            fits.beta, fits.covariance, correlation, responses.T, strict=True
        )
    ]


def _pooled(told: Told[MixedBatchFit], weights: np.ndarray, robust: list[Inference]) -> Pooled:
    """Pool a contrast; complete data would have the robust errors' degrees of freedom."""
    fits = told.fit
    if not robust:
        return pool(fits.beta @ weights, np.sqrt(fits.covariance @ weights @ weights))
    errors = [math.sqrt(weights @ found.covariance @ weights) for found in robust]
    # They depend on the imputation only by the working correlation, so hardly at all.
    df = [found.df(weights) for found in robust if found.df is not None]
    return pool(fits.beta @ weights, errors, complete_df=float(np.mean(df)))


def _joint_covariance(
    told: Told[MixedBatchFit], weights: np.ndarray, robust: list[Inference]
) -> np.ndarray:
    """Return the pooled covariance (m, m) of contrasts, given their weights (m, p)."""
    fits = told.fit
    each = np.stack([found.covariance for found in robust]) if robust else fits.covariance
    return pool_covariance(fits.beta @ weights.T, weights @ each @ weights.T)


def _subset(inputs: Inputs, members: np.ndarray, condition: str) -> list[Estimate]:
    """Fit the adjusted model to those who meet a condition; contrasts need some in each arm."""
    outcome, data = inputs.plan.primary_outcome, inputs.data
    arms = within_arms(data.arms)
    empty = [code for code in range(len(arms)) if not (members & (data.arm == code)).any()]
    reasons = {
        contrast_label(DIFFERENCE, each): f"nobody{words_of(arms, lacking)} {condition}"
        for each in inputs.contrasts
        if (lacking := [code for code in each.arms if code in empty])
    }
    if len(reasons) == len(inputs.contrasts):
        labels = [
            label
            for visit in data.visits[1:]
            for label in inputs.labels(outcome, visit, DIFFERENCE)
        ]
        return [failed_estimate(each, int(members.sum()), reasons[each[3]]) for each in labels]
    subset = replace(inputs, data=data.take(members))
    estimates = longitudinal(subset, (outcome,), inputs.covariates[members])[outcome].estimates
    return [
        replace(row, failure=reasons[row.contrast]) if row.contrast in reasons else row
        for row in estimates
    ]
