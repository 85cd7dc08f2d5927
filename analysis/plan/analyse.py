"""The prespecified analysis of the trial: which model for which outcome.

Continuous outcomes: constrained longitudinal data analysis, a linear mixed model by maximum
likelihood with a random intercept for each participant, where baseline is an outcome and the arms
share its mean; adjusted for the plan's covariates, and crude for the arm means of Table 2.
Response and binary outcomes: a logistic generalized estimating equation with exchangeable
correlation and robust variance, and a Poisson one for risk differences. Counts: a Poisson one for
rate ratios. Sensitivity analyses and alternatives are of the
primary outcome. Which functions compute them says :mod:`scenarios.analyses.register`. Where the
plan clusters by participant or clinic, all of them have standard errors robust to it.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from analysis.contrasts.planned import planned_contrasts
from analysis.data.estimates import Estimate
from analysis.data.joint import Joint
from analysis.data.trial_data import TrialData
from analysis.decision.rule import decided
from analysis.plan.design_matrix import covariate_matrix, covariate_names, outcome_at_follow_ups
from analysis.plan.engines import engine_of
from analysis.plan.inputs import Inputs
from analysis.plan.longitudinal import ArmMean
from analysis.plan.responses.definitions import (
    Definition,
    binary_outcomes,
    primary_responses,
    secondary_responses,
)
from analysis.plan.responses.ratios import response_layouts
from analysis.plan.run import of_continuous, of_primary, of_response
from scenarios.analyses.plan import AnalysisPlan
from scenarios.analyses.register import CRUDE, names_of


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the plan yields.

    Attributes
    ----------
    estimates, arm_means
        Every estimate, and the arm means.
    remarks
        What the estimates do not say themselves, such as whose answers a model sets aside.
    joint
        The contrasts of each analysis, outcome and visit with their joint covariance, where the
        plan has several contrasts and one of them has an estimate.
    """

    estimates: list[Estimate]
    arm_means: list[ArmMean]
    remarks: tuple[str, ...] = ()
    joint: tuple[Joint, ...] = ()


def analysis_names(plan: AnalysisPlan) -> tuple[str, ...]:
    """Return the analyses of a plan by the names that pick them."""
    response = (
        plan.responder_points or plan.secondary_response or plan.secondary_level or plan.binary
    )
    return (
        *names_of("continuous"),
        *(names_of("response") if response else ()),
        *(names_of("count") if plan.counts else ()),
        *plan.sensitivity_names,
        *plan.alternatives,
    )


def clustered_as_planned(data: TrialData, plan: AnalysisPlan) -> TrialData:
    """Return the data with what the plan's errors are to be robust to in place of the clinics.

    Raises
    ------
    ValueError
        If the plan asks for clinics and the data have none.
    """
    if plan.cluster == "none":
        return data if data.clinic is None else replace(data, clinic=None)
    if plan.cluster == "participant":
        return replace(data, clinic=data.own_clusters())
    if data.clinic is None:
        raise ValueError("analysis.cluster: the data have no clinics")
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
        Source of the imputations; nothing else that is built in is random. A user's own analysis
        has a generator of its own.
    picked
        Names among :func:`analysis_names`; nothing else is run. Default: all of them.
        'gee poisson' includes its standardized fallback.

    Raises
    ------
    InputError
        If an analysis that is not built in cannot be found.
    """
    data = clustered_as_planned(data, plan)
    wanted = analysis_names(plan) if picked is None else picked
    inputs = Inputs(
        name="",
        data=data,
        plan=plan,
        engine=engine_of(plan),
        contrasts=planned_contrasts(plan, data.arms),
        covariates=covariate_matrix(data, plan.covariates),
        covariate_names=covariate_names(data, plan.covariates),
        rng=rng,
    )
    estimates: list[Estimate] = []
    means: list[ArmMean] = []
    models = {
        name: of_continuous(name, inputs) for name in names_of("continuous") if name in wanted
    }
    for outcome in plan.continuous:
        for name, results in models.items():
            estimates += results[outcome].estimates
            means += results[outcome].means if name == CRUDE else []
    responses: tuple[Definition, ...] = (
        *primary_responses(plan, data),
        *secondary_responses(plan, data),
        *binary_outcomes(plan, data),
    )
    # The analyses of a response share its rows and columns.
    for response, long in response_layouts(data, responses, inputs.covariates):
        for name in (name for name in names_of("response") if name in wanted):
            estimates += of_response(name, inputs, response.name, long)
    for outcome in (name for name in plan.counts if name in data.scores):
        rows = outcome_at_follow_ups(data, outcome, inputs.covariates)
        for name in (name for name in names_of("count") if name in wanted):
            estimates += of_response(name, inputs, outcome, rows)
    for name in (*plan.sensitivity_names, *plan.alternatives):
        if name in wanted:
            estimates += of_primary(name, inputs)
    # An odds ratio and a risk difference may set the same answers aside.
    remarks = tuple(dict.fromkeys(inputs.remarks))
    found = decided(estimates, plan, data.outcomes)
    return Analysis(found, means, remarks, tuple(inputs.joint))
