"""What a reader of the results should know about the data: who is left out, what looks odd."""

from collections.abc import Mapping

import numpy as np

from analysis.data.reading.columns import Column
from analysis.data.reading.numbers import Numbers
from analysis.data.reading.wanted import Wanted

FENCE = 3.0
"""Interquartile ranges beyond the quartiles from which a value is far out (Tukey 1977)."""
FEWEST = 8
"""Values from which quartiles say what is usual."""
NAMED = 3
"""Of many, how many a remark names."""


def code_remarks(column: Column, coded: Mapping[str, int]) -> list[str]:
    """Say how many cells have a code for missing."""
    if not coded:
        return []
    counts = ", ".join(f"{code} ({count})" for code, count in sorted(coded.items()))
    total = sum(coded.values())
    rows = f"{total} row{'s' if total > 1 else ''}"
    return [f"{column.table.name}: {column.name} is missing by a code in {rows}: {counts}"]


def far_remarks(found: Numbers) -> list[str]:
    """Say how many numbers of a column are far from the others, and name some of them."""
    known = found.values[~np.isnan(found.values)]
    if len(known) < FEWEST:
        return []
    low, high = np.quantile(known, [0.25, 0.75])
    reach = FENCE * (high - low)
    with np.errstate(invalid="ignore"):
        far = np.flatnonzero((found.values < low - reach) | (found.values > high + reach))
    # Where most have the same value, quartiles do not tell what is far.
    if reach == 0.0 or not len(far):
        return []
    table = found.column.table
    some = ", ".join(
        f"{found.values[row]:g} ({table.counted} {table.lines[row]})" for row in far[:NAMED]
    )
    more = ", ..." if len(far) > NAMED else ""
    count = f"{len(far)} value{'s' if len(far) > 1 else ''}"
    text = f"{table.name}: {found.column.name} has {count} far from the others, analysed as written"
    return [f"{text}: {some}{more}"]


def left_out_remarks(
    wanted: Wanted, traits: Mapping[str, np.ndarray], scores: Mapping[str, np.ndarray]
) -> list[str]:
    """Say how many participants models leave out, and why.

    Parameters
    ----------
    wanted
        What the plan uses.
    traits
        Trait to (n,) values.
    scores
        Outcome to (n, v + 1) scores.
    """
    remarks = []
    n = len(next(iter(scores.values())))
    without = {
        name: np.isnan(scores[name][:, 0] if name in scores else traits[name])
        for name in wanted.covariates
    }
    lacking = {name: gaps for name, gaps in without.items() if gaps.any()}
    for name, gaps in lacking.items():
        called = f"{name} at {wanted.baseline}" if name in scores else name
        remarks.append(
            f"{called} is missing for {gaps.sum()} of {n} participants, who are left out of all "
            "models that adjust for it"
        )
    if len(lacking) > 1:
        some = np.logical_or.reduce(list(lacking.values()))
        remarks.append(
            f"in all, {some.sum()} of {n} participants lack a covariate and are left out of the "
            "adjusted models"
        )
    for outcome in wanted.outcomes:
        score = scores[outcome]
        silent = np.isnan(score).all(axis=1)
        if silent.any():
            remarks.append(
                f"{outcome} is missing at every visit for {silent.sum()} of {n} participants, who "
                "are in no model of it"
            )
        start = np.isnan(score[:, 0]) & ~silent
        if wanted.declared[outcome].has_baseline and start.any():
            remarks.append(
                f"{outcome} at {wanted.baseline} is missing for {start.sum()} of {n} participants, "
                "who are left out of its response and of models that adjust for it"
            )
    return remarks
