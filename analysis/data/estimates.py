"""One row of results: an estimate with its uncertainty, or the reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy import special

from analysis.estimators.imputed.pooling import Pooled

Label = tuple[str, str, str, str]
"""Analysis, outcome, visit and contrast."""

SCHEMA = pa.schema(
    [
        ("replicate", pa.int32()),
        ("analysis", pa.string()),
        ("outcome", pa.string()),
        ("visit", pa.string()),
        ("contrast", pa.string()),
        ("estimate", pa.float64()),
        ("se", pa.float64()),
        ("df", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("p", pa.float64()),
        ("n", pa.int32()),
        ("converged", pa.bool_()),
        ("failure", pa.string()),
        ("p_decision", pa.float64()),
        ("decision", pa.string()),
    ]
)

ROUNDING = 1e-8
"""A standard error this small, next to the values it comes from, is what rounding left of 0."""
_LAST_QUANTILE = 1e100
"""Beyond it, which takes less than a hundredth of a degree of freedom, quantiles of t overflow."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A contrast between the arms.

    Attributes
    ----------
    analysis, outcome, visit, contrast
        Which model, on what, when, and what is compared on which scale.
    estimate, se, df, lower, upper, p
        The estimate with its standard error, degrees of freedom (null: normal), confidence limits
        and 2-sided P value; null where the model failed.
    n
        Participants in the model.
    converged
        Whether there is an estimate: then all of these are finite (null degrees of freedom apart),
        and the standard error is above what rounding leaves of 0.
    failure
        Why not, or ''.
    p_decision
        P value of the plan's test of this contrast, 1-sided or of equivalence where the plan says
        so; null where there is none.
    decision
        What this test says at its level: 'in favour' of the intervention, 'against' it, 'neither',
        or '' where there is no test; see :mod:`analysis.decision.rule`.
    """

    analysis: str
    outcome: str
    visit: str
    contrast: str
    estimate: float | None
    se: float | None
    df: float | None
    lower: float | None
    upper: float | None
    p: float | None
    n: int
    converged: bool
    failure: str = ""
    p_decision: float | None = None
    decision: str = ""

    @property
    def label(self) -> Label:
        """What is estimated."""
        return self.analysis, self.outcome, self.visit, self.contrast


def normal_estimate(
    names: Label, estimate: float, se: float, n: int, confidence: float, unit: float = 0.0
) -> Estimate:
    """Return an estimate with normal confidence limits and P value, if it can stand in a table.

    Parameters
    ----------
    names
        Analysis, outcome, visit and contrast.
    estimate, se
        The estimate and its standard error.
    n
        Participants in the model.
    confidence
        Level of the interval, 0 to 1.
    unit
        Typical size of the values of the model, next to which a standard error may be rounding.
    """
    return student_estimate(names, estimate, se, np.inf, n, confidence, unit)


def pooled_estimate(label: Label, pooled: Pooled, n: int, confidence: float) -> Estimate:
    """Return an estimate pooled over imputations, with a t reference distribution."""
    return student_estimate(label, pooled.estimate, pooled.se, pooled.df, n, confidence)


def student_estimate(
    label: Label, estimate: float, se: float, df: float, n: int, confidence: float,
    unit: float = 0.0,
) -> Estimate:  # fmt: skip
    """Return an estimate with a t reference distribution of some degrees of freedom.

    Infinite ones give the normal distribution; the other parameters are those of
    :func:`normal_estimate`. What cannot stand in a table is a row with the reason.
    """
    size = max(abs(estimate), unit)
    if not (np.isfinite(estimate) and np.isfinite(se)):
        return failed_estimate(label, n, "the estimate or its standard error is not finite")
    if se <= ROUNDING * size:
        return failed_estimate(label, n, "no variation: the standard error is 0 but for rounding")
    if not df > 0.0:
        return failed_estimate(label, n, "no degrees of freedom")
    normal = not np.isfinite(df)
    quantile = special.ndtri(0.5 + confidence / 2.0) if normal else (
        special.stdtrit(df, 0.5 + confidence / 2.0)
    )  # fmt: skip
    tail = special.ndtr(-abs(estimate) / se) if normal else special.stdtr(df, -abs(estimate) / se)
    reach = float(quantile) * se
    if quantile > _LAST_QUANTILE:
        return failed_estimate(label, n, "too few degrees of freedom for confidence limits")
    return Estimate(
        *label, estimate, se, None if normal else df, estimate - reach, estimate + reach,
        2.0 * float(tail), n, converged=True,
    )  # fmt: skip


def failed_estimate(names: Label, n: int, reason: str) -> Estimate:
    """Return the row of a model that has no answer."""
    return Estimate(*names, None, None, None, None, None, None, n, converged=False, failure=reason)


def estimates_table(estimates: list[Estimate], replicate: int) -> pa.Table:
    """Return the estimates of one replicate as an Arrow table."""
    return replicates_table({replicate: estimates})


def replicates_table(found: Mapping[int, list[Estimate]]) -> pa.Table:
    """Return the estimates of several replicates, by their numbers, as an Arrow table."""
    numbers = np.repeat(np.array([*found], dtype=np.int32), [len(rows) for rows in found.values()])
    rows = [row for of_one in found.values() for row in of_one]
    columns = [[getattr(row, name) for row in rows] for name in SCHEMA.names[1:]]
    return pa.table([pa.array(numbers), *columns], schema=SCHEMA)
