"""A study's results beside the published numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.contrasts.labels import kind_of, name_of
from analysis.data.trial_data import BASELINE
from analysis.decision.rule import AGAINST, IN_FAVOUR
from analysis.replicates.arm_means import arm_means
from analysis.replicates.interim_summary import InterimSummary, SeveralInterim, summarize_looks
from analysis.replicates.validation import Comparison, compare_targets, comparison
from scenarios.analyses.hypothesis import Hypothesis
from scenarios.analyses.register import ADJUSTED, primary_contrast
from scenarios.targets import Target, load_published

RESULTS = ("estimates", "summaries", "flow", "failures")
"""Tables that results are made of."""
HEADLINE_SECTIONS = ("Flow", "Follow-up", "App use", "Primary outcome", "Response")


@dataclass(frozen=True, slots=True)
class Power:
    """How often the primary analysis rejected.

    Attributes
    ----------
    analysis, outcome, visit
        The primary analysis.
    rejected
        Share of replicates that reject in favour of the intervention; a failed fit counts as no
        rejection.
    rejected_error
        Its Monte Carlo standard error.
    against
        Share of replicates that reject against the intervention.
    hypothesis, alpha, margin
        The test.
    replicates, failed
        Replicates in all, and those whose fit failed.
    """

    analysis: str
    outcome: str
    visit: str
    rejected: float
    rejected_error: float
    against: float
    hypothesis: Hypothesis
    alpha: float
    margin: float
    replicates: int
    failed: int


@dataclass(frozen=True, slots=True)
class PrimaryContrast:
    """What the replicates find of one contrast at the primary visit.

    Attributes
    ----------
    name
        What is compared; '' where there are two arms.
    power
        How often the test rejected, not adjusted for other contrasts.
    differences
        The estimates, one a replicate that has one.
    published_difference
        The published one; None where there is none.
    """

    name: str
    power: Power
    differences: tuple[float, ...]
    published_difference: float | None


@dataclass(frozen=True, slots=True)
class StudySummary:
    """Everything that a study prints at its end.

    ``contrasts`` are those of the primary analysis; ``procedure`` is how the plan adjusts for them.
    ``arms`` are named as in tables, ``arm_labels`` as in figures.
    """

    scenario: str
    title: str
    seed: int
    replicates: int
    failed_replicates: int
    duration: float
    arms: tuple[str, ...]
    arm_labels: tuple[str, ...]
    outcome_label: str
    contrasts: tuple[PrimaryContrast, ...]
    procedure: str
    comparisons: tuple[Comparison, ...]
    arm_means: tuple[dict[str, Any], ...]
    interim: InterimSummary | SeveralInterim | None

    @property
    def power(self) -> Power:
        """How often the primary analysis rejected, by the first contrast."""
        return self.contrasts[0].power

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON.

        ``power``, ``differences`` and ``published_difference`` are those of the first contrast;
        ``contrasts`` and ``procedure`` are there where there are several.
        """
        found = asdict(self)
        contrasts, procedure = found.pop("contrasts"), found.pop("procedure")
        found |= {key: value for key, value in contrasts[0].items() if key != "name"}
        several = {"contrasts": contrasts, "procedure": procedure}
        return found | several if len(contrasts) > 1 else found


def summarize_study(
    manifest: Mapping[str, Any], results: Mapping[str, pa.Table], looks: pa.Table | None = None
) -> StudySummary:
    """Put a study's results beside the published numbers.

    Parameters
    ----------
    manifest
        Of the study.
    results
        Its tables of :data:`RESULTS`, by name, with dictionary-encoded texts.
    looks
        Its table of interim looks, if it has any.
    """
    scenario = manifest["scenario"]
    tables = {name: results[name].to_pandas() for name in RESULTS}
    plan = scenario["analysis"]
    outcome = plan["primary_outcome"]
    targets = load_published(scenario["published"]).targets if scenario["published"] else ()
    compared = compare_targets(results, targets) if targets else _without_targets(tables, plan)
    replicates = int(manifest["replicates"])
    failed = tables["failures"]["replicate"].nunique()
    return StudySummary(
        scenario=scenario["name"],
        title=scenario["title"],
        seed=scenario["seed"],
        replicates=replicates,
        failed_replicates=failed,
        duration=float(manifest["duration"]),
        arms=_arm_names(scenario),
        arm_labels=_arm_labels(scenario),
        outcome_label=_label(scenario, outcome),
        contrasts=_primary_contrasts(tables["estimates"], plan, targets, replicates),
        procedure=plan.get("multiplicity", {}).get("procedure", "none"),
        comparisons=tuple(c for c in compared if c.replicates > 0),
        arm_means=_plain_rows(
            arm_means(tables["summaries"], outcome, visit_days(scenario), targets)
        ),
        interim=summarize_looks(manifest, looks),
    )


def _primary_contrasts(
    estimates: pd.DataFrame,
    plan: Mapping[str, Any],
    targets: Sequence[Target],
    replicates: int,
) -> tuple[PrimaryContrast, ...]:
    """Return what was found of each contrast of the primary analysis at the primary visit."""
    analysis, kind = plan["primary_analysis"], primary_contrast(plan["primary_analysis"])
    contrast = {"outcome": plan["primary_outcome"], "visit": plan["primary_visit"]}
    primary = _select(estimates, {"analysis": analysis, **contrast})
    labels = [label for label in primary["contrast"].unique() if kind_of(label) == kind]
    found = []
    for label in labels or [kind]:
        rows = primary[primary["contrast"] == label]
        name = name_of(label)
        wanted = {"analysis": ADJUSTED, **contrast, **({"contrast": label} if name else {})}
        published = [
            target.value
            for target in targets
            if target.table == "estimates"
            and target.result_column == "estimate"
            and target.select == wanted
        ]
        found.append(
            PrimaryContrast(
                name,
                _power(rows, plan, replicates),
                tuple(rows["estimate"].dropna().tolist()),
                published[0] if published else None,
            )
        )
    return tuple(found)


def _arm_names(scenario: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the arms by the scenario of a manifest, the reference first."""
    declared: Sequence[Mapping[str, Any]] = scenario.get("arms", ())
    return tuple(str(arm["name"]) for arm in declared) or ("control", "intervention")


def _arm_labels(scenario: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the labels of the arms by the scenario of a manifest, the reference first."""
    declared: Sequence[Mapping[str, Any]] = scenario.get("arms", ())
    return tuple(str(arm["label"]) for arm in declared) or _arm_names(scenario)


def _label(scenario: Mapping[str, Any], name: str) -> str:
    """Return the label of an outcome by the scenario of a manifest; its name if that has none."""
    declared: Sequence[Mapping[str, Any]] = scenario.get("outcomes", ())
    labels = {outcome["name"]: str(outcome["label"]) for outcome in declared}
    return labels.get(name, name)


def _select(table: pd.DataFrame, select: dict[str, str]) -> pd.DataFrame:
    for column, value in select.items():
        table = table[table[column] == value]
    return table


def _without_targets(
    tables: dict[str, pd.DataFrame], plan: dict[str, Any]
) -> tuple[Comparison, ...]:
    """List the simulated results of a scenario without published numbers."""
    outcome = plan["primary_outcome"]
    # What the mixed model says of a continuous outcome; of others, what was recorded.
    modelled = outcome in plan["continuous"]
    analysis = ADJUSTED if modelled else plan["primary_analysis"]
    effect = "adjusted difference" if modelled else primary_contrast(analysis)
    rows = []
    for stage, group in tables["flow"].groupby("stage", sort=False, observed=True):
        rows.append(comparison("Flow", str(stage), group["count"].to_numpy(float)))
    means = _select(
        tables["summaries"],
        {"quantity": "model mean" if modelled else "mean", "outcome": outcome},
    )
    for (visit, arm), group in means.groupby(["visit", "arm"], sort=False, observed=True):
        label = f"{outcome} at {visit!s}, {arm!s}"
        rows.append(comparison("Primary outcome", label, group["value"].to_numpy(float)))
    effects = _select(tables["estimates"], {"analysis": analysis, "outcome": outcome})
    effects = effects[effects["contrast"].map(kind_of) == primary_contrast(analysis)]
    for (visit, contrast), group in effects.groupby(
        ["visit", "contrast"], sort=False, observed=True
    ):
        compared = name_of(str(contrast))
        for column, name in (("estimate", effect), ("se", "standard error")):
            label = f"{outcome} at {visit!s}, {name}{compared and f', {compared}'}"
            values = group[column].to_numpy(float)
            rows.append(comparison("Primary outcome", label, values))
    return tuple(rows)


def _power(primary: pd.DataFrame, plan: Mapping[str, Any], replicates: int) -> Power:
    rejected, against = (
        float((primary["decision"] == side).sum()) / replicates for side in (IN_FAVOUR, AGAINST)
    )
    return Power(
        analysis=plan["primary_analysis"],
        outcome=plan["primary_outcome"],
        visit=plan["primary_visit"],
        rejected=rejected,
        rejected_error=float(np.sqrt(rejected * (1.0 - rejected) / replicates)),
        against=against,
        hypothesis=plan["hypothesis"],
        alpha=plan["alpha"],
        margin=plan["margin"],
        replicates=replicates,
        failed=replicates - int(primary["converged"].sum()),
    )


def visit_days(scenario: Mapping[str, Any]) -> dict[str, float]:
    """Return each visit's day, baseline first, by the scenario of a manifest."""
    visits = scenario["trial"]["visits"]
    return {BASELINE: 0.0, **{visit["name"]: float(visit["day"]) for visit in visits}}


def _plain_rows(means: pd.DataFrame) -> tuple[dict[str, Any], ...]:
    rows = means.astype(object).where(means.notna(), None).to_dict("records")
    return tuple({str(key): value for key, value in row.items()} for row in rows)
