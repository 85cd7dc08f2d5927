"""Differences between designs that were simulated with common random numbers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

KEYS = ["replicate", "quantity"]


class Quantity(NamedTuple):
    """What designs are compared in.

    Attributes
    ----------
    unit
        Of it, '' where nothing is said; quantities of one unit can share an axis.
    better
        Which way is better, ``"lower is better"`` or ``"higher is better"``; '' where neither is.
    """

    unit: str = ""
    better: str = ""


def paired_differences(values: pd.DataFrame, designs: Sequence[str]) -> pd.DataFrame:
    """Compare designs with the first of them, replicate by replicate.

    Parameters
    ----------
    values
        A row a replicate and quantity: ``replicate``, ``quantity`` and a column a design, missing
        where the replicate did not yield it.
    designs
        The columns, at least two; the first is the reference.

    Returns
    -------
    pandas.DataFrame
        A row a quantity and other design: ``quantity``, ``design``, ``reference``, the means
        ``reference_mean`` and ``design_mean``, their ``difference``; its Monte Carlo standard error
        ``mcse``; ``mcse_unpaired``, what it would be with as many independent replicates;
        ``variance_ratio``, the square of their ratio, by which the number of independent
        replicates would have to be larger; and ``pairs``, the replicates that count. A number that
        the pairs do not determine is missing.
    """
    reference = designs[0]
    rows = []
    for quantity, group in values.groupby("quantity", sort=False):
        for design in designs[1:]:
            pairs = group[[reference, design]].dropna().to_numpy(dtype=float)
            rows.append(
                {
                    "quantity": quantity,
                    "design": design,
                    "reference": reference,
                    **_difference(pairs[:, 0], pairs[:, 1]),
                }
            )
    return pd.DataFrame(rows)


def _difference(reference: np.ndarray, design: np.ndarray) -> dict[str, float]:
    n = len(design)
    if n == 0:
        nothing = ("reference_mean", "design_mean", "difference")
        return dict.fromkeys((*nothing, "mcse", "mcse_unpaired", "variance_ratio"), np.nan) | {
            "pairs": 0
        }
    difference = design - reference
    paired, unpaired = np.nan, np.nan
    if n > 1:
        # Designs that do not differ may differ by rounding: a variance of that size is 0.
        rounding = (1e-12 * float(np.abs([reference, design]).max())) ** 2
        variances = [v.var(ddof=1) for v in (difference, design, reference)]
        of_difference, of_design, of_reference = (v if v > rounding else 0.0 for v in variances)
        paired, unpaired = of_difference / n, (of_design + of_reference) / n
    return {
        "reference_mean": float(reference.mean()),
        "design_mean": float(design.mean()),
        "difference": float(difference.mean()),
        "mcse": float(np.sqrt(paired)),
        "mcse_unpaired": float(np.sqrt(unpaired)),
        "variance_ratio": unpaired / paired if paired else np.nan,
        "pairs": n,
    }
