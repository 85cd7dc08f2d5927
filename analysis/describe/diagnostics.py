"""Checks of the primary model's assumptions, as the statistical analysis plan names them.

Normality and homogeneity of residuals, and normality of the random intercepts, of the adjusted
constrained longitudinal model of the primary outcome. A check is information, never a decision:
the plan is prespecified, and with hundreds of rows a trivial departure is significant.
"""

from dataclasses import dataclass

import numpy as np

from analysis.data.trial_data import TrialData
from analysis.estimators.clda import MixedFit, fit_random_intercept
from analysis.estimators.errors import FitError
from analysis.plan.design_matrix import LongData, covariate_matrix
from analysis.plan.longitudinal import outcome_layout
from scenarios.design.trial import AnalysisPlan


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """Checks of one fit.

    Attributes
    ----------
    residual_skewness, residual_excess_kurtosis, residual_normality_p
        Of the residuals about the participants' own predictions; the P value is of D'Agostino and
        Pearson's test.
    homogeneity_p
        P value of Brown and Forsythe's test that residuals have the same spread in all visits of
        both arms.
    largest_spread_ratio
        Largest to smallest SD of residuals over the visits of both arms; missing where one is 0.
    intercept_skewness, intercept_excess_kurtosis, intercept_normality_p
        Of the predicted random intercepts; missing where the between-person variance is 0.
    """

    residual_skewness: float
    residual_excess_kurtosis: float
    residual_normality_p: float
    homogeneity_p: float
    largest_spread_ratio: float
    intercept_skewness: float
    intercept_excess_kurtosis: float
    intercept_normality_p: float


def diagnose(data: TrialData, plan: AnalysisPlan) -> Diagnostics | None:
    """Check the primary model on a trial; None where it has no fit or too few rows to check."""
    from scipy import stats  # noqa: PLC0415 - slow to import; of no use to the workers of a study

    covariates = covariate_matrix(data, plan.covariates)
    long = outcome_layout(data, plan.primary_outcome, covariates, plan.covariate_effects)
    try:
        fit = fit_random_intercept(long.y, long.X, long.cluster)
    except FitError:
        return None  # the reason is in the row of the estimate
    residuals, intercepts = predictions(fit, long)
    groups = _by_visit_and_arm(data, long, residuals)
    if len(intercepts) < 20 or min(len(group) for group in groups) < 3:
        return None
    spreads = [float(group.std(ddof=1)) for group in groups]
    constant = fit.between_variance == 0.0
    return Diagnostics(
        residual_skewness=float(stats.skew(residuals)),
        residual_excess_kurtosis=float(stats.kurtosis(residuals)),
        residual_normality_p=float(stats.normaltest(residuals).pvalue),
        homogeneity_p=float(stats.levene(*groups, center="median").pvalue),
        largest_spread_ratio=max(spreads) / min(spreads) if min(spreads) > 0.0 else np.nan,
        intercept_skewness=np.nan if constant else float(stats.skew(intercepts)),
        intercept_excess_kurtosis=np.nan if constant else float(stats.kurtosis(intercepts)),
        intercept_normality_p=np.nan if constant else float(stats.normaltest(intercepts).pvalue),
    )


def predictions(fit: MixedFit, long: LongData) -> tuple[np.ndarray, np.ndarray]:
    """Return conditional residuals (N,) and best linear unbiased predictions of the intercepts.

    The prediction of a participant with m rows is the sum of the marginal residuals times
    tau^2 / (sigma^2 + m tau^2) (Robinson 1991, Statistical Science 6:15-32).
    """
    marginal = long.y - long.X @ fit.beta
    _, code, rows = np.unique(long.cluster, return_inverse=True, return_counts=True)
    shrink = fit.between_variance / (fit.residual_variance + rows * fit.between_variance)
    intercepts = shrink * np.bincount(code, weights=marginal)
    return marginal - intercepts[code], intercepts


def _by_visit_and_arm(data: TrialData, long: LongData, residuals: np.ndarray) -> list[np.ndarray]:
    """Group residuals: the baseline of both arms together, then each arm at each visit."""
    first = len(data.visits) - len(long.contrasts)
    # The first columns of X are one indicator a visit.
    visit = np.argmax(long.X[:, : first + len(long.contrasts)], axis=1)
    arm = data.arm[long.cluster]
    groups = [residuals[visit == column] for column in range(first)]
    for column in range(first, first + len(long.contrasts)):
        groups += [residuals[(visit == column) & (arm == code)] for code in (0, 1)]
    return groups
