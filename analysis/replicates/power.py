"""Power of analyses over replicates, its Monte Carlo interval, and a curve through a grid."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.families.links import Probit
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.stats.proportion import proportion_confint
from statsmodels.tools.sm_exceptions import (
    DomainWarning,
    PerfectSeparationError,
    PerfectSeparationWarning,
)

from analysis.decision.rule import AGAINST, IN_FAVOUR

_ROOT = "square root"
"""Scale of a curve in the root of the sample size, as it is written."""


@dataclass(frozen=True, slots=True)
class Power:
    """How often an analysis rejected.

    Attributes
    ----------
    replicates, converged
        How many trials there were, and yielded an estimate.
    rejected, against
        Trials that rejected in favour of the intervention, as the plan's test asks, and against it.
    power, lower, upper
        Share in favour among all, a failure counted as no rejection, with Wilson's 95% interval.
    power_converged, lower_converged, upper_converged
        Share among those that yielded an estimate; NaN if none did.
    power_against, lower_against, upper_against
        Share against the intervention among all.
    failures
        Trials without an estimate by reason, the most frequent reason first.
    """

    replicates: int
    converged: int
    rejected: int
    against: int
    power: float
    lower: float
    upper: float
    power_converged: float
    lower_converged: float
    upper_converged: float
    power_against: float
    lower_against: float
    upper_against: float
    failures: dict[str, int] = field(default_factory=dict)


def power_of(trials: pd.DataFrame, replicates: int, *, either: bool = False) -> Power:
    """Return the power of an analysis, or its type I error.

    Parameters
    ----------
    trials
        A row a trial that yielded one: ``converged``, ``failure`` and ``decision``. Replicates
        without a row failed too.
    replicates
        How many there were in all.
    either
        Whether to count all rejections, on whichever side, as the type I error of a 2-sided test
        does; else those in favour of the intervention.
    """
    fitted = trials["converged"].astype(bool)
    favour, against = (int((trials["decision"] == side).sum()) for side in (IN_FAVOUR, AGAINST))
    rejected = favour + against if either else favour
    converged = int(fitted.sum())
    return Power(
        replicates,
        converged,
        rejected,
        against,
        *_share(rejected, replicates),
        *_share(rejected, converged),
        *_share(against, replicates),
        _failures(trials.loc[~fitted, "failure"], replicates - len(trials)),
    )


def _failures(reasons: pd.Series, without_row: int) -> dict[str, int]:
    counts = {str(reason): int(count) for reason, count in reasons.value_counts().items()}
    if without_row:
        counts["the trial or its analysis gave no row"] = without_row
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def _share(count: int, total: int) -> tuple[float, float, float]:
    if total == 0:
        return np.nan, np.nan, np.nan
    lower, upper = proportion_confint(count, total, alpha=0.05, method="wilson")
    return count / total, float(lower), float(upper)


@dataclass(frozen=True, slots=True)
class PowerCurve:
    """Power as a probit curve: its normal score is a line in a key, or in the root of a size.

    For a Z test of a difference the normal score of power is ``effect / se - z``, and ``se`` falls
    with the root of the sample size (Chow, Shao and Wang, Sample Size Calculations in Clinical
    Research, ch. 3).

    Attributes
    ----------
    root
        Whether the line is in the square root.
    coefficients, covariance
        Intercept and slope, and their (2, 2) covariance.
    """

    root: bool
    coefficients: np.ndarray
    covariance: np.ndarray

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the curve that :meth:`to_dict` wrote."""
        return cls(
            content["scale"] == _ROOT,
            np.array(content["coefficients"], dtype=float),
            np.array(content["covariance"], dtype=float),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return {
            "scale": _ROOT if self.root else "as it is",
            "coefficients": self.coefficients.tolist(),
            "covariance": self.covariance.tolist(),
        }

    def line(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the normal score of power at some values and its standard error."""
        design = _design(np.asarray(x, dtype=float), root=self.root)
        score = design @ self.coefficients
        return score, np.sqrt(np.einsum("ij,jk,ik->i", design, self.covariance, design))

    def band(self, x: np.ndarray) -> np.ndarray:
        """Return power and its pointwise 95% confidence limits, (3, n)."""
        score, error = self.line(x)
        reach = stats.norm.ppf(0.975) * error
        return np.asarray(stats.norm.cdf([score, score - reach, score + reach]))

    def solve(self, power: float) -> tuple[float, float]:
        """Return where the line reaches a power, and the standard error there of its score.

        In the scale of the line: of a size, the square root.
        """
        intercept, slope = self.coefficients
        at = float((stats.norm.ppf(power) - intercept) / slope)
        gradient = np.array([1.0, at])
        return at, float(np.sqrt(gradient @ self.covariance @ gradient))


def fit_power_curve(
    x: np.ndarray, rejected: np.ndarray, replicate: np.ndarray, *, root: bool
) -> PowerCurve | None:
    """Fit a probit curve through the replicates of a grid.

    Parameters
    ----------
    x, rejected, replicate
        (n,) of every trial: the key's value, whether it rejected, and its replicate. Trials
        of one replicate share random numbers, and are a cluster of the sandwich covariance (Liang
        and Zeger, Biometrika 1986;73:13).
    root
        Take the square root of `x`, in which the normal score of a Z test of independent
        participants is a line in their number. It is none where a number of clinics is fixed:
        power then levels off.

    Returns
    -------
    None where the trials do not determine a curve: one value of `x`, or all reject, or none, or
    those that reject all lie on one side of those that do not, a common boundary included (the
    slope is then infinite: Albert and Anderson, Biometrika 1984;71:1).
    """
    if len(np.unique(x)) < 2 or rejected.all() or not rejected.any():
        return None
    yes, no = x[rejected.astype(bool)], x[~rejected.astype(bool)]
    if yes.min() >= no.max() or no.min() >= yes.max():
        return None
    # Cells of a grid share their replicates (common random numbers), so trials are not independent.
    clustered = len(np.unique(replicate)) < len(replicate)
    model = GLM(rejected.astype(float), _design(x, root=root), family=Binomial(Probit()))
    with warnings.catch_warnings():
        warnings.simplefilter("error", PerfectSeparationWarning)
        warnings.simplefilter("ignore", DomainWarning)
        try:
            fit = (
                model.fit(cov_type="cluster", cov_kwds={"groups": replicate})
                if clustered
                else model.fit()
            )
        except (PerfectSeparationWarning, PerfectSeparationError, np.linalg.LinAlgError):
            return None
    if not (fit.converged and np.isfinite(fit.cov_params()).all() and fit.params[1] != 0.0):
        return None
    return PowerCurve(root, np.asarray(fit.params), np.asarray(fit.cov_params()))


def _design(x: np.ndarray, *, root: bool) -> np.ndarray:
    return np.column_stack([np.ones(len(x)), np.sqrt(x) if root else x])
