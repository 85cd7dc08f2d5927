"""Separation: rows whose fitted mean goes to a bound as coefficients go to infinity.

A direction d of coefficients in which no row's likelihood falls and some rise has no maximum along
it (Albert and Anderson 1984, Biometrika 71:1-10). Moving along it takes the fitted means of the
rows that rise to what was observed, where they tell nothing more; what is left of the model is that
of the other rows, and its coefficients are finite (Geyer 2009, Electronic Journal of Statistics
3:259-289). One linear programme finds all rows that rise in any such direction (Konis 2007, DPhil
thesis, University of Oxford, chapter 4).
"""

from typing import Literal

import numpy as np

from analysis.estimators.clustered import conditioned_basis, identify
from analysis.estimators.errors import FitError


def separated_rows(y: np.ndarray, X: np.ndarray, link: Literal["logit", "log"]) -> np.ndarray:
    """Return which rows (N,) have a fitted mean on a bound when the likelihood is at its height.

    Parameters
    ----------
    y
        (N,) outcomes: 0 or 1 for ``"logit"``, at least 0 for ``"log"``.
    X
        (N, p) design, whose columns may be aliased.
    link
        With ``"logit"`` means go to 0 or 1, with ``"log"`` to 0.

    Raises
    ------
    FitError
        If the linear programme has no solution by rounding.
    """
    # Rows of one length on an orthonormal basis, so that tolerances do not depend on units.
    basis = conditioned_basis(X[:, identify(X).kept])[0] * np.sqrt(len(X))
    positive = y > 0
    n, p = basis.shape
    # Unknown: the direction d, and for each row that may rise by how much it does, up to 1. Rises
    # of two directions add up and may be scaled: at the maximum each row rises by 1 or cannot rise.
    rising = np.ones(n, bool) if link == "logit" else ~positive
    signed = np.where(positive, 1.0, -1.0)[rising, None] * basis[rising]
    held = basis[~rising]
    k = len(signed)
    from scipy.optimize import linprog  # noqa: PLC0415 - slow to import; after failed fits only

    found = linprog(
        c=np.concatenate([np.zeros(p), -np.ones(k)]),
        A_ub=np.column_stack([-signed, np.eye(k)]),
        b_ub=np.zeros(k),
        A_eq=np.column_stack([held, np.zeros((len(held), k))]) if len(held) else None,
        b_eq=np.zeros(len(held)) if len(held) else None,
        bounds=[(None, None)] * p + [(0.0, 1.0)] * k,
        method="highs",
    )
    if found.x is None:
        raise FitError("whether there is separation could not be found out")
    separated = np.zeros(n, bool)
    separated[rising] = found.x[p:] > 0.5
    return separated
