"""The prespecified analysis of the trial: which model for which outcome.

Continuous outcomes: constrained longitudinal data analysis, a linear mixed model by maximum
likelihood with a random intercept for each participant, where baseline is an outcome and the arms
share its mean; adjusted as the scenario says, and crude for the arm means of Table 2. Response: a
logistic generalized estimating equation with exchangeable correlation and robust variance, and a
Poisson one for risk differences. Sensitivity analyses and alternatives are of the primary outcome.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.alternatives import alternative
from analysis.data import TrialData
from analysis.design_matrix import covariate_matrix
from analysis.engines import Engine, engine_named
from analysis.estimates import Estimate
from analysis.longitudinal import ArmMean, longitudinal
from analysis.response import odds_ratios, risk_differences
from analysis.sensitivity import complete_case, imputed, per_protocol
from scenarios.design import AnalysisPlan


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the plan yields: every estimate, and the arm means."""

    estimates: list[Estimate]
    arm_means: list[ArmMean]


def analyse(data: TrialData, plan: AnalysisPlan, rng: np.random.Generator) -> Analysis:
    """Run the plan on a trial; a model that cannot be fitted is a row with its reason.

    Parameters
    ----------
    data
        The trial.
    plan
        The scenario's ``[analysis]``.
    rng
        Source of the imputations; nothing else in the plan is random.
    """
    engine = engine_named(plan.engine)
    covariates = covariate_matrix(data, plan.covariates)
    crude = np.empty((len(data), 0))
    estimates: list[Estimate] = []
    means: list[ArmMean] = []
    for outcome in plan.continuous:
        level = plan.confidence
        estimates += longitudinal(data, engine, "clda", outcome, covariates, level)[0]
        unadjusted, arm_means = longitudinal(data, engine, "clda unadjusted", outcome, crude, level)
        estimates += unadjusted
        means += arm_means
    for name, points in response_definitions(plan, data):
        estimates += odds_ratios(data, engine, name, points, covariates, plan.confidence)
        if name == plan.primary_outcome:  # for the number needed to treat
            estimates += risk_differences(data, name, points, covariates, plan.confidence)
    estimates += _sensitivity(data, plan, engine, covariates, rng)
    for model in plan.alternatives:
        estimates += alternative(model, data, plan, covariates)
    return Analysis(estimates, means)


def response_definitions(plan: AnalysisPlan, data: TrialData) -> Iterator[tuple[str, float]]:
    """Yield each outcome of the trial and the improvement in points that counts as response."""
    for points in plan.responder_points:
        yield plan.primary_outcome, float(points)
    for outcome, least in plan.secondary_response.items():
        if outcome in data.scores:
            yield outcome, least


def _sensitivity(
    data: TrialData,
    plan: AnalysisPlan,
    engine: Engine,
    covariates: np.ndarray,
    rng: np.random.Generator,
) -> list[Estimate]:
    estimates: list[Estimate] = []
    for name in plan.sensitivity:
        if name == "multiple imputation":
            estimates += imputed(data, plan, covariates, rng)
        elif name == "complete case":
            estimates += complete_case(data, plan, engine, covariates)
        else:
            estimates += per_protocol(data, plan, engine, covariates)
    return estimates
