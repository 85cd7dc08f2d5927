"""How an analysis performs over many replicates, each measure with its Monte Carlo standard error.

Measures and formulas are those of Morris, White and Crowther (2019), Statistics in Medicine
38:2074-2102, table 6.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.decision.rule import AGAINST, IN_FAVOUR, NO_ANSWER
from analysis.estimators.clustered import Floats

GROUPS = ("analysis", "outcome", "visit", "contrast")
_NEEDED = ("estimate", "se", "lower", "upper", "converged", "decision")

# A measure's value, its Monte Carlo standard error and the number of replicates behind it.
Measured = tuple[float, float, int]


def performance(
    estimates: pd.DataFrame,
    truth: float | pd.Series | None = None,
    *,
    by: Sequence[str] = GROUPS,
) -> pd.DataFrame:
    """Summarise estimates over replicates.

    Parameters
    ----------
    estimates
        One row for each replicate and estimate, with columns ``estimate``, ``se``, ``lower``,
        ``upper``, ``decision``, ``converged`` and those of `by`. A row whose fit failed has
        ``converged`` false and nothing else.
    truth
        What is estimated, in units of the estimate: one value for all rows, or one for each row, on
        the index of `estimates`. Without it measures that need it are missing.
    by
        Columns whose values make a group.

    Returns
    -------
    pandas.DataFrame
        One row for each group and measure: the columns of `by`, ``measure``, ``value``, ``mcse``
        and ``n``, the replicates that count. Measures, in this order:

        ``bias``, ``empirical_se``, ``model_se`` (root mean squared standard error)
            In units of the estimate.
        ``relative_error_model_se``
            In per cent of the empirical standard error.
        ``mse``
            In squared units of the estimate.
        ``coverage``, ``bias_eliminated_coverage``
            Share of intervals around the truth, or around the mean estimate, 0 to 1.
        ``power``, ``power_converged``
            Share of replicates that reject in favour of the intervention by the plan's test: among
            all, a failure counted as no rejection, and among converged fits. Missing where the
            direction of a contrast is not known.
        ``against``
            Share of those that reject against it.
        ``rejected``
            Share on either side: the type I error of a 2-sided test where the truth is 0.
        ``convergence``
            Share of replicates with an estimate.

        A value that these replicates do not determine is missing. A replicate without a row in a
        group, as one that an interim look stopped before the visit, is none of the group's.

    Raises
    ------
    ValueError
        A missing column, a truth on another index, or a converged row without an estimate.
    """
    absent = [name for name in (*by, *_NEEDED) if name not in estimates.columns]
    if absent:
        raise ValueError(f"estimates lack the column {absent[0]!r}")
    if isinstance(truth, pd.Series) and not truth.index.equals(estimates.index):
        raise ValueError("truth and estimates have different indexes")
    target = np.nan if truth is None else truth
    table = estimates.assign(_truth=target)
    rows = []
    for key, group in table.groupby(list(by), sort=False, dropna=False, observed=True):
        names = dict(zip(by, key, strict=True))
        for measure, (value, mcse, n) in _measures(group).items():
            rows.append({**names, "measure": measure, "value": value, "mcse": mcse, "n": n})
    return pd.DataFrame(rows, columns=[*by, "measure", "value", "mcse", "n"])


def _measures(group: pd.DataFrame) -> dict[str, Measured]:
    """Return all measures of one group."""
    converged = group["converged"].to_numpy(dtype=bool)
    fitted = group.loc[converged]
    estimate, se, lower, upper, truth = (
        fitted[name].to_numpy(dtype=float, na_value=np.nan)
        for name in ("estimate", "se", "lower", "upper", "_truth")
    )
    if not np.all(np.isfinite(estimate) & np.isfinite(se)):
        raise ValueError("a converged row has no estimate or standard error")
    error = estimate - truth
    favour, against = (group["decision"].to_numpy() == side for side in (IN_FAVOUR, AGAINST))
    tested = not (fitted["decision"] == NO_ANSWER).any()
    known = bool(np.all(np.isfinite(truth)))
    centre = float(estimate.mean()) if len(estimate) else np.nan
    missing = np.nan, np.nan, len(estimate)
    return {
        "bias": _mean(error),
        "empirical_se": _empirical_se(estimate),
        "model_se": _model_se(se),
        "relative_error_model_se": _relative_error(estimate, se),
        "mse": _mean(error**2),
        "coverage": share((lower <= truth) & (truth <= upper)) if known else missing,
        "bias_eliminated_coverage": share((lower <= centre) & (centre <= upper)),
        "power": share(favour) if tested else missing,
        "power_converged": share(favour[converged]) if tested else missing,
        "against": share(against) if tested else missing,
        "rejected": share(favour | against) if tested else missing,
        "convergence": share(converged),
    }


def _mean(values: Floats) -> Measured:
    """Return a mean; of errors the bias, of squared errors the mean squared error."""
    n = len(values)
    value = float(values.mean()) if n else np.nan
    return value, float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan, n


def share(hits: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Measured:
    """Return a proportion with its Monte Carlo standard error."""
    n = len(hits)
    value = float(hits.mean()) if n else np.nan
    return value, float(np.sqrt(value * (1 - value) / n)) if n else np.nan, n


def _empirical_se(estimate: Floats) -> Measured:
    """Return the standard deviation of the estimates."""
    n = len(estimate)
    if n < 2:
        return np.nan, np.nan, n
    value = float(estimate.std(ddof=1))
    return value, value / float(np.sqrt(2 * (n - 1))), n


def _model_se(se: Floats) -> Measured:
    """Return the root of the mean squared standard error."""
    n = len(se)
    value = float(np.sqrt(np.mean(se**2))) if n else np.nan
    spread = float(np.var(se**2, ddof=1)) if n > 1 else np.nan
    return value, float(np.sqrt(spread / (4 * n * value**2))) if n > 1 else np.nan, n


def _relative_error(estimate: Floats, se: Floats) -> Measured:
    """Return by how much the model's standard error exceeds the empirical one, in per cent."""
    n = len(estimate)
    empirical, model = _empirical_se(estimate)[0], _model_se(se)[0]
    if n < 2 or empirical == 0:
        return np.nan, np.nan, n
    ratio = model / empirical
    noise = float(np.var(se**2, ddof=1)) / (4 * n * model**4) + 1 / (2 * (n - 1))
    return 100 * (ratio - 1), 100 * ratio * float(np.sqrt(noise)), n
