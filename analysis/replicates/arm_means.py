"""Means of an outcome by visit and arm over simulated trials, with the published ones."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.describe.summaries import ALL
from scenarios.targets import Target

MODEL_MEAN, MEAN, ANSWERED = "model mean", "mean", "answered"
COLUMNS = ("visit", "day", "arm", "mean", "lower", "upper", "published", "answered")


def arm_means(
    summaries: pd.DataFrame,
    outcome: str,
    days: Mapping[str, float],
    targets: Sequence[Target] = (),
) -> pd.DataFrame:
    """Return means by visit and arm over trials.

    They are those of the plan's model, of an outcome that it has no model of those of the
    participants who answered.

    Parameters
    ----------
    summaries
        Of a study or a trial: ``quantity``, ``outcome``, ``visit``, ``arm`` and ``value``.
    outcome
        Its name.
    days
        Visit to its day since randomization, the first one included.
    targets
        Published numbers of the trial.

    Returns
    -------
    pandas.DataFrame
        A row a visit and arm, in the order of the visits: ``visit``, ``day``, ``arm``; ``mean``
        over trials; ``lower`` and ``upper``, between which 95% of the trials are; ``published``,
        missing where nothing is; ``answered``, the median number of participants who answered,
        missing where it was not recorded.
    """
    of_outcome = summaries[summaries["outcome"] == outcome]
    quantity = MODEL_MEAN if (of_outcome["quantity"] == MODEL_MEAN).any() else MEAN
    means = of_outcome[(of_outcome["quantity"] == quantity) & (of_outcome["arm"] != ALL)]
    answered = of_outcome[of_outcome["quantity"] == ANSWERED]
    counts = answered.groupby(["visit", "arm"], observed=True)["value"].median()
    rows = []
    for key, group in means.groupby(["visit", "arm"], sort=False, observed=True):
        visit, arm = map(str, key)
        values = group["value"].dropna().to_numpy(float)
        if visit not in days or not len(values):
            continue
        lower, upper = np.quantile(values, [0.025, 0.975])
        rows.append(
            {
                "visit": visit,
                "day": float(days[visit]),
                "arm": arm,
                "mean": float(values.mean()),
                "lower": float(lower),
                "upper": float(upper),
                "published": _published(targets, quantity, outcome, visit, arm),
                "answered": float(counts.get((visit, arm), np.nan)),
            }
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values("day", kind="stable", ignore_index=True)


def _published(
    targets: Sequence[Target], quantity: str, outcome: str, visit: str, arm: str
) -> float | None:
    """Return the published mean of an arm; at baseline that of all participants."""
    own = {"quantity": quantity, "outcome": outcome, "visit": visit, "arm": arm}
    whole = {"quantity": MEAN, "outcome": outcome, "visit": visit, "arm": ALL}
    for wanted in (own, whole):
        for target in targets:
            if target.table == "summaries" and target.select == wanted:
                return target.value
    return None
