"""The results of a study as tables look them up: averaged over trials, and as published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.contrasts.labels import kind_of, name_of
from analysis.report.numbers import NONE, figures, fixed, interval
from analysis.report.tables import TextTable
from scenarios.analyses.register import LOG_ODDS_RATIO, LOG_RATE_RATIO
from scenarios.schema import Scenario
from scenarios.targets import Target

RATIOS = (LOG_ODDS_RATIO, LOG_RATE_RATIO)
SUMMARY = ["quantity", "outcome", "visit", "arm"]
ESTIMATE = ["analysis", "outcome", "visit", "contrast"]


@dataclass(frozen=True)
class Results:
    """What the trials of a study found.

    Attributes
    ----------
    scenario
        What was simulated.
    summaries, estimates
        Tables of the study, a row a replicate and number.
    targets
        Published numbers of the scenario; none where there are none.
    """

    scenario: Scenario
    summaries: pd.DataFrame
    estimates: pd.DataFrame
    targets: Sequence[Target] = field(default=(), repr=False)

    @cached_property
    def means(self) -> Mapping[tuple[str, str, str, str], float]:
        """Mean over trials of each summary, by quantity, outcome, visit and arm."""
        found = self.summaries.groupby(SUMMARY, observed=True)["value"].mean()
        return dict(zip(found.index, found.to_numpy(float), strict=True))

    @cached_property
    def effects(self) -> pd.DataFrame:
        """Mean over trials and 95% range of each estimate, on its own scale, by its label.

        A ratio is the exponential of the mean of its logarithm.
        """
        known = self.estimates[self.estimates["converged"].astype(bool)]
        grouped = known.groupby(ESTIMATE, sort=False, observed=True)["estimate"]
        low, high = grouped.quantile(0.025), grouped.quantile(0.975)
        found = pd.DataFrame({"mean": grouped.mean(), "low": low, "high": high})
        ratio = found.index.get_level_values("contrast").map(kind_of).isin(RATIOS)
        found.loc[ratio] = np.exp(found.loc[ratio])
        return found

    @cached_property
    def _effects_by_label(self) -> Mapping[tuple[str, str, str, str], tuple[float, float, float]]:
        return {
            key: tuple(row)
            for key, row in zip(self.effects.index, self.effects.to_numpy(float), strict=True)
        }

    @cached_property
    def published(self) -> Mapping[tuple[str, frozenset[tuple[str, str]]], Target]:
        """The trial's own published numbers, by table and what selects them."""
        return {
            (target.table, frozenset(target.select.items())): target
            for target in self.targets
            if not target.study and target.result_column in {"value", "estimate"}
        }

    def summary(self, quantity: str, outcome: str, visit: str, arm: str) -> float | None:
        """Return the mean of a summary over trials; None without it."""
        return self.means.get((quantity, outcome, visit, arm))

    def told(self, quantity: str, outcome: str, visit: str, arm: str) -> float | None:
        """Return what was published of a summary; None where nothing was.

        What is '' selects nothing, as in the targets.
        """
        label = (quantity, outcome, visit, arm)
        pairs = frozenset((k, v) for k, v in zip(SUMMARY, label, strict=True) if v)
        found = self.published.get(("summaries", pairs))
        return None if found is None else found.value

    def effect(self, label: tuple[str, str, str, str]) -> str:
        """Return the mean and the 95% range of an estimate as a cell."""
        known = self._effects_by_label.get(label)
        if known is None:
            return NONE
        return interval(*known, no_effect=1.0 if kind_of(label[3]) in RATIOS else 0.0)

    def published_effect(self, label: tuple[str, str, str, str]) -> str:
        """Return what was published of an estimate, with its interval where that was; '' if not."""
        # A target need not name the contrast where an analysis has one only.
        pairs = dict(zip(ESTIMATE, label, strict=True))
        short = {key: value for key, value in pairs.items() if key != "contrast"}
        selects = (pairs, short) if not name_of(label[3]) else (pairs,)
        told = (self.published.get(("estimates", frozenset(each.items()))) for each in selects)
        found = next((target for target in told if target is not None), None)
        if found is None:
            return ""
        if found.ci is None:
            return fixed(found.value, 2)
        return interval(found.value, *found.ci)


def mean_and_sd(mean: float | None, sd: float | None) -> str:
    """Return both as a cell; '' without a mean."""
    if mean is None:
        return ""
    return figures(mean) if sd is None else f"{figures(mean)} ({figures(sd)})"


def per_cent(share: float | None) -> str:
    """Return a share, 0 to 1, as a percentage; '' without it."""
    return "" if share is None else f"{fixed(100.0 * share, 1)}%"


def filled_table(
    title: str, heads: Sequence[str], rows: Sequence[tuple[str, ...]], *notes: str
) -> TextTable:
    """Return a table without columns that have nothing in them; notes only where it has rows."""
    kept = [0, *(i for i in range(1, len(heads)) if any(row[i] for row in rows))]
    return TextTable(
        title,
        tuple(heads[i] for i in kept),
        [tuple(row[i] for i in kept) for row in rows],
        notes if rows else (),
    )
