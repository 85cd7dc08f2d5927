"""The prespecified adjusted model within a subgroup of participants."""

import numpy as np

from analysis.contrasts.planned import planned_contrasts
from analysis.data.estimates import Estimate
from analysis.data.trial_data import TrialData
from analysis.plan.analyse import clustered_as_planned
from analysis.plan.design_matrix import covariate_matrix, covariate_names
from analysis.plan.engines import engine_of
from analysis.plan.inputs import Inputs
from analysis.plan.longitudinal import longitudinal
from scenarios.analyses.plan import AnalysisPlan
from scenarios.analyses.register import ADJUSTED


def subgroup_estimates(data: TrialData, plan: AnalysisPlan, members: np.ndarray) -> list[Estimate]:
    """Return the primary differences among some participants, by the adjusted model ('clda').

    It is that model whatever ``analysis.primary_analysis`` is. There is a row for each of the
    plan's contrasts.

    Parameters
    ----------
    data
        The trial.
    plan
        The scenario's ``[analysis]``. A covariate that is the same for all members makes no
        difference.
    members
        (n,) mask.
    """
    outcome = plan.primary_outcome
    covariates = covariate_matrix(data, plan.covariates)[members]
    inputs = Inputs(
        name=ADJUSTED,
        data=clustered_as_planned(data, plan).take(members),
        plan=plan,
        engine=engine_of(plan),
        contrasts=planned_contrasts(plan, data.arms),
        covariates=covariates,
        covariate_names=covariate_names(data, plan.covariates),
        rng=np.random.default_rng(0),  # nothing here is random
    )
    found = longitudinal(inputs, (outcome,), inputs.covariates)
    return [each for each in found[outcome].estimates if each.visit == plan.primary_visit]
