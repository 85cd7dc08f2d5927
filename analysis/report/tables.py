"""Tables 1 to 3 of a trial in the paper's layout, as rows of text."""

from dataclasses import dataclass

import numpy as np

from agents.instruments import SCALES
from analysis.data.estimates import Estimate
from analysis.data.trial_data import TrialData
from analysis.describe.diagnostics import Diagnostics
from analysis.describe.intracluster import clinic_sizes, icc_by_visit
from analysis.plan.analyse import Analysis
from analysis.plan.responders import (
    Response,
    ordered_categories,
    primary_responses,
    secondary_responses,
)
from analysis.plan.response import LOG_ODDS_RATIO, RISK_DIFFERENCE
from analysis.report.number_needed import number_needed_to_treat
from scenarios.arms import ARM_CODES, ARMS
from scenarios.design.analyses import ADJUSTED
from scenarios.design.trial import AnalysisPlan
from scenarios.people.traits import TABLE1_TRAITS

ARM_LABELS = tuple(arm.label for arm in ARMS)


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table to print: a title, column heads and rows of cells."""

    title: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]


def baseline_table(data: TrialData) -> TextTable:
    """Return Table 1: baseline characteristics of all participants and of each arm."""
    groups = [np.ones(len(data), bool), *data.members_by_arm().values()]
    heads = ("All participants", *ARM_LABELS)
    sizes = [f"{head} (n = {group.sum()})" for head, group in zip(heads, groups, strict=True)]
    rows: list[tuple[str, ...]] = []
    for name, trait in TABLE1_TRAITS.items():
        if name not in data.traits:
            continue
        values = data.traits[name]
        if name not in data.levels:
            cells = [_mean_sd(values[group]) for group in groups]
            rows.append((f"{trait.label}, mean (SD)", *cells))
            rows += _missing(values, groups)
            continue
        rows.append((f"{trait.label}, No. (%)", *[""] * len(groups)))
        for code, level in enumerate(data.levels[name]):
            known = [values[group & ~np.isnan(values)] for group in groups]
            rows.append((f"  {level.replace('_', ' ')}", *(_share(v == code) for v in known)))
        rows += _missing(values, groups)
    for outcome, scores in data.scores.items():
        if SCALES[outcome].has_baseline:
            cells = [_mean_sd(scores[group, 0]) for group in groups]
            rows.append((f"{SCALES[outcome].label}, mean (SD)", *cells))
            rows += _missing(scores[:, 0], groups)
    return TextTable("Table 1. Baseline characteristics", ("", *sizes), rows)


def clinics_table(data: TrialData, plan: AnalysisPlan) -> TextTable:
    """Return the number and sizes of the clinics, and the primary outcome's ICC at each visit."""
    groups = [np.ones(len(data), bool), *data.members_by_arm().values()]
    sizes = [clinic_sizes(data, group) for group in groups]
    rows: list[tuple[str, ...]] = [
        ("Clinics", *(str(len(size)) for size in sizes)),
        ("Participants of a clinic, mean (SD)", *(_mean_sd(size) for size in sizes)),
    ]
    label = SCALES[plan.primary_outcome].label
    rows += [
        (f"Intracluster correlation of {label}, {visit}", "-" if np.isnan(icc) else f"{icc:.3f}")
        for visit, icc in icc_by_visit(data, plan.primary_outcome).items()
    ]
    return TextTable("Clinics", ("", "All participants", *ARM_LABELS), rows)


def outcome_table(data: TrialData, plan: AnalysisPlan, analysis: Analysis) -> TextTable:
    """Return Table 2: model means, raw SDs and adjusted differences of continuous outcomes."""
    means = {(m.outcome, m.visit, m.arm): m.mean for m in analysis.arm_means}
    adjusted = {(e.outcome, e.visit): e for e in analysis.estimates if e.analysis == ADJUSTED}
    rows: list[tuple[str, ...]] = []
    for outcome in plan.continuous:
        scores = data.scores[outcome]
        analysed = next((f"n = {e.n}" for (o, _), e in adjusted.items() if o == outcome), "")
        rows.append((SCALES[outcome].label, "", "", analysed, ""))
        for column, visit in enumerate(data.visits):
            if column == 0:
                if SCALES[outcome].has_baseline:
                    both = _mean_sd(scores[:, 0])
                    rows.append((f"  {visit}, all", _with_count(both, scores[:, 0]), "", "", ""))
                continue
            cells = []
            for arm in ARM_CODES:
                mean = means.get((outcome, visit, arm))
                seen = scores[data.arm == arm, column]
                seen = seen[~np.isnan(seen)]
                spread = _number(seen.std(ddof=1)) if len(seen) > 1 else "-"
                shown = "-" if mean is None else f"{_number(mean)} ({spread})"
                cells.append(_with_count(shown, seen))
            estimate = adjusted.get((outcome, visit))
            rows.append((f"  {visit}", *cells, _interval(estimate), _p_value(estimate)))
    difference = f"Adjusted difference ({100 * plan.confidence:g}% CI)"
    heads = ("", *ARM_LABELS, difference, "P")
    return TextTable("Table 2. Outcomes, mean (SD) [number who answered]", heads, rows)


def response_table(data: TrialData, plan: AnalysisPlan, analysis: Analysis) -> TextTable:
    """Return Table 3: shares of participants who improved, and adjusted odds ratios."""
    title = f"Table 3. Improvement in {SCALES[plan.primary_outcome].label}, No./No. (%)"
    labelled = {f"{r.threshold:g} points or more": r for r in primary_responses(plan)}
    return _response_table(title, labelled, data, plan, analysis)


def secondary_table(data: TrialData, plan: AnalysisPlan, analysis: Analysis) -> TextTable:
    """Return the same for the binary versions of the other outcomes."""
    labelled = {response.label: response for response in secondary_responses(plan, data)}
    title = "Response in other outcomes, No./No. (%)"
    return _response_table(title, labelled, data, plan, analysis)


def category_table(data: TrialData, plan: AnalysisPlan) -> TextTable:
    """Return the number and share of each level of outcomes that are ordered categories."""
    rows: list[tuple[str, ...]] = []
    for outcome, levels in ordered_categories(plan, data).items():
        rows.append((SCALES[outcome].label, "", ""))
        for column, visit in enumerate(data.visits):
            groups = [data.scores[outcome][data.arm == arm, column] for arm in ARM_CODES]
            seen = [group[~np.isnan(group)] for group in groups]
            if not any(len(group) for group in seen):
                continue
            rows.append((f"  {visit}", *(f"n = {len(group)}" for group in seen)))
            rows += [
                (f"    level {level:g}", *(_share(group == level) for group in seen))
                for level in levels
            ]
    return TextTable("Ordered categories, No. (%)", ("", *ARM_LABELS), rows)


def _response_table(
    title: str, labelled: dict[str, Response], data: TrialData, plan: AnalysisPlan,
    analysis: Analysis,
) -> TextTable:  # fmt: skip
    rows: list[tuple[str, ...]] = []
    found = {(e.outcome, e.contrast, e.visit): e for e in analysis.estimates}
    for label, response in labelled.items():
        met = response.met(data)
        rows.append((label, *[""] * 5))
        for column, visit in enumerate(data.visits[1:]):
            cells = []
            for arm in ARM_CODES:
                seen = met[data.arm == arm, column]
                seen = seen[~np.isnan(seen)]
                share = f" ({100.0 * seen.mean():.0f})" if len(seen) else ""
                cells.append(f"{seen.sum():.0f}/{len(seen)}{share}")
            ratio = found.get((response.name, LOG_ODDS_RATIO, visit))
            difference = found.get((response.name, RISK_DIFFERENCE, visit))
            needed = number_needed_to_treat(difference) if difference else ""
            rows.append(
                (f"  {visit}", *cells, _interval(ratio, ratio=True), _p_value(ratio), needed)
            )
    level = f"({100 * plan.confidence:g}% CI)"
    heads = ("", *ARM_LABELS, f"Odds ratio {level}", "P", f"Needed to treat {level}")
    return TextTable(title, heads, rows)


def checks_table(checks: Diagnostics) -> TextTable:
    """Return the checks of the primary model."""
    rows = [
        ("Residuals", checks.residual_skewness, checks.residual_excess_kurtosis,
         checks.residual_normality_p),
        ("Random intercepts", checks.intercept_skewness, checks.intercept_excess_kurtosis,
         checks.intercept_normality_p),
    ]  # fmt: skip
    cells: list[tuple[str, ...]] = [
        (name, f"{skew:.2f}", f"{tails:.2f}", _probability(p)) for name, skew, tails, p in rows
    ]
    ratio = f"{checks.largest_spread_ratio:.2f}"
    label = f"SD of residuals over visits and arms, largest to smallest: {ratio}"
    cells.append((label, "", "", _probability(checks.homogeneity_p)))
    return TextTable("Checks of the primary model", ("", "skewness", "excess kurtosis", "P"), cells)


def _number(value: float) -> str:
    """Write a number to about three figures, without a negative zero."""
    digits = 2 if abs(value) < 1.0 else 1
    return f"{value:.{digits}f}".replace("-0.00", "0.00")


def _mean_sd(values: np.ndarray) -> str:
    known = values[~np.isnan(values)]
    if len(known) < 2:
        return "-"
    return f"{_number(known.mean())} ({_number(known.std(ddof=1))})"


def _with_count(text: str, values: np.ndarray) -> str:
    return f"{text} [{np.count_nonzero(~np.isnan(values))}]"


def _missing(values: np.ndarray, groups: list[np.ndarray]) -> list[tuple[str, ...]]:
    """Return a row that counts missing values in each group, if there are any."""
    gaps = np.isnan(values)
    return (
        [("  missing, No.", *(str((gaps & group).sum()) for group in groups))] if gaps.any() else []
    )


def _share(members: np.ndarray) -> str:
    if not len(members):
        return "0"
    return f"{members.sum()} ({100.0 * members.mean():.0f})"


def _interval(estimate: Estimate | None, *, ratio: bool = False) -> str:
    if estimate is None:
        return "-"
    if estimate.estimate is None or estimate.lower is None or estimate.upper is None:
        return f"not estimated: {estimate.failure}"
    values = np.array([estimate.estimate, estimate.lower, estimate.upper])
    if ratio:
        values = np.exp(np.minimum(values, 700.0))
    middle, lower, upper = (f"{value:.2f}".replace("-0.00", "0.00") for value in values)
    return f"{middle} ({lower} to {upper})"


def _p_value(estimate: Estimate | None) -> str:
    if estimate is None or estimate.p is None:
        return ""
    return _probability(estimate.p)


def _probability(p: float) -> str:
    if np.isnan(p):
        return "-"
    if p < 0.001:
        return "<.001"
    return f"{p:.3f}" if p < 0.01 else f"{p:.2f}"
