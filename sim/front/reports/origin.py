"""Where results are from: command, seeds, versions, files with checksums; and the assumptions."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.report.checklists.facts import study_facts
from analysis.report.checklists.words.study import kind_of_source
from analysis.report.checklists.words.study import parameters as used
from analysis.report.numbers import fixed, significant
from analysis.report.page.document import Block, Code, Grid, Paragraph, Section
from analysis.report.tables import TextTable
from scenarios.loading.provenance import Parameter
from scenarios.loading.toml_text import toml_text
from sim.front.reports.opened import Opened

ASSUMPTION = "assumption"
"""Kind of a source that says that nothing published gives the parameter."""
MOST_DIGITS = 10
"""Characters of a number from which on it is rounded for the page."""
LONGEST = 160
"""Characters of a value that are shown; longer ones are in the scenario."""


def origin_section(opened: Opened) -> Section:
    """Return seeds, versions, the command and the files, by which the results can be made again."""
    manifest = opened.manifest
    first, count = int(manifest["first_replicate"]), int(manifest["replicates"])
    packages: Mapping[str, str] = manifest.get("packages", {})
    facts = {
        "Scenario": manifest["scenario_name"],
        "Scenario, SHA-256": manifest["scenario_hash"],
        "Seed": manifest["seed"],
        "Replicates": f"{first} to {first + count - 1}" if count else "0",
        "Failed replicates": manifest.get("failed", 0),
        "Started": manifest["started"],
        "Seconds": fixed(float(manifest["duration"]), 0),
        "Executor": manifest.get("executor", "-"),
        "Workers": manifest.get("jobs", "-"),
        "Revision of the code": manifest.get("git_revision") or "not known",
        "Code, SHA-256": manifest.get("code_hash", "not recorded"),
        "Processor": manifest.get("processor", "not recorded"),
        "BLAS kernel": manifest.get("blas", "not recorded"),
        "Python": manifest.get("python", "-"),
        **packages,
    }
    blocks: list[Block] = []
    command = command_of(manifest)
    if command:
        blocks += [Paragraph("The command that made it:"), Code(command)]
    rows: list[tuple[str, ...]] = [(name, str(value)) for name, value in facts.items()]
    blocks.append(Grid(TextTable("Record", ("", ""), rows), texts=(1,)))
    files: list[tuple[str, ...]] = [
        (name, str(said.get("rows", "")), str(said["sha256"]))
        for name, said in manifest.get("tables", {}).items()
    ]
    if files:
        table = TextTable("Files", ("file", "rows", "SHA-256"), files)
        blocks.append(Grid(table, texts=(2,), folded=True))
    return Section("Seeds, versions and files", blocks)


def command_of(manifest: Mapping[str, Any]) -> str:
    """Return the command line that made a study; '' where it was made from Python.

    The folder in which it was given is left out: it is nobody else's.
    """
    command: Sequence[str] = manifest.get("command", ())
    return f"selfback {shlex.join(command[1:])}" if len(command) > 1 else ""


def assumptions_section(opened: Opened) -> Section:
    """Return every parameter with unit and source, those that are assumptions first."""
    known = opened.parameters
    if not known:
        told = (
            "The scenario is neither in the library nor in a file that is still as it was: its "
            "values are in the manifest, without their sources."
        )
        return Section("Assumptions and their sources", [Paragraph(told)])
    parameters = used(opened.scenario, study_facts(parameters=known))
    assumed = [each for each in parameters if kind_of_source(each.source) == ASSUMPTION]
    others = [each for each in parameters if each not in assumed]
    heads = ("parameter", "value", "unit", "source", "set in")
    blocks: list[Block] = [
        Paragraph(
            f"{len(assumed)} of {len(parameters)} parameters are assumptions: nothing published "
            "gives them. Nothing in this folder tells how far each moves the result: selfback "
            "power --vary and selfback compare do."
        )
    ]
    for title, some in (("Assumptions", assumed), ("All other parameters", others)):
        if some:
            table = TextTable(title, heads, [_row(each) for each in some])
            blocks.append(Grid(table, opened.source, texts=(1, 2, 3, 4), folded=True))
    return Section("Assumptions and their sources", blocks)


def _row(parameter: Parameter) -> tuple[str, ...]:
    value = toml_text(parameter.value)
    if isinstance(parameter.value, float) and len(value) > MOST_DIGITS:
        value = significant(parameter.value, 6)  # of a default that is computed from others
    shown = value if len(value) <= LONGEST else f"{value[: LONGEST - 3]}..."
    return parameter.key, shown, parameter.unit, parameter.source, Path(parameter.file).name
