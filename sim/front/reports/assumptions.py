"""The parameters of a study with their sources: assumptions first, ranked by what they move."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.report.checklists.facts import study_facts
from analysis.report.checklists.words.study import kind_of_source
from analysis.report.checklists.words.study import parameters as used
from analysis.report.numbers import NONE, significant
from analysis.report.page.document import Block, Code, Grid, Paragraph, Section
from analysis.report.tables import TextTable
from scenarios.errors import InputError
from scenarios.loading.provenance import Parameter
from scenarios.loading.toml_text import toml_text
from scenarios.wording import few
from sim.front.designs.chosen_parameters import ASSUMPTION
from sim.front.designs.moved_parameters import change_text, percent_of_effect
from sim.front.reports.opened import COMPARISON, GRID, SENSITIVITY, Opened, open_folder
from sim.front.reports.sources import keys_in, value_in, varied_in
from sim.study.designs.power_grid import POWER
from sim.study.designs.sensitivity import SENSITIVITY as SENSITIVITY_FILE
from sim.study.designs.sensitivity import SIDES, Sensitivity

TITLE = "Assumptions and their sources"
OPTION = "--sensitivity"
MOST_DIGITS = 10
"""Characters of a number from which on it is rounded for the page."""
LONGEST = 160
"""Characters of a value that are shown; longer ones are in the scenario."""
HEADS = ("parameter", "value", "unit", "source", "set in")
SHOWN = 4
"""Keys that a sentence names."""


@dataclass(frozen=True)
class Ranking:
    """What parameters move, by a study of sensitivity.

    Attributes
    ----------
    found
        What the study found.
    about
        Of which scenario it is, and how that differs from the report's: the end of a sentence.
    source
        Where its numbers are from.
    """

    found: Sensitivity
    about: str
    source: str

    @cached_property
    def rows(self) -> Mapping[str, Mapping[Any, Any]]:
        """What is known of each parameter that was moved, by its key."""
        return {str(row["key"]): row for row in self.found.parameters.to_dict("records")}

    @property
    def head(self) -> str:
        """Of the column that it adds."""
        return f"moves the effect by ({self.found.outcome_unit})"

    def cell(self, key: str) -> str:
        """Return what a parameter moves: the larger of the two changes, its error, its share."""
        row = self.rows.get(key)
        if row is None:
            return NONE
        side = max(SIDES, key=lambda side: abs(row[f"effect_{side}"]))
        return f"{change_text(row, f'effect_{side}')}, {percent_of_effect(row['share'])}"

    def place(self, parameter: Parameter) -> float:
        """Return by what parameters are ranked; those that were not moved come last."""
        row = self.rows.get(parameter.key)
        return 1.0 if row is None else -float(row["largest"])


def own_ranking(opened: Opened) -> Ranking | None:
    """Return the ranking that a folder itself has: that of a study of sensitivity."""
    if opened.kind != SENSITIVITY:
        return None
    found = Sensitivity.from_dict(opened.read_json(SENSITIVITY_FILE))
    return Ranking(found, "that of this folder.", opened.traced(SENSITIVITY_FILE))


def ranking_for(opened: Opened, folder: Path) -> Ranking:
    """Return what a study of sensitivity tells of the parameters of another study.

    Parameters
    ----------
    opened
        The study that is reported.
    folder
        Of the study of sensitivity. Its scenario has the same primary outcome and visit, the same
        kind of course, and parameters in common.

    Raises
    ------
    InputError
        If it is no such study, or is of a scenario that is unlike.
    """
    other = open_folder(folder, OPTION)
    if other.kind != SENSITIVITY:
        raise InputError(
            f"{OPTION} {folder}: is a folder of {other.kind}: name one of selfback sensitivity"
        )
    mine, theirs = opened.scenario, other.scenario
    for what, own, its in (
        ("kind of course", mine.course.model, theirs.course.model),
        ("primary outcome", mine.analysis.primary_outcome, theirs.analysis.primary_outcome),
        ("primary visit", mine.analysis.primary_visit, theirs.analysis.primary_visit),
    ):
        if own != its:
            raise InputError(
                f"{OPTION} {folder}: is of {theirs.name}, whose {what} is {its!r}; that of "
                f"{mine.name} is {own!r}: name one of a scenario that is like it"
            )
    found = Sensitivity.from_dict(other.read_json(SENSITIVITY_FILE))
    keys = keys_in(opened.manifest)
    moved = set(map(str, found.parameters["key"]))
    if keys and moved.isdisjoint(keys):
        raise InputError(
            f"{OPTION} {folder}: is of {theirs.name}, no parameter of which is one of {mine.name}"
        )
    contents = [opened.study.scenario, other.study.scenario]
    differ = [key for key in keys if not _same_in(key, contents)]
    about = f"of {theirs.name} ({other.source})"
    if differ:
        values = "value" if len(differ) == 1 else "values"
        about += f", which has {len(differ)} other {values} than this study: {few(differ, SHOWN)}"
    return Ranking(found, f"{about}.", other.traced(SENSITIVITY_FILE))


def assumptions_section(opened: Opened, ranking: Ranking | None = None) -> Section:
    """Return every parameter with unit and source.

    Those that the study itself varied come first, then those that are assumptions, then the others.

    Parameters
    ----------
    opened
        The study.
    ranking
        What parameters move, by which they are ranked; None where that is not known.
    """
    known = opened.parameters
    if not known:
        told = (
            "The scenario is neither in the library nor in a file that is still as it was: its "
            "values are in the manifest, without their sources."
        )
        return Section(TITLE, [Paragraph(told)])
    parameters = used(opened.scenario, study_facts(parameters=known))
    assumed = [each for each in parameters if kind_of_source(each.source) == ASSUMPTION]
    varied = varied_in(opened.manifest, _varied(opened))
    keys = {each.key for each in varied}
    groups = {
        "Varied in this study": varied,
        "Assumptions": [each for each in assumed if each.key not in keys],
        "All other parameters": [
            each for each in parameters if each not in assumed and each.key not in keys
        ],
    }
    blocks = [Paragraph(_how_many(assumed, parameters)), *_told(opened, ranking)]
    if varied:
        shown = few([each.key for each in varied], SHOWN)
        blocks.append(Paragraph(f"What {shown} move is what this study tells, in the parts above."))
    for title, some in groups.items():
        if some:
            blocks.append(_grid(title, some, opened, ranking))
    return Section(TITLE, blocks)


def _how_many(assumed: Sequence[Parameter], parameters: Sequence[Parameter]) -> str:
    return (
        f"{len(assumed)} of {len(parameters)} parameters are assumptions: nothing published gives "
        "them."
    )


def _told(opened: Opened, ranking: Ranking | None) -> Iterator[Block]:
    """Yield what they are ranked by, or what would tell how far they move the result."""
    if ranking is None:
        yield Paragraph("How far each moves the true effect is told by the command:")
        yield Code(f"selfback sensitivity {_as_given(opened.manifest)}")
        yield Paragraph(f"With {OPTION} and its folder, this report ranks them by what each moves.")
        return
    found = ranking.found
    yield Paragraph(
        f"They are ranked by how far each moves the true effect of {found.arm} against "
        f"{found.reference}, {found.outcome_label} at {found.visit}, if it alone is moved by "
        f"{significant(100.0 * found.by, 3)}% of its value, down or up: the larger change, its "
        "Monte Carlo standard error, and its share of the effect; -: not moved. The study of "
        f"sensitivity is {ranking.about}"
    )


def _grid(title: str, some: Sequence[Parameter], opened: Opened, ranking: Ranking | None) -> Grid:
    if ranking is None:
        table = TextTable(title, HEADS, [_row(each) for each in some])
        return Grid(table, opened.source, texts=(1, 2, 3, 4), folded=True)
    rows: list[tuple[str, ...]] = []
    for each in sorted(some, key=ranking.place):
        key, *others = _row(each)
        rows.append((key, ranking.cell(key), *others))
    table = TextTable(title, (HEADS[0], ranking.head, *HEADS[1:]), rows)
    source = "; ".join(dict.fromkeys((opened.source, ranking.source)))
    return Grid(table, source, texts=(2, 3, 4, 5), folded=True)


def _row(parameter: Parameter) -> tuple[str, ...]:
    value = _shown(parameter.value)
    if isinstance(parameter.value, float) and len(value) > MOST_DIGITS:
        value = significant(parameter.value, 6)  # of a default that is computed from others
    shown = value if len(value) <= LONGEST else f"{value[: LONGEST - 3]}..."
    return parameter.key, shown, parameter.unit, parameter.source, Path(parameter.file).name


def _shown(value: Any) -> str:
    if isinstance(value, list) and None in value:  # of a design that has no such key
        return f"[{', '.join(NONE if each is None else toml_text(each) for each in value)}]"
    return toml_text(value)


def _varied(opened: Opened) -> dict[str, list[Any]]:
    """Return what a grid varied, or in what designs that are compared differ: key to values."""
    if opened.kind == GRID:
        return dict(opened.read_json(POWER)["vary"])
    if opened.kind == COMPARISON:
        designs = list(opened.manifest["designs"].values())
        keys = keys_in(opened.manifest)
        return {key: _values(key, designs) for key in keys if not _same_in(key, designs)}
    return {}


def _same_in(key: str, contents: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether scenarios, as plain data, have the same value."""
    first, *others = _values(key, contents)
    return all(value == first for value in others)


def _values(key: str, contents: Sequence[Mapping[str, Any]]) -> list[Any]:
    return [value_in(key, content) for content in contents]


def _as_given(manifest: Mapping[str, Any]) -> str:
    """Return the scenario as a command line names it, with what was set by hand."""
    words = list(manifest.get("command", ()))[1:]
    named = words[1] if len(words) > 1 else str(manifest["scenario_name"])
    changes = [words[at : at + 2] for at, word in enumerate(words[:-1]) if word == "--set"]
    return shlex.join([named, *(word for pair in changes for word in pair)])
