"""Runs side by side: what each shows, in what their scenarios differ, whether they are paired."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.contrasts.labels import name_of
from analysis.contrasts.planned import primary_labels
from analysis.replicates.paired_differences import paired_differences
from analysis.report.page.document import Block, Grid, Picture
from analysis.report.tables import TextTable
from scenarios.errors import InputError
from scenarios.loading.identity import IDENTITY
from scenarios.loading.keys import dotted
from scenarios.loading.labels import key_label
from scenarios.loading.provenance import values_in
from scenarios.loading.toml_text import toml_text
from scenarios.schema import Scenario
from sim.explore.runs import Study
from sim.explore.shown import drawing
from sim.front.designs.compare import MOST, Compared, comparison_figure
from sim.front.performance import COLUMNS, MEASURED, measure_text
from sim.front.reports.of_designs import COMPARISON_CAPTION
from sim.front.reports.opened import RUN, Opened, open_folder
from sim.front.reports.recorded import recorded
from sim.front.reports.verdicts import verdict_of_comparison
from sim.study.designs.comparison import ESTIMATE, Comparison, Design, quantities_by_contrast
from sim.study.store.place import Place

LETTERS = "ABCD"
MEAN, PRIMARY = "mean estimate", "Primary analysis"
MANY = 40
"""Keys in which scenarios differ, from which on they are shown when they are asked for."""
LONGEST = 70
"""Characters of a value that is shown."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Runs that are compared.

    Attributes
    ----------
    columns
        Letter and name of each.
    paired
        Whether they share common random numbers.
    pairing
        How far they do, in a sentence.
    verdict
        What the pairs show; '' where there are none.
    differences
        Figure and tables of the paired differences.
    measures, keys
        Tables: what each run shows, and in what the scenarios differ.
    """

    columns: Sequence[tuple[str, Study]]
    paired: bool
    pairing: str
    verdict: str
    differences: Sequence[Block]
    measures: Grid
    keys: Grid


def side_by_side(studies: Sequence[Study]) -> SideBySide:
    """Compare runs with the first of them.

    Parameters
    ----------
    studies
        Two to four, of many trials each.

    Raises
    ------
    InputError
        If there are fewer or more, one is named twice, is not finished or is of another kind.
    """
    if not 2 <= len(studies) <= MOST or len({each.name for each in studies}) < len(studies):
        raise InputError(f"choose two to {MOST} runs, each once")
    opened = [_opened(study) for study in studies]
    columns = list(zip(LETTERS, studies, strict=False))
    pairing, paired = _pairing(opened)
    blocks: list[Block] = []
    verdict = ""
    if paired:
        with drawing():
            found = _compared(columns, opened)
            verdict = verdict_of_comparison(found, opened[0].scenario)
            figure = Picture(comparison_figure(found.found), COMPARISON_CAPTION)
            blocks = [figure, *recorded(found)]
    return SideBySide(
        columns,
        paired,
        pairing,
        verdict,
        blocks,
        _measures(columns, opened),
        _keys(columns, opened),
    )


def _opened(study: Study) -> Opened:
    opened = open_folder(study.folder)
    if opened.kind != RUN:
        raise InputError(f"{study.name} is no run of many trials: it is of the kind {opened.kind}")
    return opened


def _pairing(opened: Sequence[Opened]) -> tuple[str, bool]:
    """Return in a sentence whether runs share common random numbers, and whether they do."""
    seeds = [int(each.manifest["seed"]) for each in opened]
    models = {each.scenario.course.model for each in opened}
    codes = {each.manifest.get("code_hash") for each in opened}
    outcomes = {each.scenario.analysis.primary_outcome for each in opened}
    common = _common(opened)
    no = "They do not share common random numbers"
    if len(set(seeds)) > 1:
        return f"{no}: their seeds differ ({', '.join(map(str, seeds))}).", False
    if len(models) > 1:
        return f"{no}: their courses are of different kinds ({', '.join(sorted(models))}).", False
    if not common:
        return f"{no}: none of their replicates have the same number.", False
    if len(codes) > 1:
        told = "their code differs, so that it is not known whether random numbers are the same"
        return f"Their seed is the same ({seeds[0]}), but {told}.", False
    span = f"replicates {common.start} to {common.stop - 1}"
    told = f"They share common random numbers: seed {seeds[0]}, {span}"
    if len(outcomes) > 1:
        named = " and ".join(sorted(outcomes))
        return f"{told}. Their primary outcomes differ ({named}), and are not subtracted.", False
    why = "so that differences are more precise than those of independent runs"
    return f"{told}. The same patients take part in each, {why}.", True


def _common(opened: Sequence[Opened]) -> range:
    numbers = [each.study.numbers for each in opened]
    return range(max(each.start for each in numbers), min(each.stop for each in numbers))


def _compared(columns: Sequence[tuple[str, Study]], opened: Sequence[Opened]) -> Compared:
    """Return the runs as a comparison of designs, of the replicates that all have."""
    common = _common(opened)
    values = {
        letter: pd.concat(
            quantities_by_contrast(each.study, each.scenario), names=["quantity", "replicate"]
        )
        for (letter, _), each in zip(columns, opened, strict=True)
    }
    table = pd.DataFrame(values).sort_index(level="replicate", sort_remaining=False).reset_index()
    table = table[table["replicate"].isin(common)]
    designs = tuple(
        Design(letter, (), each.scenario.model_copy(update={"name": study.name}))
        for (letter, study), each in zip(columns, opened, strict=True)
    )
    failed = {
        letter: len(each.study.failed) for (letter, _), each in zip(columns, opened, strict=True)
    }
    letters = [design.letter for design in designs]
    found = Comparison(designs, len(common), failed, paired_differences(table, letters))
    return Compared(found, Place(opened[0].study.folder))


def _measures(columns: Sequence[tuple[str, Study]], opened: Sequence[Opened]) -> Grid:
    """Return a table of what each run shows of its primary analysis."""
    facts: dict[str, list[str]] = {
        "Trials": [f"{len(each.study.numbers):,}" for each in opened],
        "Trials that failed": [str(len(each.study.failed)) for each in opened],
        "Participants": [f"{each.scenario.trial.sample_size:,}" for each in opened],
    }
    rows: list[tuple[str, ...]] = [(name, *cells) for name, cells in facts.items()]
    found = [_primary_measures(each) for each in opened]
    for contrast in dict.fromkeys(key for each in found for key in each):
        rows.append((contrast or PRIMARY, *[""] * len(opened)))
        if not contrast:
            rows.append(("  Outcome and visit", *(_primary(each.scenario) for each in opened)))
        for label in (MEAN, *COLUMNS.values()):
            cells = [each.get(contrast, {}).get(label, "-") for each in found]
            if any(cell not in {"-", "nan"} for cell in cells):
                rows.append((f"  {label[:1].upper()}{label[1:]}", *cells))
    heads = ("", *(f"{letter}: {study.name}" for letter, study in columns))
    words = {each.performance.words.in_favour for each in opened}
    notes = (
        "In brackets: Monte Carlo standard errors; of shares Wilson's 95% Monte Carlo intervals.",
        f"In favour: trials that {' or '.join(sorted(words))}.",
    )
    return Grid(TextTable("What each run shows", heads, rows, notes))


def _primary(scenario: Scenario) -> str:
    plan = scenario.analysis
    return f"{scenario.primary_outcome.label}, {plan.primary_visit} ({plan.primary_analysis})"


def _primary_measures(opened: Opened) -> dict[str, dict[str, str]]:
    """Return measures as texts by contrast, of which the only one is called ''."""
    plan, measures = opened.scenario.analysis, opened.performance.measures
    labels = primary_labels(plan, opened.scenario.arms)
    quantities = quantities_by_contrast(opened.study, opened.scenario)
    found: dict[str, dict[str, str]] = {}
    for label in labels:
        mine = measures[
            (measures["analysis"] == plan.primary_analysis)
            & (measures["visit"] == plan.primary_visit)
            & (measures["contrast"] == label)
        ]
        name = name_of(label)
        estimates = quantities[f"{ESTIMATE}, {name}" if name else ESTIMATE].dropna()
        error = estimates.sem() if len(estimates) > 1 else float("nan")
        cells = {MEAN: measure_text(ESTIMATE, estimates.mean(), error, len(estimates))}
        for row in mine.to_dict("records"):
            if row["measure"] in COLUMNS:
                measured = (row[each] for each in MEASURED)
                cells[COLUMNS[row["measure"]]] = measure_text(row["measure"], *measured)
        found[name if len(labels) > 1 else ""] = cells
    return found


def _keys(columns: Sequence[tuple[str, Study]], opened: Sequence[Opened]) -> Grid:
    """Return a table of the keys in which the scenarios differ."""
    flat = [_values(each.manifest["scenario"]) for each in opened]
    rows: list[tuple[str, ...]] = []
    for key in dict.fromkeys(key for each in flat for key in each):
        values = [each.get(key, "-") for each in flat]
        if len(set(values)) > 1:
            label = key_label(key, opened[0].manifest["scenario"])
            rows.append((key, *map(_short, values), label if label != key else ""))
    heads = ("Key", *(f"{letter}: {study.name}" for letter, study in columns), "What it is")
    notes = () if rows else ("The scenarios do not differ, whatever they are called.",)
    texts = tuple(range(1, len(heads)))
    table = TextTable("In what the scenarios differ", heads, rows, notes)
    return Grid(table, texts=texts, folded=len(rows) > MANY)


def _values(scenario: Any) -> dict[str, str]:
    """Return the values of a scenario as texts by dotted key, but for what it is called."""
    return {
        dotted(path): toml_text(value)
        for path, value in values_in(scenario)
        if value is not None and path[0] not in IDENTITY
    }


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
