"""Constrained longitudinal data analysis of one outcome, as estimates and arm means."""

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class LongitudinalResult:
    """Contrasts between the arms and arm means of one outcome."""

    estimates: list[Estimate]
    means: list[ArmMean]


def longitudinal(
    data: TrialData,
    engine: Engine,
    name: str,
    outcomes: Sequence[str],
    covariates: np.ndarray,
    confidence: float,
) -> dict[str, LongitudinalResult]:
    """Fit the mixed model of each outcome; arm means are those at 0 of all covariates.

    Outcomes that were answered at the same visits by the same participants share their rows and
    columns, and are fitted together.
    """
    found: dict[str, LongitudinalResult] = {}
    for group in _answered_alike(data, outcomes):
        long = outcome_layout(data, group[0], covariates)
        visits = _visits(data, group[0])
        column = len(data.visits) - len(visits) + np.argmax(long.X[:, : len(visits)], axis=1)
        Y = np.stack([data.scores[outcome][long.cluster, column] for outcome in group], axis=1)
        n = len(np.unique(long.cluster))
        for outcome, fit in zip(group, engine.mixed(Y, long.X, long.cluster), strict=True):
            labels = contrast_labels(name, outcome, long)
            if isinstance(fit, FitError):
                failed = [failed_estimate(label, n, fit.reason) for label in labels]
                found[outcome] = LongitudinalResult(failed, [])
                continue
            beta, covariance = fit
            found[outcome] = LongitudinalResult(
                [
                    coefficient_estimate(lab, beta, covariance, long, n, confidence)
                    for lab in labels
                ],
                _arm_means(outcome, visits, beta, long),
            )
    return found


def _answered_alike(data: TrialData, outcomes: Sequence[str]) -> list[list[str]]:
    """Group outcomes whose missing values are the same."""
    groups: dict[tuple[bool, bytes], list[str]] = {}
    for outcome in outcomes:
        missing = np.isnan(data.scores[outcome]).tobytes()
        groups.setdefault((SCALES[outcome].has_baseline, missing), []).append(outcome)
    return list(groups.values())


def _visits(data: TrialData, outcome: str) -> tuple[str, ...]:
    return data.visits if SCALES[outcome].has_baseline else data.visits[1:]


def _arm_means(
    outcome: str, visits: tuple[str, ...], beta: np.ndarray, long: LongData
) -> list[ArmMean]:
    return [
        ArmMean(outcome, visit, arm, float(beta[column] + arm * _effect(beta, long, visit)))
        for column, visit in enumerate(visits)
        for arm in (0, 1)
    ]


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
