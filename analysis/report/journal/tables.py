"""Tables 1 to 3 in the layout of a journal, of a study instead of a trial.

A cell has the mean over trials of what a trial would report there; differences and ratios have the
range in which 95% of the trials' estimates lie. Published numbers stand beside, where there are
any.
"""

from collections.abc import Iterator

from analysis.contrasts.declared import Contrast
from analysis.contrasts.labels import contrast_label, kind_of
from analysis.contrasts.planned import planned_contrasts
from analysis.data.trial_data import BASELINE
from analysis.describe.summaries import ALL
from analysis.report.compared import compared_in_labels, section
from analysis.report.journal.results import (
    RATIOS,
    Results,
    filled_table,
    mean_and_sd,
    per_cent,
)
from analysis.report.numbers import NONE
from analysis.report.tables import TextTable
from scenarios.analyses.register import (
    ADJUSTED,
    DIFFERENCE,
    LOG_ODDS_RATIO,
    LOG_RATE_RATIO,
    primary_contrast,
)
from scenarios.schema import Scenario

OVER_TRIALS = "Means over the simulated trials."
RANGE = "Of differences and ratios the mean and the range of 95% of the trials' estimates."


def baseline_over_trials(found: Results) -> TextTable:
    """Return Table 1: baseline characteristics of all participants and of each arm."""
    scenario = found.scenario
    arms = [ALL, *scenario.arm_names]
    labels = ["All participants", *(arm.label for arm in scenario.arms)]
    heads = ["", "All participants", "published", *labels[1:]]
    rows: list[tuple[str, ...]] = [
        ("Participants", *_beside([_whole(found.summary("n", "", "", arm)) for arm in arms], ""))
    ]
    for trait in scenario.covariates:
        levels = scenario.levels.get(trait.name, ())
        if not levels:
            label = trait.label
            if trait.unit and not label.endswith(trait.unit):
                label = f"{label}, {trait.unit}"
            rows += _numeric(found, trait.name, label, arms, BASELINE)
            continue
        shares = [
            (level, [found.summary("share", trait.name, level, arm) for arm in arms])
            for level in levels
        ]
        if all(value is None for _, values in shares for value in values):
            continue
        rows.append(section(f"{trait.label}, %", len(heads)))
        for level, values in shares:
            told = per_cent(found.told("share", trait.name, level, ALL))
            cells = _beside([per_cent(value) for value in values], told)
            rows.append((f"  {level.replace('_', ' ')}", *cells))
    for outcome in scenario.outcomes:
        if outcome.has_baseline:
            rows += _numeric(found, outcome.name, outcome.label, arms, BASELINE)
    title = "Table 1. Baseline characteristics, mean (SD) or %"
    return filled_table(title, heads, rows, OVER_TRIALS)


def outcomes_over_trials(found: Results) -> TextTable:
    """Return Table 2: means of each arm and adjusted differences, by outcome and visit."""
    scenario, plan = found.scenario, found.scenario.analysis
    contrasts = planned_contrasts(plan, scenario.arms)
    heads = [""]
    for label in (arm.label for arm in scenario.arms):
        heads += [label, f"{label}, published"]
    heads += _effect_heads(found, contrasts, "Difference")
    rows: list[tuple[str, ...]] = []
    for name in plan.continuous:
        rows.append(section(_with_unit(found, name), len(heads)))
        for visit in _visits(found):
            cells: list[str] = []
            for arm in scenario.arm_names:
                mean = found.summary("model mean", name, visit, arm)
                mean = found.summary("mean", name, visit, arm) if mean is None else mean
                cells.append(mean_and_sd(mean, found.summary("sd", name, visit, arm)))
                told = found.told("model mean", name, visit, arm)
                cells.append(mean_and_sd(told, found.told("sd", name, visit, arm)))
            labels = [
                (ADJUSTED, name, visit, contrast_label(DIFFERENCE, each)) for each in contrasts
            ]
            rows.append((f"  {visit}", *cells, *_effect_cells(found, labels)))
    title = "Table 2. Outcomes, mean (SD), and adjusted differences"
    models = f"Means by arm are of the crude model; differences: {ADJUSTED}."
    return filled_table(title, heads, rows, f"{OVER_TRIALS} {RANGE}", models)


def responses_over_trials(found: Results) -> TextTable:
    """Return Table 3: improvement and events, with ratios between the arms."""
    scenario, plan = found.scenario, found.scenario.analysis
    contrasts = planned_contrasts(plan, scenario.arms)
    heads = ["", *(arm.label for arm in scenario.arms)]
    heads += _effect_heads(found, contrasts, "Odds or rate ratio")
    rows: list[tuple[str, ...]] = []
    wanted = {
        contrast_label(kind, each): kind
        for kind in (LOG_ODDS_RATIO, LOG_RATE_RATIO)
        for each in contrasts
    }
    present = found.effects.index.to_frame(index=False)
    present = present[present["contrast"].isin(wanted)]
    for (analysis, outcome), group in present.groupby(["analysis", "outcome"], sort=False):
        rows.append(
            section(f"{label_of_response(scenario, str(outcome))} ({analysis})", len(heads))
        )
        kind = kind_of(str(group["contrast"].iloc[0]))
        seen = set(group["visit"])
        for visit in (each for each in _visits(found) if each in seen):
            shares = [_improved(found, str(outcome), str(visit), arm) for arm in scenario.arm_names]
            labels = [
                (str(analysis), str(outcome), str(visit), contrast_label(kind, each))
                for each in contrasts
            ]
            rows.append((f"  {visit}", *shares, *_effect_cells(found, labels)))
    title = "Table 3. Improvement and events, % of those who answered, and ratios"
    return filled_table(title, heads, rows, f"{OVER_TRIALS} {RANGE}")


def primary_over_trials(found: Results) -> TextTable:
    """Return what the primary analysis estimates at each visit."""
    scenario, plan = found.scenario, found.scenario.analysis
    contrasts = planned_contrasts(plan, scenario.arms)
    name, kind = plan.primary_analysis, primary_contrast(plan.primary_analysis)
    shown = kind.removeprefix("log ") if kind in RATIOS else kind
    heads = ["", *_effect_heads(found, contrasts, shown[:1].upper() + shown[1:])]
    rows: list[tuple[str, ...]] = []
    for visit in _visits(found):
        labels = [
            (name, plan.primary_outcome, visit, contrast_label(kind, each)) for each in contrasts
        ]
        cells = _effect_cells(found, labels)
        if any(cell not in {"", "-"} for cell in cells):
            mark = " (primary)" if visit == plan.primary_visit else ""
            rows.append((f"{visit}{mark}", *cells))
    # A ratio has no unit.
    whose = scenario.primary_outcome.label
    if kind not in RATIOS:
        whose = _with_unit(found, plan.primary_outcome)
    title = f"Primary analysis: {whose}, {name}"
    return filled_table(title, heads, rows, RANGE)


def _numeric(
    found: Results, name: str, label: str, arms: list[str], visit: str
) -> Iterator[tuple[str, ...]]:
    cells = [
        mean_and_sd(found.summary("mean", name, visit, arm), found.summary("sd", name, visit, arm))
        for arm in arms
    ]
    if any(cells):
        told = mean_and_sd(found.told("mean", name, visit, ALL), found.told("sd", name, visit, ALL))
        yield (label, *_beside(cells, told))


def _beside(cells: list[str], told: str) -> tuple[str, ...]:
    """Put what was published of all participants behind the first cell."""
    return (cells[0], told, *cells[1:])


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _visits(found: Results) -> list[str]:
    return [visit.name for visit in found.scenario.trial.visits]


def _with_unit(found: Results, name: str) -> str:
    outcome = found.scenario.outcome(name)
    return f"{outcome.label}, {outcome.unit}" if outcome.unit else outcome.label


def label_of_response(scenario: Scenario, name: str) -> str:
    """Return what an outcome or a response is called: 'KOOS pain, improved by 8'."""
    for outcome in scenario.outcomes:
        if name == outcome.name:
            return outcome.label
        if name.startswith(f"{outcome.name} "):
            return f"{outcome.label}, {name.removeprefix(outcome.name).strip()}"
    return name


def _improved(found: Results, name: str, visit: str, arm: str) -> str:
    """Return how many of an arm improved, of responses on the primary outcome, and events."""
    primary = found.scenario.analysis.primary_outcome
    points = name.removeprefix(f"{primary} improved by ")
    if points != name:
        return per_cent(found.summary(f"response {points}", primary, visit, arm))
    known = {outcome.name: outcome.kind for outcome in found.scenario.outcomes}
    if known.get(name) == "binary":
        return per_cent(found.summary("mean", name, visit, arm))
    if known.get(name) == "count":
        return mean_and_sd(
            found.summary("mean", name, visit, arm), found.summary("sd", name, visit, arm)
        )
    return NONE


def _effect_heads(found: Results, contrasts: tuple[Contrast, ...], what: str) -> list[str]:
    heads = []
    for contrast in contrasts:
        compared = compared_in_labels(found.scenario.arms, contrast)
        name = what if contrast.only else f"{compared}: {what.lower()}"
        heads += [f"{name} (95% range)", f"{name}, published (95% CI)"]
    return heads


def _effect_cells(found: Results, labels: list[tuple[str, str, str, str]]) -> tuple[str, ...]:
    return tuple(
        cell for label in labels for cell in (found.effect(label), found.published_effect(label))
    )
