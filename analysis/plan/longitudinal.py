"""Constrained longitudinal data analysis of one outcome, as estimates and arm means."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from agents.instruments import SCALES
from analysis.data.estimates import Estimate, Label
from analysis.data.trial_data import TrialData
from analysis.estimators.errors import FitError
from analysis.plan.design_matrix import LongData, long_data
from analysis.plan.inference import Fit, Inference, contrast_estimates, linear_inference
from analysis.plan.inputs import Inputs

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


def adjusted(inputs: Inputs) -> dict[str, LongitudinalResult]:
    """Fit every continuous outcome of the plan, adjusted for its covariates."""
    return longitudinal(inputs, inputs.plan.continuous, inputs.covariates)


def unadjusted(inputs: Inputs) -> dict[str, LongitudinalResult]:
    """Fit every continuous outcome of the plan without covariates."""
    return longitudinal(inputs, inputs.plan.continuous, inputs.covariates[:, :0])


def longitudinal(
    inputs: Inputs, outcomes: Sequence[str], covariates: np.ndarray
) -> dict[str, LongitudinalResult]:
    """Fit the mixed model of some outcomes; arm means are those at 0 of all covariates.

    Outcomes that were answered at the same visits by the same participants share their rows and
    columns, and are fitted together. Where the data have the clinics of participants,
    standard errors are robust to it.
    """
    data = inputs.data
    found: dict[str, LongitudinalResult] = {}
    for group in _answered_alike(data, outcomes):
        long = outcome_layout(data, group[0], covariates)
        visits = _visits(data, group[0])
        # The first columns of X are one indicator a visit, so the position of the 1 in a row is its
        # visit; scores have a baseline column even where the outcome has no baseline.
        column = len(data.visits) - len(visits) + np.argmax(long.X[:, : len(visits)], axis=1)
        Y = np.stack([data.scores[outcome][long.cluster, column] for outcome in group], axis=1)
        n = len(np.unique(long.cluster))
        fits = inputs.engine.mixed(Y, long.X, long.cluster)
        for outcome, y, fit in zip(group, Y.T, fits, strict=True):
            labels = contrast_labels(inputs.name, outcome, long)
            infer = partial(_inference, fit, y, long, data.clinic)
            means = [] if isinstance(fit, FitError) else _arm_means(outcome, visits, fit.beta, long)
            found[outcome] = LongitudinalResult(
                contrast_estimates(labels, long.contrasts, n, inputs.plan.confidence, infer), means
            )
    return found


def _inference(
    fit: Fit | FitError, y: np.ndarray, long: LongData, clinic: np.ndarray | None
) -> Inference:
    if isinstance(fit, FitError):
        raise fit
    return linear_inference(fit, y, long.X, long.cluster, clinic)


def _answered_alike(data: TrialData, outcomes: Sequence[str]) -> list[list[str]]:
    """Group outcomes whose missing values are the same."""
    groups: dict[tuple[bool, bytes], list[str]] = {}
    for outcome in outcomes:
        # The bytes of the mask as a key: equal masks mean equal rows and columns of the design.
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


def _effect(beta: np.ndarray, long: LongData, visit: str) -> float:
    return float(beta[long.contrasts[visit]]) if visit in long.contrasts else 0.0
