"""How a family of hypotheses performs over replicates: family-wise error and kinds of power."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from analysis.decision.rule import AGAINST, IN_FAVOUR, NEITHER, NO_ANSWER
from analysis.replicates.performance import share

HYPOTHESIS = ("outcome", "visit", "contrast")
"""Columns that name a hypothesis of one analysis."""


def decisions_by_replicate(
    estimates: pd.DataFrame, replicates: int, *, by: Sequence[str] = HYPOTHESIS
) -> pd.DataFrame:
    """Return a row a replicate and a column a hypothesis, from a row for each of both.

    A column is named by the tuple of what names the hypothesis.

    Parameters
    ----------
    estimates
        ``replicate``, the columns of `by`, and ``decision``.
    replicates
        How many there were; what has no row has no answer.
    by
        Columns that name a hypothesis.

    Raises
    ------
    ValueError
        A missing column, a hypothesis that a replicate has twice, or a replicate that there was
        not.
    """
    absent = [name for name in ("replicate", *by, "decision") if name not in estimates.columns]
    if absent:
        raise ValueError(f"estimates lack the column {absent[0]!r}")
    if estimates.duplicated(["replicate", *by]).any():
        raise ValueError("a replicate has a hypothesis twice")
    if not estimates["replicate"].isin(range(replicates)).all():
        raise ValueError(f"a replicate is not among the {replicates}")
    # Hypotheses stand as they first come, which is the order of the plan.
    column = estimates.groupby(list(by), sort=False, observed=True)
    wide = np.full((replicates, column.ngroups), NO_ANSWER, dtype=object)
    wide[estimates["replicate"], column.ngroup()] = estimates["decision"]
    return pd.DataFrame(wide, columns=[name for name, _ in column])


def family_wise(
    decisions: pd.DataFrame, truth: Mapping[Hashable, str], *, sides: Literal[1, 2] = 2
) -> pd.DataFrame:
    """Summarise decisions about a family over replicates.

    A rejection is wrong where the null holds, and on the other side than the truth.

    Parameters
    ----------
    decisions
        A row a replicate and a column a hypothesis, in the words of
        :mod:`analysis.decision.rule`; a model that failed rejects nothing.
    truth
        Hypothesis to what is true: 'neither' where its null holds, else 'in favour' or 'against'.
    sides
        Of the tests; of 1-sided ones rejections in favour count alone.

    Returns
    -------
    pandas.DataFrame
        One row for each measure: ``measure``, ``value``, ``mcse`` (Monte Carlo standard error) and
        ``n``, the replicates. Measures, all shares of replicates:

        ``family_wise_error``
            With one wrong rejection at least.
        ``disjunctive_power``, ``conjunctive_power``
            With a right rejection of one at least, or of every hypothesis that is not null. Missing
            where there is none.

    Raises
    ------
    ValueError
        A hypothesis without truth, a word that is none, or no hypothesis.
    """
    names = list(decisions.columns)
    absent = [name for name in names if name not in truth]
    if absent:
        raise ValueError(f"the truth of {absent[0]!r} is missing")
    if not names:
        raise ValueError("a family has at least one hypothesis")
    words = {IN_FAVOUR, AGAINST, NEITHER}
    said = decisions.to_numpy(dtype=object)
    true = np.array([truth[name] for name in names], dtype=object)
    if not (set(true) <= words and set(said.ravel()) <= words | {NO_ANSWER}):
        raise ValueError(f"decisions and truths are among {', '.join(sorted(words))}")
    rejects = said == IN_FAVOUR if sides == 1 else np.isin(said, [IN_FAVOUR, AGAINST])
    right = rejects & (said == true)
    effects = true != NEITHER
    missing = np.nan, np.nan, len(said)
    measures = {
        "family_wise_error": share((rejects & ~right).any(axis=1)),
        "disjunctive_power": share(right.any(axis=1)) if effects.any() else missing,
        "conjunctive_power": share(right[:, effects].all(axis=1)) if effects.any() else missing,
    }
    rows = [(name, *measured) for name, measured in measures.items()]
    return pd.DataFrame(rows, columns=["measure", "value", "mcse", "n"])
