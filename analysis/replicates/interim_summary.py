"""What interim looks did over the replicates of a study, beside the trial of fixed size.

Both are the same trials: the looks are taken at a trial that is simulated to its end. Of several
contrasts each is tested at an equal part of alpha, with looks and without.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import special

from analysis.contrasts.labels import kind_of, name_of
from analysis.decision.rule import Rule
from analysis.sequential.expected import Expected, expected_course
from analysis.sequential.looks import (
    EFFICACY,
    FUTILITY,
    HARM,
    NO_ESTIMATE,
    NOT_HELD,
)
from analysis.sequential.monitoring import information_of
from scenarios.design.analyses import primary_contrast
from scenarios.design.interim import Interim
from scenarios.design.outcomes import Outcome, by_name

LOOKS = "looks"


@dataclass(frozen=True, slots=True)
class Ending:
    """How trials of one design end, on average.

    Attributes
    ----------
    rejected, rejected_error
        Share of all replicates that reject in favour of the intervention, a failure counted as no
        rejection, and its Monte Carlo error; of several contrasts, that reject any of them.
    against
        Share that reject against it.
    participants, days
        Mean number randomized, and mean days from opening to the end; of one of several contrasts,
        to the look at which it was decided.
    """

    rejected: float
    rejected_error: float
    against: float
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
        Mean boundary of Z among the looks that took place.
    efficacy, harm, futility
        Share of all replicates that stop for each at this look, or end with the first two.
    failed
        Share that got here and had no estimate.
    expected_efficacy, expected_harm, expected_futility
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
    harm: float
    futility: float
    failed: float
    expected_efficacy: float
    expected_harm: float
    expected_futility: float


@dataclass(frozen=True, slots=True)
class InterimSummary:
    """Interim looks at one contrast over a study.

    Attributes
    ----------
    analysis, contrast
        Which analysis decides, and on which contrast; '' where there is only one.
    boundary, sides, futility
        By which boundary, on how many sides, and below which conditional power the looks end it
        for futility.
    with_looks, fixed
        The design, and the trial of fixed size.
    difference, difference_error
        In rejections in favour, with the looks minus fixed, and its paired Monte Carlo error.
    looks
        In order.
    replicates
        How many there were, including those that failed.
    """

    analysis: str
    contrast: str
    boundary: str
    sides: int
    futility: float
    with_looks: Ending
    fixed: Ending
    difference: float
    difference_error: float
    looks: tuple[LookSummary, ...]
    replicates: int


@dataclass(frozen=True, slots=True)
class SeveralInterim:
    """Interim looks at several contrasts over a study.

    Attributes
    ----------
    contrasts
        Each of them, in the order of the plan.
    with_looks, fixed
        The trials as a whole: with looks, and of fixed size.
    difference, difference_error
        As of :class:`InterimSummary`, in trials that reject any contrast in favour.
    """

    contrasts: tuple[InterimSummary, ...]
    with_looks: Ending
    fixed: Ending
    difference: float
    difference_error: float


def summarize_looks(
    manifest: Mapping[str, Any], looks: pa.Table | None
) -> InterimSummary | SeveralInterim | None:
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
    table, primary = looks.to_pandas(), scenario["analysis"]["primary_analysis"]
    mine = table[
        (table["analysis"] == primary)
        & (table["contrast"].map(kind_of) == primary_contrast(primary))
    ]
    replicates, labels = int(manifest["replicates"]), list(dict.fromkeys(mine["contrast"]))
    rule = _rule(scenario)
    if len(labels) == 1:
        return interim_summary(mine, interim, rule, replicates=replicates)
    rule = replace(rule, alpha=rule.alpha / len(labels))
    parts = [mine[mine["contrast"] == label] for label in labels]
    ends = [_ends(part) for part in parts]
    whole = ends[0].assign(
        participants=np.max([each["participants"] for each in ends], axis=0),
        day=np.max([each["day"] for each in ends], axis=0),
    )
    rejections = [_rejections(part, rule, replicates) for part in parts]
    rejected, against = (np.max(side, axis=0) for side in zip(*rejections, strict=True))
    gap = rejected[:, 0] - rejected[:, 1]
    return SeveralInterim(
        tuple(interim_summary(part, interim, rule, replicates=replicates) for part in parts),
        with_looks=_ending(rejected[:, 0], against[:, 0], whole),
        fixed=_ending(rejected[:, 1], against[:, 1], _fixed(parts[0])),
        difference=float(gap.mean()),
        difference_error=_mean_error(gap),
    )


def interim_summary(
    table: pd.DataFrame, interim: Interim, rule: Rule, *, replicates: int
) -> InterimSummary:
    """Summarize the looks at one contrast by one analysis.

    Parameters
    ----------
    table
        Rows as :func:`analysis.sequential.looks.looks_table` has them.
    interim, rule
        The design, and the test, with the level of this contrast.
    replicates
        How many there were, including those that failed.
    """
    looks = [rows.set_index("replicate").sort_index() for _, rows in table.groupby("look")]
    whole = looks[-1]
    # Information is 1 / se^2, in each trial as a share of that at its end.
    shares = [float(((whole["se"] / look["se"]) ** 2).mean()) for look in looks]
    rejected, against = _rejections(table, rule, replicates)
    gap = rejected[:, 0] - rejected[:, 1]
    drift = float(whole["fixed_statistic"].mean())
    nothing = np.full(len(looks), np.nan)
    expected = Expected(nothing, nothing, nothing)
    if np.isfinite([*shares, drift]).all():
        information = information_of([share**-0.5 for share in shares])
        expected = expected_course(interim, rule, information, drift)
    return InterimSummary(
        analysis=str(table["analysis"].iloc[0]),
        contrast=name_of(str(table["contrast"].iloc[0])),
        boundary=interim.boundary,
        sides=rule.sides,
        futility=interim.futility,
        with_looks=_ending(rejected[:, 0], against[:, 0], _ends(table)),
        fixed=_ending(rejected[:, 1], against[:, 1], _fixed(table)),
        difference=float(gap.mean()),
        difference_error=_mean_error(gap),
        looks=tuple(
            _look(look, replicates, share, expected, place)
            for place, (look, share) in enumerate(zip(looks, shares, strict=True))
        ),
        replicates=replicates,
    )


def _rule(scenario: dict[str, Any]) -> Rule:
    """Return the test of a scenario that a manifest has."""
    plan = scenario["analysis"]
    declared = [Outcome.model_validate(each) for each in scenario["outcomes"]]
    better = by_name(declared)[plan["primary_outcome"]].towards_better
    return Rule(plan["hypothesis"], plan["alpha"], plan["margin"], better)


def _ends(table: pd.DataFrame) -> pd.DataFrame:
    """Return the look that ended the contrast, a row a replicate."""
    return table[table["decision"] != NOT_HELD].groupby("replicate").last()


def _fixed(table: pd.DataFrame) -> pd.DataFrame:
    """Return the end of the trial of fixed size, a row a replicate."""
    last = table[table["look"] == table["look"].max()].set_index("replicate").sort_index()
    columns = {f"fixed_{name}": name for name in ("statistic", "participants", "day")}
    renamed: pd.DataFrame = last[[*columns]].rename(columns=columns)
    return renamed


def _rejections(table: pd.DataFrame, rule: Rule, replicates: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what is rejected in favour and against, (replicates, 2): with looks, and without.

    Replicates that failed have no row and count as no rejection. A trial and its fixed size stand
    in the same row, for their difference is paired.
    """
    ends, whole = _ends(table), _fixed(table)
    rejected, against = np.zeros((replicates, 2)), np.zeros((replicates, 2))
    rejected[: len(ends), 0] = ends["decision"] == EFFICACY
    against[: len(ends), 0] = ends["decision"] == HARM
    # Z is the normal score of the test's P value: the fixed trial rejects beyond that of its level.
    critical = -special.ndtri(rule.tail)
    rejected[: len(whole), 1] = whole["statistic"] > critical
    against[: len(whole), 1] = whole["statistic"] < -critical
    return rejected, against


def _ending(rejected: np.ndarray, against: np.ndarray, ends: pd.DataFrame) -> Ending:
    share = float(rejected.mean())
    return Ending(
        share,
        float(np.sqrt(share * (1.0 - share) / len(rejected))),
        float(against.mean()),
        float(ends["participants"].mean()),
        float(ends["day"].mean()),
    )


def _mean_error(values: np.ndarray) -> float:
    n = len(values)
    return float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan


def _look(
    look: pd.DataFrame, replicates: int, information: float, expected: Expected, place: int
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
        harm=share(HARM),
        futility=share(FUTILITY),
        failed=share(NO_ESTIMATE),
        expected_efficacy=float(expected.efficacy[place]),
        expected_harm=float(expected.harm[place]),
        expected_futility=float(expected.futility[place]),
    )
