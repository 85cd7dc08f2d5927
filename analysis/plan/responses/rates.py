"""Rate ratios of counts: by visit from a Poisson GEE, or by negative binomial regression."""

from dataclasses import replace
from functools import partial

import numpy as np

from analysis.data.estimates import Estimate
from analysis.estimators.clustered_design import ClusteredDesign
from analysis.estimators.errors import FitError
from analysis.estimators.gee import fit_gee
from analysis.estimators.negative_binomial import fit_negative_binomial
from analysis.plan.design_matrix import LongData, outcome_at_follow_ups
from analysis.plan.inference import Fit, Inference, attempted, marginal_inference
from analysis.plan.inputs import Inputs
from analysis.plan.responses.ratios import remark_separated
from analysis.plan.told.finite import without_separated
from analysis.plan.told.identified import Told, differences
from scenarios.analyses.register import LOG_RATE_RATIO


def rate_ratios(inputs: Inputs, outcome: str, long: LongData) -> list[Estimate]:
    """Return log rate ratios between the arms at each visit.

    From a Poisson GEE with log link and exchangeable correlation. Its robust errors hold however
    much counts vary; with the clinic of each participant they are robust to it, too.
    """

    def fit(y: np.ndarray, design: ClusteredDesign) -> Fit:
        found = fit_gee(y, design, family="poisson", link="log")
        return Fit(found.beta, found.covariance, found.correlation)

    told, rows, separated = without_separated(long, "log", fit)
    remark_separated(inputs, outcome, long, separated, told)
    inference = attempted(partial(_robust, inputs, told, rows))
    return differences(inputs, rows, outcome, LOG_RATE_RATIO, inference)


def _robust(inputs: Inputs, told: Told[Fit] | FitError, rows: LongData) -> Inference:
    if isinstance(told, FitError):
        raise told
    found = marginal_inference(
        told.fit, told.X, rows.y, rows.cluster, inputs.data.clinic, family="poisson", link="log"
    )
    return replace(found, identified=told.identified, unit=1.0)


def negative_binomial_at_visit(inputs: Inputs) -> list[Estimate]:
    """Return the log rate ratios at the primary visit from negative binomial regression."""
    plan, data = inputs.plan, inputs.data
    visit = plan.primary_visit
    long = outcome_at_follow_ups(data, plan.primary_outcome, inputs.covariates, (visit,))

    def fit(y: np.ndarray, design: ClusteredDesign) -> Fit:
        found = fit_negative_binomial(y, design.X)
        return Fit(found.beta, found.covariance, 0.0)

    told, rows, separated = without_separated(long, "log", fit)
    remark_separated(inputs, plan.primary_outcome, long, separated, told)

    def infer() -> Inference:
        if isinstance(told, FitError):
            raise told
        return Inference(
            told.fit.beta, told.fit.covariance, None, identified=told.identified, unit=1.0
        )

    return differences(inputs, rows, plan.primary_outcome, LOG_RATE_RATIO, attempted(infer))
