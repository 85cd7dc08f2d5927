"""The prespecified plan in statsmodels alone, as a user would write it.

Mixed models with the default optimizer, estimating equations with the default settings, imputation
by BayesGaussMI on standardized columns, and Rubin's rules by hand. The time of `analysis.plan` is
compared with it; the numbers are compared in the tests.
"""

import warnings
from collections.abc import Iterator

import numpy as np
import statsmodels.api as sm
from statsmodels.imputation.bayes_mi import BayesGaussMI

from analysis.data.trial_data import TrialData
from analysis.plan.design_matrix import LongData, covariate_matrix, long_data
from analysis.plan.longitudinal import outcome_layout
from analysis.plan.responses.definitions import primary_responses, secondary_responses
from analysis.plan.responses.ratios import response_layouts
from scenarios.analyses.plan import AnalysisPlan
from scenarios.analyses.register import ADJUSTED

STEPS_BETWEEN = 50
"""Steps of BayesGaussMI's one chain between two tables that are kept."""


def mixed_model(y: np.ndarray, X: np.ndarray, cluster: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients and standard errors of a random-intercept model by ML."""
    fit = sm.MixedLM(y, X, cluster).fit(reml=False)
    return np.asarray(fit.fe_params), np.asarray(fit.bse_fe)


def logistic(long: LongData) -> object:
    """Fit a logistic GEE, exchangeable, with robust variance."""
    return _gee(long, sm.families.Binomial()).fit()


def risk_difference(long: LongData) -> object:
    """Fit a Poisson GEE with identity link, and with log link where fitted means are not above 0.

    The differences from the log link are standardized over the participants seen at each visit.
    """
    effects = [column for (column,) in long.contrasts.values()]
    start = np.zeros(long.X.shape[1])
    start[: len(effects)] = long.y.mean()
    try:
        family = sm.families.Poisson(sm.families.links.Identity())
        fit = _gee(long, family).fit(start_params=start)
        if fit.converged and np.all(long.X @ fit.params > 0):
            return fit
    except (ValueError, np.linalg.LinAlgError):
        pass  # no solution with positive means: use the log link below
    fit = _gee(long, sm.families.Poisson()).fit()
    differences = []
    for visit, effect in enumerate(effects):
        X = long.X[long.X[:, visit] == 1.0].copy()
        X[:, effects] = 0.0
        without = np.exp(X @ fit.params)
        slope = -(without @ X) / len(X)
        X[:, effect] = 1.0
        treated = np.exp(X @ fit.params)
        slope += (treated @ X) / len(X)
        error = np.sqrt(slope @ fit.cov_params() @ slope)
        differences.append((treated.mean() - without.mean(), error))
    return differences


def imputation_table(data: TrialData, plan: AnalysisPlan) -> np.ndarray:
    """Return the primary outcome at all visits, the arm and the covariates, NaN where missing."""
    covariates = covariate_matrix(data, plan.covariates)
    return np.column_stack([data.scores[plan.primary_outcome], data.arm, covariates])


def imputed_tables(table: np.ndarray, imputations: int, steps: int) -> Iterator[np.ndarray]:
    """Yield imputed tables from one chain, ``steps`` steps apart."""
    centre, spread = np.nanmean(table, axis=0), np.nanstd(table, axis=0)
    sampler = BayesGaussMI((table - centre) / spread, rng=np.random.default_rng(1))
    for _ in range(imputations):
        for _ in range(steps):
            sampler.update()
        yield centre + spread * np.asarray(sampler.data)


def imputed(data: TrialData, plan: AnalysisPlan) -> list[tuple[float, float]]:
    """Return the pooled contrasts and their standard errors."""
    covariates = covariate_matrix(data, plan.covariates)
    whole = np.zeros((len(data), len(data.visits)))
    long = long_data(data, whole, data.visits, covariates, constrained_baseline=True)
    tables = imputed_tables(imputation_table(data, plan), plan.imputations, STEPS_BETWEEN)
    fits = [
        mixed_model(table[:, : len(data.visits)].reshape(-1), long.X, long.cluster)
        for table in tables
    ]
    columns = [column for (column,) in long.contrasts.values()]
    each = np.array([beta for beta, _ in fits])[:, columns]
    errors = np.array([error for _, error in fits])[:, columns]
    total = (errors**2).mean(axis=0) + (1 + 1 / len(each)) * each.var(axis=0, ddof=1)
    return list(zip(each.mean(axis=0).tolist(), np.sqrt(total).tolist(), strict=True))


def whole_plan(data: TrialData, plan: AnalysisPlan) -> dict[str, object]:
    """Run every model of the plan: continuous outcomes, responses, sensitivity analyses."""
    covariates = covariate_matrix(data, plan.covariates)
    found: dict[str, object] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for outcome in plan.continuous:
            for name, matrix in ((ADJUSTED, covariates), ("crude", covariates[:, :0])):
                long = outcome_layout(data, outcome, matrix)
                found[f"{name} {outcome}"] = mixed_model(long.y, long.X, long.cluster)
        responses = (*primary_responses(plan, data), *secondary_responses(plan, data))
        for response, long in response_layouts(data, responses, covariates):
            found[f"odds ratios {response.name}"] = logistic(long)
            found[f"risk differences {response.name}"] = risk_difference(long)
        found["multiple imputation"] = imputed(data, plan)
        seen = ~np.isnan(data.scores[plan.primary_outcome]).any(axis=1)
        adherent = (data.arm == 0) | (data.plans_made >= plan.adherence_plans)
        for name, members in (("complete case", seen), ("per protocol", adherent)):
            long = outcome_layout(data.take(members), plan.primary_outcome, covariates[members])
            found[name] = mixed_model(long.y, long.X, long.cluster)
    return found


def _gee(long: LongData, family: sm.families.Family) -> sm.GEE:
    return sm.GEE(
        long.y, long.X, long.cluster, family=family, cov_struct=sm.cov_struct.Exchangeable()
    )
