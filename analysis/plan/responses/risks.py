"""Risk differences of a binary primary outcome, standardized from a logistic model."""

from dataclasses import replace

import numpy as np

from analysis.data.estimates import Estimate
from analysis.estimators.clustered_design import ClusteredDesign
from analysis.estimators.errors import FitError
from analysis.plan.design_matrix import outcome_at_follow_ups
from analysis.plan.inference import Fit, Inference, attempted, marginal_inference
from analysis.plan.inputs import Inputs
from analysis.plan.longitudinal import DIFFERENCE
from analysis.plan.responses.ratios import remark_separated, standardized_differences
from analysis.plan.told.finite import without_separated


def risk_differences(inputs: Inputs) -> list[Estimate]:
    """Return the differences of risks between the arms at each visit.

    A logistic GEE of all visits, adjusted for the covariates, predicts for everybody seen at the
    visit the risk in each arm; an estimate is a contrast of the means, with a delta-method error
    that takes the covariates of those seen as given. Without covariates and with nothing missing it
    is that of the shares, and its error the unpooled one.
    """
    outcome = inputs.plan.primary_outcome
    long = outcome_at_follow_ups(inputs.data, outcome, inputs.covariates)

    def fit(y: np.ndarray, design: ClusteredDesign) -> Fit:
        return inputs.engine.logistic(y, design)

    told, rows, separated = without_separated(long, "logit", fit)
    remark_separated(inputs, outcome, long, separated, told)

    def infer() -> Inference:
        if isinstance(told, FitError):
            raise told
        found = marginal_inference(
            told.fit, told.X, rows.y, rows.cluster, inputs.data.clinic,
            family="binomial", link="logit",
        )  # fmt: skip
        return replace(found, identified=told.identified, unit=1.0)

    return standardized_differences(
        inputs, attempted(infer), rows, outcome, DIFFERENCE, family="binomial", link="logit"
    )
