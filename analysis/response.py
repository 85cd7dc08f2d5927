"""Response: odds ratios from a logistic GEE, risk differences from a Poisson GEE."""

import numpy as np

from analysis.data import TrialData
from analysis.design_matrix import LongData, long_data
from analysis.engines import Engine
from analysis.errors import FitError
from analysis.estimates import Estimate, Label, failed_estimate, normal_estimate
from analysis.gee import fit_gee
from analysis.longitudinal import coefficient_estimate
from analysis.responders import Response

LOGISTIC, POISSON = "gee logistic", "gee poisson"
LOG_ODDS_RATIO, RISK_DIFFERENCE = "log odds ratio", "risk difference"
WITHIN = "log odds ratio, {arm} to control at the first visit"


def response_layout(data: TrialData, response: Response, covariates: np.ndarray) -> LongData:
    """Lay out who responded, a row an answered follow-up."""
    return long_data(
        data, response.met(data), data.visits[1:], covariates, constrained_baseline=False
    )


def odds_ratios(
    long: LongData, engine: Engine, name: str, confidence: float
) -> list[Estimate]:  # fmt: skip
    """Return the log odds ratios of Table 3.

    Between the arms at each visit; and of each arm at each visit against control at the first,
    the paper's common reference.
    """
    n = len(np.unique(long.cluster))
    between: list[Label] = [(LOGISTIC, name, visit, LOG_ODDS_RATIO) for visit in long.contrasts]
    try:
        beta, covariance = engine.logistic(long.y, long.X, long.cluster)
    except FitError as error:
        return [failed_estimate(label, n, error.reason) for label in between]
    estimates = [
        coefficient_estimate(label, beta, covariance, long, n, confidence) for label in between
    ]
    for column, visit in enumerate(long.contrasts):
        for arm, arm_name in enumerate(("control", "intervention")):
            weights = np.zeros(len(beta))
            weights[column] += 1.0
            weights[0] -= 1.0
            weights[long.contrasts[visit]] += arm
            if not weights.any():
                continue
            label = (LOGISTIC, name, visit, WITHIN.format(arm=arm_name))
            se = float(np.sqrt(weights @ covariance @ weights))
            estimates.append(normal_estimate(label, float(weights @ beta), se, n, confidence))
    return estimates


def risk_differences(long: LongData, name: str, confidence: float) -> list[Estimate]:
    """Return risk differences by visit, from a Poisson GEE with identity link.

    That model has often no solution with positive means. Then the difference comes from the log
    link by standardization over the participants seen at the visit, with a delta-method error
    that takes their covariates as given, and the analysis is named for it.
    """
    n = len(np.unique(long.cluster))
    try:
        fit = fit_gee(long.y, long.X, long.cluster, family="poisson", link="identity")
    except FitError:
        return _standardized(long, name, n, confidence)
    labels: list[Label] = [(POISSON, name, visit, RISK_DIFFERENCE) for visit in long.contrasts]
    return [
        coefficient_estimate(label, fit.beta, fit.covariance, long, n, confidence)
        for label in labels
    ]


def _standardized(long: LongData, name: str, n: int, confidence: float) -> list[Estimate]:
    labels: list[Label] = [
        (f"{POISSON}, standardized", name, visit, RISK_DIFFERENCE) for visit in long.contrasts
    ]
    try:
        fit = fit_gee(long.y, long.X, long.cluster, family="poisson", link="log")
    except FitError as error:
        return [failed_estimate(label, n, error.reason) for label in labels]
    estimates = []
    effects = list(long.contrasts.values())
    for visit_column, label in enumerate(labels):
        X = long.X[long.X[:, visit_column] == 1.0].copy()
        X[:, effects] = 0.0
        without = np.exp(X @ fit.beta)
        slope = -(without @ X) / len(X)
        X[:, effects[visit_column]] = 1.0
        treated = np.exp(X @ fit.beta)
        slope += (treated @ X) / len(X)
        se = float(np.sqrt(slope @ fit.covariance @ slope))
        difference = float(treated.mean() - without.mean())
        estimates.append(normal_estimate(label, difference, se, n, confidence))
    return estimates
