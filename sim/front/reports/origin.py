"""Where results are from: command, seeds, versions, files with checksums."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.report.numbers import fixed
from analysis.report.page.document import Block, Code, Grid, Paragraph, Section
from analysis.report.tables import TextTable
from sim.front.reports.opened import Opened


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
