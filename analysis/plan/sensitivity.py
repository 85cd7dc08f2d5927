"""Preplanned sensitivity analyses of the primary outcome."""

import math
from dataclasses import replace

import numpy as np

from analysis.data.estimates import Estimate, Label, failed_estimate, pooled_estimate
from analysis.estimators.clda import MixedBatchFit, fit_random_intercept_batch
from analysis.estimators.errors import FitError
from analysis.estimators.imputation import impute_normal
from analysis.estimators.pooling import Pooled, pool
from analysis.plan.design_matrix import long_data
from analysis.plan.inference import Fit, Inference, linear_inference
from analysis.plan.inputs import Inputs
from analysis.plan.longitudinal import DIFFERENCE, contrast_labels, longitudinal
from analysis.plan.told.identified import Told, fit_told, one_of, why_untold
from analysis.plan.told.imputable import Imputable, imputable
from scenarios.arms import CONTROL
from scenarios.design.arms import within_arms

_REMEMBERED = 0.1
"""What the bound on iterations may leave of a chain's start, as a correlation: variances between
imputations are then too small by 1%, below the Monte Carlo error of some tens of imputations."""


def complete_case(inputs: Inputs) -> list[Estimate]:
    """Analyse the participants who answered at every visit at which both arms did."""
    outcome = inputs.plan.primary_outcome
    asked = inputs.data.reached(outcome).scores[outcome]
    return _subset(inputs, ~np.isnan(asked).any(axis=1), "answered at every visit")


def per_protocol(inputs: Inputs) -> list[Estimate]:
    """Analyse the reference and the adherent participants of the other arm."""
    data = inputs.data
    adherent = (data.arm == CONTROL) | (data.plans_made >= inputs.plan.adherence_plans)
    return _subset(inputs, adherent, "was adherent")


def imputed(inputs: Inputs) -> list[Estimate]:
    """Analyse multiply imputed scores, pooled by Rubin's rules.

    The imputation model is multivariate normal in the scores at all visits, given the arm and the
    covariates. The reference distribution of the analysis is that without missing values: normal,
    or t where standard errors are robust.
    Visits and participants whose missing scores the data do not tell are left out.
    """
    plan, known = inputs.plan, ~np.isnan(inputs.covariates).any(axis=1)
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
    labels: list[Label] = [
        (inputs.name, plan.primary_outcome, visit, DIFFERENCE) for visit in inputs.data.visits[1:]
    ]
    return [failed_estimate(label, n, part.reasons.get(label[2], reason)) for label in labels]


def _imputed(inputs: Inputs, part: Imputable) -> list[Estimate]:
    plan, data = inputs.plan, inputs.data.take(part.members)
    outcome = plan.primary_outcome
    covariates = inputs.covariates[part.members]
    scores = data.scores[outcome][:, part.visits]
    # Imputed given the arm and the covariates, which are complete among these participants.
    filled = impute_normal(
        np.column_stack([scores, data.arm, covariates]),
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
    for label in contrast_labels(inputs.name, outcome, long):
        column = long.contrasts[label[2]]
        if told.identified is not None:
            if not told.identified.tells(one_of(long.X.shape[1], column)):
                reason = why_untold(long, label[2], inputs.covariate_names)
                estimates.append(failed_estimate(label, long.participants, reason))
                continue
            column = int(np.searchsorted(told.identified.kept, column))
        estimates.append(
            pooled_estimate(
                label, _pooled(told, column, robust), long.participants, plan.confidence
            )
        )
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


def _pooled(told: Told[MixedBatchFit], column: int, robust: list[Inference]) -> Pooled:
    """Pool a coefficient; complete data would have the robust errors' degrees of freedom."""
    fits = told.fit
    if not robust:
        return pool(fits.beta[:, column], np.sqrt(fits.covariance[:, column, column]))
    weights = one_of(fits.beta.shape[1], column)
    errors = [math.sqrt(found.covariance[column, column]) for found in robust]
    # They depend on the imputation only by the working correlation, so hardly at all.
    df = [found.df(weights) for found in robust if found.df is not None]
    return pool(fits.beta[:, column], errors, complete_df=float(np.mean(df)))


def _subset(inputs: Inputs, members: np.ndarray, condition: str) -> list[Estimate]:
    """Fit the adjusted model to those who meet a condition, if both arms have any."""
    outcome, data = inputs.plan.primary_outcome, inputs.data
    arms = within_arms(data.arms)
    empty = [arm for code, arm in enumerate(arms) if not (members & (data.arm == code)).any()]
    if empty:
        reason = f"nobody{' ' + empty[0] if len(empty) == 1 else ''} {condition}"
        labels: list[Label] = [
            (inputs.name, outcome, visit, DIFFERENCE) for visit in data.visits[1:]
        ]
        return [failed_estimate(label, int(members.sum()), reason) for label in labels]
    subset = replace(inputs, data=data.take(members))
    return longitudinal(subset, (outcome,), inputs.covariates[members])[outcome].estimates
