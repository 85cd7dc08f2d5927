"""The report of a gate: whether the recommender has become worse."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from analysis.report.page.document import Block, Grid, Paragraph, Report, Section, Tone
from analysis.report.tables import TextTable
from scenarios.extras import PACKAGE
from scenarios.loading.load import scenario_hash
from scenarios.schema import Scenario
from sim.front.gate_results import Gate
from sim.front.reports.opened import CHANGED
from sim.front.reports.recorded import recorded
from sim.revision import git_revision
from sim.study.gate.report import effect_rows, sentence
from sim.study.store.manifest import package_versions

TONES: Mapping[str, Tone] = {"pass": "good", "fail": "bad", "inconclusive": "open"}


def gate_report(result: Gate, scenario: Scenario, file: Path) -> Report:
    """Return the report of a gate.

    Parameters
    ----------
    result
        What the gate found.
    scenario
        What was simulated.
    file
        The baseline.
    """
    found, baseline = result.found, result.baseline
    told = sentence(found, baseline)
    source = f"replicates of this gate and of {file.name}"
    effects = TextTable("Effects", ("", ""), list(effect_rows(found, baseline)))
    printed = recorded(result, source)
    first = next((at for at, each in enumerate(printed) if isinstance(each, Grid)), 0)
    # What is printed before the first table is that of the effects, and the last line the verdict.
    blocks: list[Block] = [Grid(effects, source, texts=(1,))]
    blocks += [each for each in printed[first:] if each != Paragraph(told)]
    facts = {
        "Baseline": file.name,
        "Baseline, SHA-256": baseline.sha256,
        "Scenario": scenario.name,
        "Scenario, SHA-256": scenario_hash(scenario),
        "Seed": baseline.seed,
        "Recommender": found.recommender,
        "Revision of the code": git_revision() or "not known",
        **package_versions(),
    }
    rows: list[tuple[str, ...]] = [(name, str(value)) for name, value in facts.items()]
    return Report(
        title=f"{found.recommender}: {scenario.title.partition(CHANGED)[0]}",
        kind="Gate of a recommender",
        question=f"Has the recommender become worse than in {file.name}?",
        verdict=told,
        tone=TONES[found.verdict],
        sections=(
            Section("What was tested", blocks),
            Section("Seeds and versions", [Grid(TextTable("Record", ("", ""), rows), texts=(1,))]),
        ),
        version=version(PACKAGE),
    )
