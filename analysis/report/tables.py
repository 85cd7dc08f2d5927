"""What a trial is before any model: Table 1, clinics and categories, as rows of text."""

from dataclasses import dataclass

import numpy as np

from analysis.data.trial_data import TrialData
from analysis.describe.diagnostics import Diagnostics
from analysis.describe.intracluster import clinic_sizes, icc_by_visit
from analysis.plan.responses.definitions import ordered_categories
from analysis.report.numbers import NONE, figures, fixed, p_value, percent
from scenarios.analyses.plan import AnalysisPlan


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table to print.

    Attributes
    ----------
    title, heads
        Of the table, and of each column.
    rows
        Cells: a label and numbers. A label alone, not set in, begins a section.
    notes
        Lines to print below.
    """

    title: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    notes: tuple[str, ...] = ()


def baseline_table(data: TrialData) -> TextTable:
    """Return Table 1: baseline characteristics of all participants and of each arm."""
    groups = [np.ones(len(data), bool), *data.members_by_arm().values()]
    heads = ("All participants", *data.arm_labels)
    sizes = [f"{head} (n = {group.sum()})" for head, group in zip(heads, groups, strict=True)]
    rows: list[tuple[str, ...]] = []
    for name, trait in data.covariates.items():
        if name not in data.traits:
            continue
        values = data.traits[name]
        if name not in data.levels:
            cells = [mean_sd(values[group]) for group in groups]
            rows.append((f"{trait.label}, mean (SD)", *cells))
            rows += _missing(values, groups)
            continue
        rows.append((f"{trait.label}, No. (%)", *[""] * len(groups)))
        for code, level in enumerate(data.levels[name]):
            known = [values[group & ~np.isnan(values)] for group in groups]
            rows.append(
                (f"  {level.replace('_', ' ')}", *(count_percent(v == code) for v in known))
            )
        rows += _missing(values, groups)
    for outcome, scores in data.scores.items():
        if data.outcomes[outcome].has_baseline:
            cells = [mean_sd(scores[group, 0]) for group in groups]
            rows.append((f"{data.outcomes[outcome].label}, mean (SD)", *cells))
            rows += _missing(scores[:, 0], groups)
    return TextTable("Table 1. Baseline characteristics", ("", *sizes), rows)


def clinics_table(data: TrialData, plan: AnalysisPlan) -> TextTable:
    """Return the number and sizes of the clinics, and the primary outcome's ICC at each visit."""
    groups = [np.ones(len(data), bool), *data.members_by_arm().values()]
    sizes = [clinic_sizes(data, group) for group in groups]
    rows: list[tuple[str, ...]] = [
        ("Clinics", *(str(len(size)) for size in sizes)),
        ("Participants of a clinic, mean (SD)", *(mean_sd(size) for size in sizes)),
    ]
    label = data.outcomes[plan.primary_outcome].label
    rows += [
        (f"Intracluster correlation of {label}, {visit}", fixed(icc, 3))
        for visit, icc in icc_by_visit(data, plan.primary_outcome).items()
    ]
    return TextTable("Clinics", ("", "All participants", *data.arm_labels), rows)


def category_table(data: TrialData, plan: AnalysisPlan) -> TextTable:
    """Return the number and share of each level of outcomes that are ordered categories."""
    rows: list[tuple[str, ...]] = []
    for outcome, levels in ordered_categories(plan, data).items():
        rows.append((data.outcomes[outcome].label, *[""] * len(data.arms)))
        for column, visit in enumerate(data.visits):
            groups = [
                data.scores[outcome][members, column] for members in data.members_by_arm().values()
            ]
            seen = [group[~np.isnan(group)] for group in groups]
            if not any(len(group) for group in seen):
                continue
            rows.append((f"  {visit}", *(f"n = {len(group)}" for group in seen)))
            rows += [
                (f"    level {level:g}", *(count_percent(group == level) for group in seen))
                for level in levels
            ]
    return TextTable("Ordered categories, No. (%)", ("", *data.arm_labels), rows)


def checks_table(checks: Diagnostics) -> TextTable:
    """Return the checks of the adjusted constrained longitudinal model."""
    rows = [
        ("Residuals", checks.residual_skewness, checks.residual_excess_kurtosis,
         checks.residual_normality_p),
        ("Random intercepts", checks.intercept_skewness, checks.intercept_excess_kurtosis,
         checks.intercept_normality_p),
    ]  # fmt: skip
    cells: list[tuple[str, ...]] = [
        (name, fixed(skew, 2), fixed(tails, 2), p_value(p)) for name, skew, tails, p in rows
    ]
    ratio = fixed(checks.largest_spread_ratio, 2)
    label = f"SD of residuals over visits and arms, largest to smallest: {ratio}"
    cells.append((label, "", "", p_value(checks.homogeneity_p)))
    return TextTable(
        "Checks of the adjusted model (clda)", ("", "skewness", "excess kurtosis", "P"), cells
    )


def mean_sd(values: np.ndarray) -> str:
    """Return mean and SD of the values that are known; an SD needs two of them."""
    known = values[~np.isnan(values)]
    if not len(known):
        return NONE
    return f"{figures(known.mean())} ({figures(known.std(ddof=1)) if len(known) > 1 else NONE})"


def count_percent(members: np.ndarray) -> str:
    """Return how many of a group are members, and the percentage."""
    count = int(members.sum())
    return f"{count} ({percent(count, len(members))})" if len(members) else NONE


def responders(met: np.ndarray) -> str:
    """Return how many of those who answered met a definition, and the percentage."""
    seen = met[~np.isnan(met)]
    count = int(seen.sum())
    return f"{count}/{len(seen)} ({percent(count, len(seen))})" if len(seen) else NONE


def with_count(text: str, values: np.ndarray) -> str:
    """Return a cell with the number of values that are known."""
    return f"{text} [{np.count_nonzero(~np.isnan(values))}]"


def _missing(values: np.ndarray, groups: list[np.ndarray]) -> list[tuple[str, ...]]:
    """Return a row that counts missing values in each group, if there are any."""
    gaps = np.isnan(values)
    return (
        [("  missing, No.", *(str((gaps & group).sum()) for group in groups))] if gaps.any() else []
    )
