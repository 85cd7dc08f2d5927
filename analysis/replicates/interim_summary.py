"""What interim looks did over the replicates of a study, beside the trial of fixed size.

Both are the same trials: the looks are taken at a trial that is simulated to its end.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.sequential.looks import (
    EFFICACY,
    FUTILITY,
    NO_ESTIMATE,
    NOT_HELD,
    expected_course,
    information_of,
)
from scenarios.design.interim import Interim

LOOKS = "looks"


@dataclass(frozen=True, slots=True)
class Ending:
    """How trials of one design end, on average.

    Attributes
    ----------
    rejected, rejected_error
        Share of all replicates, a failure counted as no rejection, and its Monte Carlo error.
    participants, days
        Mean number randomized, and mean days from opening to the end.
    """

    rejected: float
    rejected_error: float
    participants: float
    days: float


@dataclass(frozen=True, slots=True)
class LookSummary:
    """One look over the replicates; the last is the end of the trial.

    Attributes
    ----------
    fraction
        Planned share of the participants whose primary visit is over.
    information
        Mean of the information at the look as a share of that at the end.
    day, participants, answered
        Means: of the trial's clock, randomized, and answers at the primary visit.
    boundary
        Mean boundary of ``|Z|`` among the looks that took place.
    efficacy, futility
        Share of all replicates that reject, or stop for futility, at this look.
    failed
        Share that got here and had no estimate.
    expected_efficacy, expected_futility
        The same shares by theory, where Z at the end has its mean over the trials, and the looks
        have this information.
    """

    fraction: float
    information: float
    day: float
    participants: float
    answered: float
    boundary: float
    efficacy: float
    futility: float
    failed: float
    expected_efficacy: float
    expected_futility: float


@dataclass(frozen=True, slots=True)
class InterimSummary:
    """Interim looks over a study.

    Attributes
    ----------
    analysis, boundary, futility
        Which analysis decides, by which boundary, and below which conditional power the trial stops
        for futility.
    with_looks, fixed
        The design, and the trial of fixed size.
    difference, difference_error
        In rejections, with the looks minus fixed, and its paired Monte Carlo error.
    looks
        In order.
    replicates
        How many there were, including those that failed.
    """

    analysis: str
    boundary: str
    futility: float
    with_looks: Ending
    fixed: Ending
    difference: float
    difference_error: float
    looks: tuple[LookSummary, ...]
    replicates: int


def summarize_looks(manifest: Mapping[str, Any], looks: pa.Table | None) -> InterimSummary | None:
    """Return what the looks of a study did at its primary analysis; None if it has none.

    Parameters
    ----------
    manifest
        Of the study.
    looks
        Its table of interim looks, if it has any.
    """
    if looks is None:
        return None
    scenario = manifest["scenario"]
    interim = Interim.model_validate_json(json.dumps(scenario["trial"]["interim"]), strict=True)
    table = looks.to_pandas()
    return interim_summary(
        table[table["analysis"] == scenario["analysis"]["primary_analysis"]],
        interim,
        alpha=scenario["analysis"]["alpha"],
        replicates=int(manifest["replicates"]),
    )


def interim_summary(
    table: pd.DataFrame, interim: Interim, *, alpha: float, replicates: int
) -> InterimSummary:
    """Summarize the looks of one analysis.

    Parameters
    ----------
    table
        Rows as :func:`analysis.sequential.looks.looks_table` has them.
    interim, alpha
        The design, and the 2-sided significance level.
    replicates
        How many there were, including those that failed.
    """
    ends = table[table["decision"] != NOT_HELD].groupby("replicate").last()
    looks = [rows.set_index("replicate").sort_index() for _, rows in table.groupby("look")]
    whole = looks[-1]
    # Information is 1 / se^2, in each trial as a share of that at its end.
    shares = [float(((whole["se"] / look["se"]) ** 2).mean()) for look in looks]
    # Replicates that failed have no row and count as no rejection. A trial and its fixed size must
    # stand in the same row, for the difference is paired.
    rejected = np.zeros((replicates, 2))
    rejected[: len(ends), 0] = ends["decision"] == EFFICACY
    rejected[: len(whole), 1] = whole["p"] < alpha
    gap = rejected[:, 0] - rejected[:, 1]
    drift = float(whole["statistic"].mean())
    expected = np.full((2, len(looks)), np.nan)
    if np.isfinite([*shares, drift]).all():
        information = information_of([share**-0.5 for share in shares])
        expected = np.array(expected_course(interim, alpha, information, drift))
    return InterimSummary(
        analysis=str(table["analysis"].iloc[0]),
        boundary=interim.boundary,
        futility=interim.futility,
        with_looks=_ending(rejected[:, 0], ends),
        fixed=_ending(rejected[:, 1], whole),
        difference=float(gap.mean()),
        difference_error=_mean_error(gap),
        looks=tuple(
            _look(look, replicates, share, float(efficacy), float(futility))
            for look, share, efficacy, futility in zip(looks, shares, *expected, strict=True)
        ),
        replicates=replicates,
    )


def _ending(rejected: np.ndarray, ends: pd.DataFrame) -> Ending:
    share = float(rejected.mean())
    return Ending(
        share,
        float(np.sqrt(share * (1.0 - share) / len(rejected))),
        float(ends["participants"].mean()),
        float(ends["day"].mean()),
    )


def _mean_error(values: np.ndarray) -> float:
    n = len(values)
    return float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan


def _look(
    look: pd.DataFrame, replicates: int, information: float, efficacy: float, futility: float
) -> LookSummary:
    def mean(column: str) -> float:
        return float(look[column].mean())

    def share(decision: str) -> float:
        return float((look["decision"] == decision).sum()) / replicates

    return LookSummary(
        fraction=mean("fraction"),
        information=information,
        day=mean("day"),
        participants=mean("participants"),
        answered=mean("answered"),
        boundary=mean("boundary"),
        efficacy=share(EFFICACY),
        futility=share(FUTILITY),
        failed=share(NO_ESTIMATE),
        expected_efficacy=efficacy,
        expected_futility=futility,
    )
