"""What the rows of a model tell, and in the user's words why they do not tell the rest.

A level, a visit, or an arm at a visit that nobody in a model has is a column of zeros, or one that
repeats others. The fit then stands on columns that span the same space, and a contrast has an
estimate where it is the same for all solutions; where it is not, its row says why.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from analysis.data.estimates import Estimate, Label
from analysis.estimators.clustered import Identified, identify
from analysis.estimators.clustered_design import ClusteredDesign
from analysis.estimators.errors import AliasedError, UnidentifiedError
from analysis.plan.design_matrix import LongData
from analysis.plan.inference import Inference, contrast_estimates
from analysis.plan.inputs import Inputs

_NAMED = 3
"""With more covariates any one of which would do, there are too few rows rather than a cause."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """A fit on the columns that rows tell.

    Attributes
    ----------
    fit
        The fit, with the coefficients of these columns.
    X
        The columns (N, k).
    identified
        What is told of all columns; None: everything, and X is the design as it was.
    """

    fit: T
    X: np.ndarray
    identified: Identified | None


def fit_told(long: LongData, fit: Callable[[ClusteredDesign], T]) -> Told[T]:
    """Fit a model; where columns are aliased, on those that tell all the others.

    Raises
    ------
    UnidentifiedError
        If there are no rows.
    FitError
        As the fit does.
    """
    if not len(long.y):
        raise UnidentifiedError
    try:
        return Told(fit(long.design), long.X, None)
    except AliasedError:
        identified = identify(long.X)
        design = ClusteredDesign(long.X[:, identified.kept], long.cluster)
        return Told(fit(design), design.X, identified)


def differences(
    inputs: Inputs, long: LongData, labels: Sequence[Label], infer: Callable[[], Inference]
) -> list[Estimate]:
    """Return the difference between the arms at the visit of each label, or why there is none."""
    return contrast_estimates(
        labels,
        [one_of(long.X.shape[1], long.contrasts[visit]) for _, _, visit, _ in labels],
        long.participants,
        inputs.plan.confidence,
        infer,
        lambda label: why_untold(long, label[2], inputs.covariate_names),
    )


def one_of(columns: int, column: int) -> np.ndarray:
    """Return the weights (columns,) of one coefficient."""
    weights = np.zeros(columns)
    weights[column] = 1.0
    return weights


def answered(long: LongData, visit: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the masks (N,) of the rows of each arm at a follow-up, the reference first."""
    at = long.X[:, long.visit_column(visit)] == 1.0
    treated = long.X[:, long.contrasts[visit]] == 1.0
    return at & ~treated, at & treated


def why_untold(long: LongData, visit: str, covariates: Sequence[str] = ()) -> str:
    """Return why the rows do not tell the difference between the arms at a visit.

    Parameters
    ----------
    long
        The rows.
    visit
        A follow-up.
    covariates
        Names of the covariates behind the columns of visits and arms.
    """
    if visit in long.aside:
        return long.aside[visit]
    who = " with all covariates known" if long.incomplete else ""
    empty = [
        arm for arm, rows in zip(long.arms, answered(long, visit), strict=True) if not rows.any()
    ]
    if empty:
        return f"{visit}: nobody{who} {empty[0]} answered" if len(empty) == 1 else (
            f"{visit}: nobody{who} answered"
        )  # fmt: skip
    first = max(long.contrasts.values()) + 1
    columns = long.covariate_columns(covariates)
    names = entangled(long.X, long.contrasts[visit], first, columns)
    return f"{visit}: the arms cannot be told from {names}"


def entangled(X: np.ndarray, effect: int, first: int, names: Sequence[str]) -> str:
    """Name the covariates without any one of which a coefficient would be told.

    Parameters
    ----------
    X
        (N, p) design.
    effect
        Column of the coefficient.
    first
        First column of the covariates.
    names
        Their names.
    """
    found = []
    for column, name in enumerate(names[: X.shape[1] - first], start=first):
        others = np.delete(X, column, axis=1)
        if identify(others).tells(one_of(X.shape[1] - 1, effect)):
            found.append(name)
    return " and ".join(found) if 0 < len(found) <= _NAMED else "the covariates"
