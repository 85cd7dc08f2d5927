"""Preplanned sensitivity analyses of the primary outcome."""

from dataclasses import replace

import numpy as np

from analysis.data.estimates import Estimate, failed_estimate, pooled_estimate
from analysis.estimators.clda import fit_random_intercept_batch
from analysis.estimators.errors import FitError
from analysis.estimators.imputation import impute_normal
from analysis.estimators.pooling import pool
from analysis.plan.design_matrix import long_data
from analysis.plan.inputs import Inputs
from analysis.plan.longitudinal import contrast_labels, longitudinal
from scenarios.arms import CONTROL


def complete_case(inputs: Inputs) -> list[Estimate]:
    """Analyse the participants who answered at every visit."""
    seen = ~np.isnan(inputs.data.scores[inputs.plan.primary_outcome]).any(axis=1)
    return _subset(inputs, seen)


def per_protocol(inputs: Inputs) -> list[Estimate]:
    """Analyse control and the adherent participants of the intervention arm."""
    data = inputs.data
    return _subset(inputs, (data.arm == CONTROL) | (data.plans_made >= inputs.plan.adherence_plans))


def imputed(inputs: Inputs) -> list[Estimate]:
    """Analyse multiply imputed scores, pooled by Rubin's rules with Barnard-Rubin df.

    The imputation model is multivariate normal in the scores at all visits, given the arm and the
    covariates. The reference degrees of freedom without missing values are those of the
    participants less the coefficients.
    """
    data, plan, covariates = inputs.data, inputs.plan, inputs.covariates
    outcome = plan.primary_outcome
    scores = data.scores[outcome]
    known = ~np.isnan(covariates).any(axis=1)
    n, visits = int(known.sum()), len(data.visits)
    # Imputed given the arm and the covariates, which are complete among these participants.
    table = np.column_stack([scores[known], data.arm[known], covariates[known]])
    # Imputed scores are never missing: rows and columns are those of a table without gaps.
    whole = np.where(known[:, None], 0.0, np.nan) + np.zeros((1, visits))
    long = long_data(data, whole, data.visits, covariates, constrained_baseline=True)
    labels = contrast_labels(inputs.name, outcome, long)
    try:
        filled = impute_normal(
            table, imputations=plan.imputations, most_steps=plan.imputation_burn_in, rng=inputs.rng
        )
        # Participant by participant, visit by visit: the order of the rows of X.
        responses = filled[:, :, :visits].reshape(plan.imputations, -1).T
        fit = fit_random_intercept_batch(responses, long.X, long.cluster)
    except FitError as error:
        return [failed_estimate(label, n, error.reason) for label in labels]
    estimates = []
    for label in labels:
        column = long.contrasts[label[2]]
        pooled = pool(
            fit.beta[:, column],
            np.sqrt(fit.covariance[:, column, column]),
            complete_df=n - long.X.shape[1],
        )
        estimates.append(pooled_estimate(label, pooled, n, plan.confidence))
    return estimates


def _subset(inputs: Inputs, members: np.ndarray) -> list[Estimate]:
    outcome = inputs.plan.primary_outcome
    subset = replace(inputs, data=inputs.data.take(members))
    return longitudinal(subset, (outcome,), inputs.covariates[members])[outcome].estimates
