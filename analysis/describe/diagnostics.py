"""Checks of the primary model's assumptions, as the statistical analysis plan names them.

Normality and homogeneity of residuals, and normality of the random intercepts, of the adjusted
constrained longitudinal model of the primary outcome. A check is information, never a decision:
the plan is prespecified, and with hundreds of rows a trivial departure is significant.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.data.trial_data import TrialData
from analysis.estimators.clda import MixedFit, fit_random_intercept
from analysis.estimators.clustered_design import ClusteredDesign
from analysis.estimators.errors import FitError
from analysis.plan.design_matrix import LongData, covariate_matrix
from analysis.plan.longitudinal import outcome_layout
from analysis.plan.told.identified import fit_told
from scenarios.analyses.plan import AnalysisPlan

_FEWEST = 20
"""Participants: the tests of normality are approximations for this many and more."""


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
        all arms.
    largest_spread_ratio
        Largest to smallest SD of residuals over the visits of all arms; missing where one is 0.
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
    """Check the primary model on a trial, on the columns that its rows tell.

    None where it has no fit, or fewer than 20 participants. Visits of an arm with fewer than three
    answers are left out of the comparison of spreads.
    """
    from scipy import stats  # noqa: PLC0415 - slow to import; of no use to the workers of a study

    covariates = covariate_matrix(data, plan.covariates)
    long = outcome_layout(data, plan.primary_outcome, covariates, plan.covariate_effects)
    try:
        told = fit_told(long, lambda design: fit_random_intercept(long.y, design.X, design.cluster))
    except FitError:
        return None  # the reason is in the row of the estimate
    fit = told.fit
    residuals, intercepts = predictions(
        fit, replace(long, design=ClusteredDesign(told.X, long.cluster))
    )
    if len(intercepts) < _FEWEST:
        return None
    baseline = data.outcomes[plan.primary_outcome].has_baseline
    by_group = _by_visit_and_arm(data, long, residuals, baseline=baseline)
    groups = [group for group in by_group if len(group) >= 3]
    spreads = [float(group.std(ddof=1)) for group in groups]
    constant = fit.between_variance == 0.0
    return Diagnostics(
        residual_skewness=float(stats.skew(residuals)),
        residual_excess_kurtosis=float(stats.kurtosis(residuals)),
        residual_normality_p=float(stats.normaltest(residuals).pvalue),
        homogeneity_p=_homogeneity(groups) if max(spreads, default=0.0) > 0.0 else np.nan,
        largest_spread_ratio=max(spreads) / min(spreads)
        if min(spreads, default=0.0) > 0.0
        else np.nan,
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


def _by_visit_and_arm(
    data: TrialData, long: LongData, residuals: np.ndarray, *, baseline: bool
) -> list[np.ndarray]:
    """Group residuals: the baseline of all arms together, then each arm at each visit."""
    first = int(baseline)
    visits = first + len(data.visits) - 1
    # The first columns of X are one indicator a visit.
    visit = np.argmax(long.X[:, :visits], axis=1)
    groups = [residuals[visit == column] for column in range(first)]
    arms = [members[long.cluster] for members in data.members_by_arm().values()]
    for column in range(first, visits):
        groups += [residuals[(visit == column) & arm] for arm in arms]
    return groups


def _homogeneity(groups: list[np.ndarray]) -> float:
    from scipy import stats  # noqa: PLC0415 - slow to import

    return float(stats.levene(*groups, center="median").pvalue) if len(groups) > 1 else np.nan
