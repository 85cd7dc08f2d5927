"""Preplanned sensitivity analyses of the primary outcome."""

import numpy as np

from analysis.data.estimates import Estimate, failed_estimate, pooled_estimate
from analysis.data.trial_data import TrialData
from analysis.estimators.clda import fit_random_intercept_batch
from analysis.estimators.errors import FitError
from analysis.estimators.imputation import impute_normal
from analysis.estimators.pooling import pool
from analysis.plan.design_matrix import long_data
from analysis.plan.engines import Engine
from analysis.plan.longitudinal import contrast_labels, longitudinal
from scenarios.design.trial import AnalysisPlan


def sensitivity_analysis(
    name: str,
    data: TrialData,
    plan: AnalysisPlan,
    engine: Engine,
    covariates: np.ndarray,
    rng: np.random.Generator,
) -> list[Estimate]:
    """Run one of ``analysis.sensitivity`` by its name; only imputation draws from ``rng``."""
    if name == "multiple imputation":
        return imputed(data, plan, covariates, rng)
    if name == "complete case":
        return complete_case(data, plan, engine, covariates)
    return per_protocol(data, plan, engine, covariates)


def complete_case(
    data: TrialData, plan: AnalysisPlan, engine: Engine, covariates: np.ndarray
) -> list[Estimate]:
    """Analyse the participants who answered at every visit."""
    seen = ~np.isnan(data.scores[plan.primary_outcome]).any(axis=1)
    return _subset("clda complete case", data, plan, engine, covariates, seen)


def per_protocol(
    data: TrialData, plan: AnalysisPlan, engine: Engine, covariates: np.ndarray
) -> list[Estimate]:
    """Analyse control and the adherent participants of the intervention arm."""
    adherent = (data.arm == 0) | (data.plans_made >= plan.adherence_plans)
    return _subset("clda per protocol", data, plan, engine, covariates, adherent)


def imputed(
    data: TrialData, plan: AnalysisPlan, covariates: np.ndarray, rng: np.random.Generator
) -> list[Estimate]:
    """Analyse multiply imputed scores, pooled by Rubin's rules with Barnard-Rubin df.

    The imputation model is multivariate normal in the scores at all visits, given the arm and the
    covariates. The reference degrees of freedom without missing values are those of the
    participants less the coefficients.
    """
    outcome = plan.primary_outcome
    scores = data.scores[outcome]
    known = ~np.isnan(covariates).any(axis=1)
    n, visits = int(known.sum()), len(data.visits)
    table = np.column_stack([scores[known], data.arm[known], covariates[known]])
    whole = np.where(known[:, None], 0.0, np.nan) + np.zeros((1, visits))
    long = long_data(data, whole, data.visits, covariates, constrained_baseline=True)
    labels = contrast_labels("clda multiple imputation", outcome, long)
    try:
        filled = impute_normal(
            table, imputations=plan.imputations, most_steps=plan.imputation_burn_in, rng=rng
        )
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


def _subset(
    name: str, data: TrialData, plan: AnalysisPlan, engine: Engine, covariates: np.ndarray,
    members: np.ndarray,
) -> list[Estimate]:  # fmt: skip
    outcome = plan.primary_outcome
    subset = data.take(members)
    found = longitudinal(subset, engine, name, (outcome,), covariates[members], plan.confidence)
    return found[outcome].estimates
