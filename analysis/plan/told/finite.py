"""Fits of response on the rows that separation leaves, and why there is nothing of the others."""

from collections.abc import Callable
from itertools import product
from typing import Literal

import numpy as np

from analysis.estimators.clustered_design import ClusteredDesign
from analysis.estimators.errors import FitError, SeparationError
from analysis.plan.design_matrix import LongData, SetAside
from analysis.plan.inference import Fit
from analysis.plan.inputs import Inputs
from analysis.plan.told.identified import Told, answered, fit_told
from analysis.plan.told.separation import separated_rows


def without_separated(
    long: LongData,
    link: Literal["logit", "log"] | None,
    fit: Callable[[np.ndarray, ClusteredDesign], Fit],
) -> tuple[Told[Fit] | FitError, LongData, np.ndarray]:
    """Fit all rows; where that fails by separation, those whose coefficients are finite.

    Parameters
    ----------
    long
        The rows.
    link
        Of the model; None where its coefficients are always finite.
    fit
        Fits the outcome of rows.

    Returns
    -------
    The fit, or why there is none; the rows that it is of, with the visits at which others were set
    aside; and which of all rows (N,) were.
    """
    told = _attempt(long, fit)
    separated = np.zeros(len(long.y), bool)
    if not isinstance(told, FitError) or not len(long.y) or link is None:
        return told, long, separated
    try:
        separated = separated_rows(long.y, long.X, link)
    except FitError as error:
        return error, long, separated
    if separated.any():
        long = long.rows(~separated, separated=_set_aside(long, separated))
        told = _attempt(long, fit)
    if isinstance(told, SeparationError):
        # The steps went astray, though no row is separated.
        told = FitError("not converged with a correlation between visits")
    return told, long, separated


def whose_are_set_aside(
    inputs: Inputs, response: str, long: LongData, separated: np.ndarray, told: Told[Fit]
) -> list[str]:
    """Say whose answers are set aside where the estimates do not: those of levels, and others.

    Parameters
    ----------
    inputs
        Of the analysis.
    response
        Name of the response.
    long, separated
        All rows, and which of them (N,) are set aside.
    told
        The fit of the others. Contrasts without an estimate say themselves why.
    """
    data, unnamed = inputs.data, separated.copy()
    remarks = []
    for covariate in inputs.plan.covariates:
        if covariate not in data.levels:
            continue
        codes = data.traits[covariate][long.cluster]
        for code in np.unique(codes[separated]):
            of_level = codes == code
            if separated[of_level].all() and np.ptp(long.y[of_level]) == 0.0:
                who = "everybody" if long.y[of_level].all() else "nobody"
                level = data.levels[covariate][int(code)]
                remarks.append(
                    f"{response}: {who} with {covariate} = {level} met it (separation); the model "
                    f"is of the others, without {of_level.sum()} answers"
                )
                unnamed &= ~of_level
    identified = told.identified
    for visit, contrast in product(long.contrasts, inputs.contrasts):
        if identified is not None and not identified.tells(long.weights(visit, contrast)):
            rows = answered(long, visit)
            unnamed &= ~np.logical_or.reduce([rows[arm] for arm in contrast.arms])
    if unnamed.any():
        remarks.append(
            f"{response}: arm and covariates tell who met it in {unnamed.sum()} answers "
            "(separation), which the model leaves out"
        )
    return remarks


def _attempt(
    long: LongData, fit: Callable[[np.ndarray, ClusteredDesign], Fit]
) -> Told[Fit] | FitError:
    try:
        return fit_told(long, lambda design: fit(long.y, design))
    except FitError as error:
        return error


def _set_aside(long: LongData, separated: np.ndarray) -> dict[str, SetAside]:
    """Say of the visits with separated rows in which arms they are, and how these answered."""
    found = {}
    for visit in long.contrasts:
        arms = answered(long, visit)
        having = frozenset(arm for arm, rows in enumerate(arms) if (separated & rows).any())
        if having:
            who = {
                arm: "everybody" if long.y[rows].all() else "nobody"
                for arm, rows in enumerate(arms)
                if len(np.unique(long.y[rows])) == 1
            }
            words = {arm: f"{which} {long.arms[arm]} met it" for arm, which in who.items()}
            found[visit] = SetAside(having, words)
    return found
