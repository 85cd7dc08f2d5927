"""One row of results: an estimate with its uncertainty, or the reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy import special

from analysis.estimators.pooling import Pooled

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
    ]
)


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
        Whether there is an estimate.
    failure
        Why not, or ''.
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

    @property
    def label(self) -> Label:
        """What is estimated."""
        return self.analysis, self.outcome, self.visit, self.contrast


def normal_estimate(
    names: Label, estimate: float, se: float, n: int, confidence: float
) -> Estimate:
    """Return an estimate with normal confidence limits and P value.

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
    """
    reach = float(special.ndtri(0.5 + confidence / 2.0)) * se
    p = 2.0 * float(special.ndtr(-abs(estimate) / se))
    return Estimate(
        *names, estimate, se, None, estimate - reach, estimate + reach, p, n, converged=True
    )


def pooled_estimate(label: Label, pooled: Pooled, n: int, confidence: float) -> Estimate:
    """Return an estimate pooled over imputations, with a t reference distribution."""
    lower, upper = pooled.interval(confidence)
    return Estimate(
        *label, pooled.estimate, pooled.se, _finite(pooled.df), lower, upper, pooled.p_value(), n,
        converged=True,
    )  # fmt: skip


def student_estimate(
    label: Label, estimate: float, se: float, df: float, n: int, confidence: float
) -> Estimate:
    """Return an estimate with a t reference distribution of some degrees of freedom."""
    reach = float(special.stdtrit(df, 0.5 + confidence / 2.0)) * se
    p = 2.0 * float(special.stdtr(df, -abs(estimate) / se))
    return Estimate(
        *label, estimate, se, _finite(df), estimate - reach, estimate + reach, p, n, converged=True
    )


def _finite(df: float) -> float | None:
    return df if np.isfinite(df) else None


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
