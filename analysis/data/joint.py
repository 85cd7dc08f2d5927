"""The contrasts of one fit together: what a family of hypotheses needs to know of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.data.estimates import Estimate
from analysis.estimators.clustered import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """The contrasts of an analysis at a visit, with their joint covariance.

    Attributes
    ----------
    analysis, outcome, visit
        As in the table of estimates.
    labels
        The m contrasts, as in the table of estimates.
    estimates
        (m,) estimates; NaN where there is none.
    covariance
        (m, m) their covariance, whose diagonal holds the squared standard errors; NaN in the rows
        and columns of those that there are not. It may be singular.
    df
        (m,) degrees of freedom; infinite: normal.
    """

    analysis: str
    outcome: str
    visit: str
    labels: tuple[str, ...]
    estimates: Floats
    covariance: Floats
    df: Floats


def joint_of(rows: Sequence[Estimate], covariance: Floats) -> Joint | None:
    """Return the contrasts of an analysis at a visit together, None if there is none of them.

    Parameters
    ----------
    rows
        The m contrasts, all of one analysis, outcome and visit.
    covariance
        (m, m); that of contrasts without an estimate does not matter.
    """
    known = np.array([row.converged for row in rows])
    if not known.any():
        return None
    first = rows[0]
    return Joint(
        first.analysis,
        first.outcome,
        first.visit,
        tuple(row.contrast for row in rows),
        np.array([np.nan if row.estimate is None else row.estimate for row in rows]),
        np.where(known[:, None] & known, covariance, np.nan),
        np.array([np.inf if row.df is None else row.df for row in rows]),
    )
