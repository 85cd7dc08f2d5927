"""Makes the codebook of some tables: a row a column, as CSV and to be read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from pyarrow import csv

from agents.instruments import ITEMS
from agents.instruments.eq_5d import LEVELS
from agents.instruments.questionnaires import QUESTIONNAIRES
from analysis.report.markdown import markdown_table
from scenarios.design.covariates import Covariate, covariates_by_name
from scenarios.design.outcomes import Outcome
from scenarios.people.instruments import INSTRUMENT_SCALES
from scenarios.schema import Scenario
from sim.tables.codebook import of_app, of_results, of_trial, of_truth
from sim.tables.codebook.described import OPENING, Column, Described

CODEBOOK = "codebook.csv"
PAGE = "codebook.md"
IN_FILE = "name_in_file"
DESCRIBED = {
    table.name: table
    for table in (*of_trial.TABLES, *of_app.TABLES, *of_truth.TABLES, *of_results.TABLES)
}
"""All tables by name."""
_WITH_VISITS = {
    "visits": ("baseline",), "truth/missingness": (), "truth/potential_outcomes": (),
    "truth/effects": (), "truth": (),
}  # fmt: skip
"""Tables with a row a visit, and the visits they have before the follow-ups."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the codebook says of a column; see :class:`.described.Column`."""

    table: str
    row_is: str
    column: str
    meaning: str
    unit: str
    codes: str
    day_0: str


class Exported(NamedTuple):
    """What a column is called in a file that cannot have its name, and its codes there."""

    name: str
    codes: str


def describe(table: str) -> Described:
    """Return what is said of a table.

    Raises
    ------
    KeyError
        If there is none of this name.
    """
    return DESCRIBED[table]


def codebook(tables: Mapping[str, Iterable[str]], scenario: Scenario) -> list[Entry]:
    """Return an entry for each column of some tables, in their order.

    Parameters
    ----------
    tables
        Name to names of columns.
    scenario
        Whose trial they are of.

    Raises
    ------
    KeyError
        If nothing is known of a table or column.
    """
    declared, entries = _declared(scenario), []
    for name, columns in tables.items():
        table = describe(name)
        for column in columns:
            found = _in(scenario, name, table.column(column) or declared[column])
            entries.append(
                Entry(name, table.row, column, found.meaning, found.unit, found.codes, found.day_0)
            )
    return entries


def _in(scenario: Scenario, table: str, column: Column) -> Column:
    """Return a column with the codes, and the day 0, that it has in a scenario."""
    if column.name == "installed_day" and " the wristband" in _never_received(scenario):
        column = replace(column, meaning="first whole day with the app; missing: none")
    if column.day_0 == OPENING:
        return replace(column, day_0=f"{OPENING}, {scenario.trial.opens.isoformat()}")
    if column.name == "arm":
        everybody = ("all",) if table == "summaries" else ()
        return replace(column, codes=", ".join((*scenario.arm_names, *everybody)))
    if column.name == "visit" and table in _WITH_VISITS:
        visits = [visit.name for visit in scenario.trial.visits]
        return replace(column, codes=", ".join((*_WITH_VISITS[table], *visits)))
    if table == "events" and column.name == "what":
        never = _never_received(scenario)
        happens = [code for code in column.codes.split("; ") if not code.endswith(never)]
        return replace(column, codes="; ".join(happens))
    if column.name == "withdrawal_reason":
        reasons = dict.fromkeys(r for arm in scenario.follow_ups for r in arm.withdrawal_reasons)
        return replace(column, codes="; ".join(reasons))
    return column


def _never_received(scenario: Scenario) -> tuple[str, ...]:
    """Return how events end that cannot happen: no arm is given an app, or a wristband alone."""
    band_alone = any(given.wristband and not given.app for given in scenario.given)
    return (
        *(() if scenario.app is not None and scenario.app_arms else (" the app",)),
        *(() if band_alone else (" the wristband",)),
    )


def write_codebook(
    folder: Path,
    tables: Mapping[str, Iterable[str]],
    scenario: Scenario,
    exported: Mapping[tuple[str, str], Exported] | None = None,
) -> None:
    """Write the codebook of some tables into their folder, as a table and as a page.

    Parameters
    ----------
    folder, tables, scenario
        Where to; what of, see :func:`codebook`.
    exported
        Table and column to what is otherwise in its file; then there is a column ``name_in_file``.
    """
    entries = codebook(tables, scenario)
    own = exported or {}
    entries = [
        replace(entry, codes=own[entry.table, entry.column].codes) if own else entry
        for entry in entries
    ]
    names = [own[entry.table, entry.column].name for entry in entries] if own else None
    write_entries(folder, entries, scenario, names)


def write_entries(
    folder: Path, entries: Sequence[Entry], scenario: Scenario, names: Sequence[str] | None = None
) -> None:
    """Write entries of a codebook, as a table and as a page.

    Parameters
    ----------
    folder, scenario
        Where to, and whose trial the tables are of.
    entries
        A row each, those of a table together.
    names
        What each column is called in its file, where that is another name.
    """
    heads = [field.name for field in fields(Entry)]
    texts = [pa.array(column, pa.string()) for column in zip(*map(astuple, entries), strict=True)]
    book = pa.table(texts, names=heads)
    if names is not None:
        book = book.add_column(heads.index("meaning"), IN_FILE, pa.array(names, pa.string()))
    csv.write_csv(book, folder / CODEBOOK)
    (folder / PAGE).write_text(_page(entries, scenario, names), encoding="utf-8")


def _page(entries: Sequence[Entry], scenario: Scenario, names: Sequence[str] | None) -> str:
    parts = [f"# Codebook: {scenario.title}"]
    in_file = () if names is None else ("name in the file",)
    for name in dict.fromkeys(entry.table for entry in entries):
        rows = []
        for number, entry in enumerate(entries):
            if entry.table == name:
                called = [] if names is None else [f"`{names[number]}`"]
                texts = (text.replace("|", "\\|") for text in astuple(entry)[3:])
                rows.append((f"`{entry.column}`", *called, *texts))
        table = DESCRIBED.get(name)
        row = next(entry.row_is for entry in entries if entry.table == name)
        more = f" There is {table.more}." if table is not None and table.more else ""
        parts += [
            f"## {name}",
            f"A row is {row}.{more}",
            markdown_table(("column", *in_file, "meaning", "unit", "codes", "day 0"), rows),
        ]
    return "\n\n".join(parts) + "\n"


def _declared(scenario: Scenario) -> dict[str, Column]:
    """Return what a scenario declares: covariates, outcomes, and the items behind these."""
    found = {
        name: _covariate(covariate, scenario.levels.get(name, ()))
        for name, covariate in covariates_by_name(scenario.covariates).items()
    }
    found |= {outcome.name: _outcome(outcome) for outcome in scenario.outcomes}
    # Whatever is declared, a mechanistic course simulates all of its instruments.
    for name, scale in INSTRUMENT_SCALES.items():
        found.setdefault(name, Column(name, name, "points", _range(scale.low, scale.high)))
    for name, codes in ITEMS.items():
        label = next((o.label for o in scenario.outcomes if o.name == name), name)
        found |= {code: _item(name, label, code) for code in codes}
    return found


def _covariate(covariate: Covariate, levels: tuple[str, ...]) -> Column:
    codes = _range(covariate.low, covariate.high) if covariate.is_number else ", ".join(levels)
    return Column(covariate.name, covariate.label, covariate.unit, codes)


def _outcome(outcome: Outcome) -> Column:
    codes = "0, 1" if outcome.kind == "binary" else _range(outcome.low, outcome.high)
    meaning = f"{outcome.label}, {outcome.direction}"
    if not outcome.has_baseline:
        meaning += ", not asked at baseline"
    return Column(outcome.name, meaning, outcome.unit, codes)


def _item(outcome: str, label: str, code: str) -> Column:
    questionnaire = QUESTIONNAIRES.get(outcome)
    which = code.removeprefix(f"{outcome}_")
    if questionnaire is None:
        dimension = which.replace("_", " ")
        return Column(code, f"{label}: {dimension}", "", f"1 (no problem) to {LEVELS}")
    turned = ", reversed in scoring" if int(which) in questionnaire.reversed_numbers else ""
    codes = f"{questionnaire.lowest} to {questionnaire.highest}"
    return Column(code, f"{label}: item {int(which)}, as given{turned}", "", codes)


def _range(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    if low is None or high is None:
        return f"at most {high:g}" if low is None else f"at least {low:g}"
    return f"{low:g} to {high:g}"
