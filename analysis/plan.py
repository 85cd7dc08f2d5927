"""The prespecified analysis of the trial: which model for which outcome.

Continuous outcomes: constrained longitudinal data analysis, a linear mixed model by maximum
likelihood with a random intercept for each participant, where baseline is an outcome and the arms
share its mean; adjusted as the scenario says, and crude for the arm means of Table 2. Response: a
logistic generalized estimating equation with exchangeable correlation and robust variance.
"""

from dataclasses import dataclass

import numpy as np

from agents.instruments import SCALES
from analysis.data import TrialData
from analysis.design_matrix import LongData, covariate_matrix, long_data
from analysis.engines import Engine, engine_named
from analysis.errors import FitError
from analysis.estimates import Estimate, failed_estimate, normal_estimate
from scenarios.design import AnalysisPlan

DIFFERENCE, LOG_ODDS_RATIO = "difference", "log odds ratio"


@dataclass(frozen=True, slots=True)
class ArmMean:
    """A model-based mean of an arm at a visit, from the crude model as in the paper's Table 2."""

    outcome: str
    visit: str
    arm: int
    mean: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the plan yields: every estimate, and the arm means."""

    estimates: list[Estimate]
    arm_means: list[ArmMean]


def analyse(data: TrialData, plan: AnalysisPlan) -> Analysis:
    """Run the plan on a trial; a model that cannot be fitted is a row with its reason."""
    engine = engine_named(plan.engine)
    covariates = covariate_matrix(data, plan.covariates)
    nothing = np.empty((len(data), 0))
    estimates: list[Estimate] = []
    means: list[ArmMean] = []
    for outcome in plan.continuous:
        estimates += _longitudinal(data, plan, engine, "clda", outcome, covariates)[0]
        crude, arm_means = _longitudinal(data, plan, engine, "clda crude", outcome, nothing)
        estimates += crude
        means += arm_means
    for points in plan.responder_points:
        estimates += _responders(data, plan, engine, points, covariates)
    return Analysis(estimates, means)


def response_name(outcome: str, points: int) -> str:
    """Return the name under which response on an outcome is reported."""
    return f"{outcome} improved by {points}"


def _longitudinal(
    data: TrialData,
    plan: AnalysisPlan,
    engine: Engine,
    name: str,
    outcome: str,
    covariates: np.ndarray,
) -> tuple[list[Estimate], list[ArmMean]]:
    """Fit one outcome's mixed model; arm means are those at 0 of all covariates."""
    baseline = SCALES[outcome].has_baseline
    first = 0 if baseline else 1
    visits = data.visits[first:]
    long = long_data(
        data, data.scores[outcome][:, first:], visits, covariates, constrained_baseline=baseline
    )
    n = len(np.unique(long.cluster))
    labels = [(name, outcome, visit, DIFFERENCE) for visit in long.contrasts]
    try:
        beta, covariance = engine.mixed(long.y, long.X, long.cluster)
    except FitError as error:
        return [failed_estimate(label, n, error.reason) for label in labels], []
    estimates = [_estimate(label, beta, covariance, long, n, plan.confidence) for label in labels]
    means = [
        ArmMean(outcome, visit, arm, float(beta[column] + arm * _effect(beta, long, visit)))
        for column, visit in enumerate(visits)
        for arm in (0, 1)
    ]
    return estimates, means


def _responders(
    data: TrialData, plan: AnalysisPlan, engine: Engine, points: int, covariates: np.ndarray
) -> list[Estimate]:
    """Fit the response model: one odds ratio between the arms for each follow-up visit."""
    outcome = plan.primary_outcome
    long = long_data(
        data,
        data.improved(outcome, points),
        data.visits[1:],
        covariates,
        constrained_baseline=False,
    )
    n = len(np.unique(long.cluster))
    response = response_name(outcome, points)
    labels = [("gee logistic", response, visit, LOG_ODDS_RATIO) for visit in long.contrasts]
    try:
        beta, covariance = engine.logistic(long.y, long.X, long.cluster)
    except FitError as error:
        return [failed_estimate(label, n, error.reason) for label in labels]
    return [_estimate(label, beta, covariance, long, n, plan.confidence) for label in labels]


def _effect(beta: np.ndarray, long: LongData, visit: str) -> float:
    return float(beta[long.contrasts[visit]]) if visit in long.contrasts else 0.0


def _estimate(
    label: tuple[str, str, str, str],
    beta: np.ndarray,
    covariance: np.ndarray,
    long: LongData,
    n: int,
    confidence: float,
) -> Estimate:
    column = long.contrasts[label[2]]
    se = float(np.sqrt(covariance[column, column]))
    return normal_estimate(label, float(beta[column]), se, n, confidence)
