"""Constrained longitudinal data analysis of one outcome, as estimates and arm means."""

from dataclasses import dataclass

import numpy as np

from agents.instruments import SCALES
from analysis.data import TrialData
from analysis.design_matrix import LongData, long_data
from analysis.engines import Engine
from analysis.errors import FitError
from analysis.estimates import Estimate, Label, failed_estimate, normal_estimate

DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True)
class ArmMean:
    """A model-based mean of an arm at a visit, from the crude model as in the paper's Table 2."""

    outcome: str
    visit: str
    arm: int
    mean: float


def outcome_layout(data: TrialData, outcome: str, covariates: np.ndarray) -> LongData:
    """Lay out an outcome: baseline and follow-ups, or follow-ups only where it has no baseline."""
    baseline = SCALES[outcome].has_baseline
    first = 0 if baseline else 1
    return long_data(
        data,
        data.scores[outcome][:, first:],
        data.visits[first:],
        covariates,
        constrained_baseline=baseline,
    )


def longitudinal(
    data: TrialData,
    engine: Engine,
    name: str,
    outcome: str,
    covariates: np.ndarray,
    confidence: float,
) -> tuple[list[Estimate], list[ArmMean]]:
    """Fit the mixed model of one outcome; arm means are those at 0 of all covariates."""
    long = outcome_layout(data, outcome, covariates)
    n = len(np.unique(long.cluster))
    labels = contrast_labels(name, outcome, long)
    try:
        beta, covariance = engine.mixed(long.y, long.X, long.cluster)
    except FitError as error:
        return [failed_estimate(label, n, error.reason) for label in labels], []
    estimates = [
        coefficient_estimate(label, beta, covariance, long, n, confidence) for label in labels
    ]
    visits = data.visits if SCALES[outcome].has_baseline else data.visits[1:]
    means = [
        ArmMean(outcome, visit, arm, float(beta[column] + arm * _effect(beta, long, visit)))
        for column, visit in enumerate(visits)
        for arm in (0, 1)
    ]
    return estimates, means


def contrast_labels(name: str, outcome: str, long: LongData) -> list[Label]:
    """Return the names of the contrasts between the arms, one for each follow-up visit."""
    return [(name, outcome, visit, DIFFERENCE) for visit in long.contrasts]


def coefficient_estimate(
    label: Label,
    beta: np.ndarray,
    covariance: np.ndarray,
    long: LongData,
    n: int,
    confidence: float,
) -> Estimate:
    """Return the estimate of the contrast that a label's visit names."""
    column = long.contrasts[label[2]]
    se = float(np.sqrt(covariance[column, column]))
    return normal_estimate(label, float(beta[column]), se, n, confidence)


def _effect(beta: np.ndarray, long: LongData, visit: str) -> float:
    return float(beta[long.contrasts[visit]]) if visit in long.contrasts else 0.0
