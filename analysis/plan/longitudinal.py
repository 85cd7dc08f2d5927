"""Constrained longitudinal data analysis of one outcome, as estimates and arm means."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from analysis.data.estimates import Estimate
from analysis.data.trial_data import TrialData
from analysis.estimators.clustered_design import ClusteredDesign
from analysis.estimators.errors import AliasedError, FitError
from analysis.plan.design_matrix import CovariateEffects, LongData, long_data
from analysis.plan.engines import Engine
from analysis.plan.inference import Fit, Inference, attempted, linear_inference
from analysis.plan.inputs import Inputs
from analysis.plan.told.identified import Told, differences, fit_told
from scenarios.analyses import register as analyses

DIFFERENCE = analyses.DIFFERENCE


@dataclass(frozen=True, slots=True)
class ArmMean:
    """A model-based mean of an arm at a visit, from the crude model as in the paper's Table 2."""

    outcome: str
    visit: str
    arm: int
    mean: float


def outcome_layout(
    data: TrialData, outcome: str, covariates: np.ndarray, effects: CovariateEffects = "common"
) -> LongData:
    """Lay out an outcome: baseline and follow-ups, or follow-ups only where it has no baseline."""
    baseline = data.outcomes[outcome].has_baseline
    first = 0 if baseline else 1
    return long_data(
        data,
        data.scores[outcome][:, first:],
        data.visits[first:],
        covariates,
        constrained_baseline=baseline,
        effects=effects,
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
        long = outcome_layout(data, group[0], covariates, inputs.plan.covariate_effects)
        # Scores have a baseline column even where the outcome has no baseline.
        column = len(data.visits) - len(long.visits) + long.visit_codes
        Y = np.stack([data.scores[outcome][long.cluster, column] for outcome in group], axis=1)
        fits = _fits(inputs.engine, Y, long)
        for outcome, y, fit in zip(group, Y.T, fits, strict=True):
            inference = attempted(partial(_inference, fit, y, long.cluster, data.clinic))
            found[outcome] = LongitudinalResult(
                differences(inputs, long, outcome, DIFFERENCE, inference),
                _arm_means(outcome, fit, long),
            )
    return found


def _fits(engine: Engine, Y: np.ndarray, long: LongData) -> list[Told[Fit] | FitError]:
    """Fit the outcomes (N, K) on the same rows."""

    def mixed(design: ClusteredDesign) -> list[Fit | FitError]:
        fits = engine.mixed(Y, design.X, design.cluster)
        # Columns are aliased for all outcomes or for none.
        if isinstance(fits[0], AliasedError):
            raise fits[0]
        return fits

    try:
        told = fit_told(long, mixed)
    except FitError as error:
        return [error] * Y.shape[1]
    return [
        fit if isinstance(fit, FitError) else Told(fit, told.X, told.identified) for fit in told.fit
    ]


def _inference(
    told: Told[Fit] | FitError, y: np.ndarray, participant: np.ndarray, clinic: np.ndarray | None
) -> Inference:
    if isinstance(told, FitError):
        raise told
    inference = linear_inference(told.fit, y, told.X, participant, clinic)
    return replace(inference, identified=told.identified, unit=typical_size(y))


def typical_size(values: np.ndarray) -> float:
    """Return the root mean square of values."""
    return float(np.sqrt(np.mean(values**2)))


def _answered_alike(data: TrialData, outcomes: Sequence[str]) -> list[list[str]]:
    """Group outcomes whose missing values are the same."""
    groups: dict[tuple[bool, bytes], list[str]] = {}
    for outcome in outcomes:
        # The bytes of the mask as a key: equal masks mean equal rows and columns of the design.
        missing = np.isnan(data.scores[outcome]).tobytes()
        groups.setdefault((data.outcomes[outcome].has_baseline, missing), []).append(outcome)
    return list(groups.values())


def _arm_means(outcome: str, told: Told[Fit] | FitError, long: LongData) -> list[ArmMean]:
    """Return the means of the arms that the rows tell."""
    if isinstance(told, FitError):
        return []
    found = told.identified
    beta = told.fit.beta if found is None else found.spread(told.fit.beta)
    means = []
    for column, visit in enumerate(long.visits):
        compared = visit in long.contrasts
        for arm in range(len(long.arms)):
            if found is None or found.tells(long.arm_weights(visit, arm)):
                effect = beta[long.contrasts[visit][arm - 1]] if compared and arm else 0.0
                means.append(ArmMean(outcome, visit, arm, float(beta[column] + effect)))
    return means
