"""What the rows of a model tell, and in the user's words why they do not tell the rest.

A level, a visit, or an arm at a visit that nobody in a model has is a column of zeros, or one that
repeats others. The fit then stands on columns that span the same space, and a contrast has an
estimate where it is the same for all solutions; where it is not, its row says why.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from analysis.data.estimates import Estimate
from analysis.data.joint import joint_of
from analysis.estimators.clustered import Identified, identify
from analysis.estimators.clustered_design import ClusteredDesign
from analysis.estimators.errors import AliasedError, FitError, UnidentifiedError
from analysis.plan.design_matrix import LongData
from analysis.plan.inference import Asked, Inference, contrast_estimates
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
    inputs: Inputs, long: LongData, outcome: str, kind: str, inference: Inference | FitError
) -> list[Estimate]:
    """Return the contrasts of arms at each visit, or why there is none; visit by visit.

    Parameters
    ----------
    inputs
        Of the analysis.
    long
        The rows.
    outcome
        Its name.
    kind
        On which scale the contrasts are.
    inference
        Of the model, or why there is none.
    """
    contrasts = [(each, each.arms) for each in inputs.contrasts]
    asked = [
        Asked(label, long.weights(visit, contrast), arms)
        for visit in long.contrasts
        for label, (contrast, arms) in zip(
            inputs.labels(outcome, visit, kind), contrasts, strict=True
        )
    ]
    estimates = contrast_estimates(
        asked, long.participants, inputs.plan.confidence, inference,
        lambda each: why_untold(long, each.label[2], each.arms, inputs.covariate_names),
    )  # fmt: skip
    keep_joint(inputs, estimates, inference, [each.weights for each in asked])
    return estimates


def keep_joint(
    inputs: Inputs, estimates: Sequence[Estimate], inference: Inference | FitError,
    slopes: Sequence[np.ndarray],
) -> None:  # fmt: skip
    """Keep the joint covariance of contrasts of one fit; a single contrast has none.

    Parameters
    ----------
    inputs
        Of the analysis.
    estimates
        All contrasts of a visit, then those of the next.
    inference
        Of the model, or why there is none.
    slopes
        Weights (p,) of the coefficients, or derivatives by them, of each estimate.
    """
    together = len(inputs.contrasts)
    if together == 1 or isinstance(inference, FitError):
        return
    for start in range(0, len(estimates), together):
        rows = slice(start, start + together)
        found = joint_of(estimates[rows], inference.covariance_of(np.stack(slopes[rows])))
        if found is not None:
            inputs.joint.append(found)


def one_of(columns: int, column: int) -> np.ndarray:
    """Return the weights (columns,) of one coefficient."""
    weights = np.zeros(columns)
    weights[column] = 1.0
    return weights


def answered(long: LongData, visit: str) -> tuple[np.ndarray, ...]:
    """Return the masks (N,) of the rows of each arm at a follow-up, the reference first."""
    at = long.X[:, long.visit_column(visit)] == 1.0
    others = [long.X[:, column] == 1.0 for column in long.contrasts[visit]]
    return at & ~np.logical_or.reduce(others), *(at & each for each in others)


def why_untold(
    long: LongData, visit: str, arms: Sequence[int], covariates: Sequence[str] = ()
) -> str:
    """Return why the rows do not tell a contrast of arms at a visit.

    Parameters
    ----------
    long
        The rows.
    visit
        A follow-up.
    arms
        Codes of the arms that are compared.
    covariates
        Names of the covariates behind the columns of visits and arms.
    """
    if visit in long.aside:
        return long.aside[visit]
    separated = long.separated.get(visit)
    without = () if separated is None else separated.arms
    rows = answered(long, visit)
    empty = [arm for arm in arms if arm not in without and not rows[arm].any()]
    if empty:
        who = " with all covariates known" if long.incomplete else ""
        return f"{visit}: nobody{who}{words_of(long.arms, empty)} answered"
    if separated is not None and not separated.arms.isdisjoint(arms):
        same = [separated.words[arm] for arm in arms if arm in separated.words]
        what = " and ".join(same) or "arm and covariates tell who met it"
        return f"{visit}: {what} (separation)"
    names = entangled(
        long.X, _effects(long, visit, arms), long.first_covariate,
        long.covariate_columns(covariates),
    )  # fmt: skip
    return f"{visit}: the arms cannot be told from {names}"


def words_of(arms: Sequence[str], codes: Sequence[int]) -> str:
    """Return who lacks something: ' in the control arm', and '' where it is everybody.

    Parameters
    ----------
    arms
        What sentences call all arms.
    codes
        Of those that lack it.
    """
    return "" if len(codes) == len(arms) else f" {' or '.join(arms[code] for code in codes)}"


def _effects(long: LongData, visit: str, arms: Sequence[int]) -> np.ndarray:
    """Return the weights (m, p) of the differences between arms and the first of them."""
    means = [long.arm_weights(visit, arm) for arm in arms]
    return np.stack([mean - means[0] for mean in means[1:]])


def entangled(X: np.ndarray, effects: np.ndarray, first: int, names: Sequence[str]) -> str:
    """Name the covariates without any one of which combinations of coefficients would be told.

    Parameters
    ----------
    X
        (N, p) design.
    effects
        (m, p) weights of the coefficients, 0 of covariates.
    first
        First column of the covariates.
    names
        Their names.
    """
    found = []
    for column, name in enumerate(names[: X.shape[1] - first], start=first):
        told = identify(np.delete(X, column, axis=1))
        if all(told.tells(each) for each in np.delete(effects, column, axis=1)):
            found.append(name)
    return " and ".join(found) if 0 < len(found) <= _NAMED else "the covariates"
