"""Where results are from: command, seeds, versions, files with checksums; and the assumptions."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.report.checklists.facts import study_facts
from analysis.report.checklists.words.study import kind_of_source
from analysis.report.checklists.words.study import parameters as used
from analysis.report.numbers import fixed
from analysis.report.page.document import Block, Code, Grid, Paragraph, Section
from analysis.report.tables import TextTable
from scenarios.errors import InputError
from scenarios.loading.layers import merge
from scenarios.loading.load import scenario_hash, validate
from scenarios.loading.provenance import Parameter, parameters_of
from scenarios.loading.toml_text import toml_text
from sim.front.reports.opened import Opened

ASSUMPTION = "assumption"
"""Kind of a source that says that nothing published gives the parameter."""
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
    known = parameters_in(opened)
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


def parameters_in(opened: Opened) -> tuple[Parameter, ...]:
    """Return the parameters of a study with their sources; none where no file has them any more.

    The scenario is read again as the command named it, or by its name in the library. Where that
    is not what was simulated, the sources stand for values that are the same.
    """
    manifest = opened.manifest
    for source, given in _asked(manifest):
        try:
            merged = merge(source, given)
            read = validate(merged)
        except (InputError, OSError):
            continue
        found = tuple(parameters_of(merged).values())
        if scenario_hash(read) == manifest["scenario_hash"]:
            return found
        if source == manifest["scenario_name"]:
            return tuple(each for each in found if _holds(each, opened))
    return ()


def _asked(manifest: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Return what may have been simulated: what the command names, and the library's scenario."""
    found: list[tuple[str, list[str]]] = []
    command: Sequence[str] = manifest.get("command", ())
    if len(command) > 2:
        folder, words = command[0], list(command[1:])
        changes = [words[at + 1] for at, word in enumerate(words[:-1]) if word == "--set"]
        seeds = (words[at + 1] for at, word in enumerate(words[:-1]) if word == "--seed")
        changes += [f"seed={seed}" for seed in seeds]
        changes += ["truth=true"] if "--truth" in words else []
        named = words[1]
        file = Path(folder) / named
        found.append((str(file) if named.endswith(".toml") and file.is_file() else named, changes))
    name = str(manifest["scenario_name"])
    return [*found, (name, ["truth=true"]), (name, [])]


def _holds(parameter: Parameter, opened: Opened) -> bool:
    """Return whether a parameter has in a study the value that its file has."""
    value: Any = opened.manifest["scenario"]
    for part in parameter.key.replace('"', "").split("."):
        if not isinstance(value, Mapping) or part not in value:
            return False
        value = value[part]
    return bool(value == parameter.value)


def _row(parameter: Parameter) -> tuple[str, ...]:
    value = toml_text(parameter.value)
    shown = value if len(value) <= LONGEST else f"{value[: LONGEST - 3]}..."
    return parameter.key, shown, parameter.unit, parameter.source, Path(parameter.file).name
