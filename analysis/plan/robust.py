"""Mixed models of the primary outcome with standard errors that are robust to participants.

The estimates are those of the analysis that each is named for. Its standard errors hold whatever
the covariance between the visits of a participant is, where the model's own assume that it is right
(:mod:`analysis.estimators.cluster_robust`). ``analysis.cluster = "participant"`` makes all analyses
of a plan robust in this way.
"""

from dataclasses import replace

from analysis.data.estimates import Estimate
from analysis.plan import alternatives
from analysis.plan.inputs import Inputs
from analysis.plan.longitudinal import longitudinal


def clda(inputs: Inputs) -> list[Estimate]:
    """Fit the adjusted model of the plan."""
    outcome = inputs.plan.primary_outcome
    return longitudinal(_robust(inputs), (outcome,), inputs.covariates)[outcome].estimates


def mmrm(inputs: Inputs) -> list[Estimate]:
    """Fit the follow-ups with baseline as a covariate, unstructured."""
    return alternatives.mmrm(_robust(inputs))


def mmrm_constrained(inputs: Inputs) -> list[Estimate]:
    """Fit baseline and follow-ups, unstructured, where all arms share the mean at baseline."""
    return alternatives.mmrm_constrained(_robust(inputs))


def _robust(inputs: Inputs) -> Inputs:
    return replace(inputs, data=replace(inputs.data, clinic=inputs.data.own_clusters()))
