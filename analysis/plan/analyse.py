"""The prespecified analysis of the trial: which model for which outcome.

Continuous outcomes: constrained longitudinal data analysis, a linear mixed model by maximum
likelihood with a random intercept for each participant, where baseline is an outcome and the arms
share its mean; adjusted as the scenario says, and crude for the arm means of Table 2. Response: a
logistic generalized estimating equation with exchangeable correlation and robust variance, and a
Poisson one for risk differences. Sensitivity analyses and alternatives are of the primary outcome.
Where the plan says that participants of a clinic are alike, all of them have errors robust to it.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from analysis.data.estimates import Estimate
from analysis.data.trial_data import TrialData
from analysis.plan.alternatives import alternative
from analysis.plan.design_matrix import covariate_matrix
from analysis.plan.engines import engine_named
from analysis.plan.longitudinal import ArmMean, longitudinal
from analysis.plan.responders import primary_responses, secondary_responses
from analysis.plan.response import (
    LOGISTIC,
    POISSON,
    odds_ratios,
    response_layouts,
    risk_differences,
)
from analysis.plan.sensitivity import sensitivity_analysis
from scenarios.design.trial import AnalysisPlan

ADJUSTED, CRUDE = "clda", "clda unadjusted"


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the plan yields: every estimate, and the arm means."""

    estimates: list[Estimate]
    arm_means: list[ArmMean]


def analysis_names(plan: AnalysisPlan) -> tuple[str, ...]:
    """Return the analyses of a plan by the names that pick them."""
    response = plan.responder_points or plan.secondary_response or plan.secondary_level
    return (
        ADJUSTED,
        CRUDE,
        *((LOGISTIC, POISSON) if response else ()),
        *(f"clda {name}" for name in plan.sensitivity),
        *plan.alternatives,
    )


def clustered_as_planned(data: TrialData, plan: AnalysisPlan) -> TrialData:
    """Return the data with clinics if the plan's errors are to be robust to them, else without.

    Raises
    ------
    ValueError
        If the plan asks for clinics and the data have none.
    """
    if plan.cluster == "none":
        return data if data.clinic is None else replace(data, clinic=None)
    if data.clinic is None:
        raise ValueError("analysis.cluster: the data do not say who belongs to which clinic")
    return data


def analyse(
    data: TrialData,
    plan: AnalysisPlan,
    rng: np.random.Generator,
    picked: Collection[str] | None = None,
) -> Analysis:
    """Run the plan on a trial; a model that cannot be fitted is a row with its reason.

    Parameters
    ----------
    data
        The trial.
    plan
        The scenario's ``[analysis]``.
    rng
        Source of the imputations; nothing else in the plan is random.
    picked
        Names among :func:`analysis_names`; nothing else is run. All of them by default.
        'gee poisson' includes its standardized fallback.
    """
    data = clustered_as_planned(data, plan)
    wanted = analysis_names(plan) if picked is None else picked
    engine = engine_named(plan.engine)
    covariates = covariate_matrix(data, plan.covariates)
    crude = np.empty((len(data), 0))
    level = plan.confidence
    estimates: list[Estimate] = []
    means: list[ArmMean] = []
    models = {
        name: longitudinal(data, engine, name, plan.continuous, matrix, level)
        for name, matrix in ((ADJUSTED, covariates), (CRUDE, crude))
        if name in wanted
    }
    for outcome in plan.continuous:
        for name, results in models.items():
            estimates += results[outcome].estimates
            means += results[outcome].means if name == CRUDE else []
    responses = (*primary_responses(plan), *secondary_responses(plan, data))
    for response, long, design in response_layouts(data, responses, covariates):
        if LOGISTIC in wanted:
            estimates += odds_ratios(long, design, engine, response.name, level, data.clinic)
        if POISSON in wanted:
            estimates += risk_differences(long, design, response.name, level, data.clinic)
    for sensitivity in (name for name in plan.sensitivity if f"clda {name}" in wanted):
        estimates += sensitivity_analysis(sensitivity, data, plan, engine, covariates, rng)
    for name in (name for name in plan.alternatives if name in wanted):
        estimates += alternative(name, data, plan, covariates)
    return Analysis(estimates, means)
