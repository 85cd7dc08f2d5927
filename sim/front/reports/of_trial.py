"""The report of a single trial: its data, analysed by its plan."""

from collections.abc import Iterator
from pathlib import Path

from analysis.decision.rule import AGAINST, IN_FAVOUR
from analysis.describe.consort import published_counts
from analysis.figures.app_use import draw_app_use, draw_steps
from analysis.figures.flow import draw_flow
from analysis.report.estimates_tables import outcome_table
from analysis.report.page.document import Block, Grid, Paragraph, Picture, Section, folded
from analysis.report.report_trial import flow_tables
from scenarios.errors import InputError
from sim.front.analyse import Analysed, analyse
from sim.front.reports.opened import READERS, Opened
from sim.front.reports.recorded import recorded_by
from sim.front.reports.told import Told
from sim.front.reports.verdicts import primary_in_words


def tell(opened: Opened) -> Told:
    """Return what a single trial tells: its data are analysed again.

    Raises
    ------
    InputError
        If its data are missing, damaged, or in a format that is not read.
    """
    participants, visits = (_file(opened, name) for name in ("participants", "visits"))
    found = analyse(participants, visits, opened.scenario)
    source = opened.traced(participants.name, visits.name)
    trial: list[Block] = recorded_by(found.print_to, source)
    baseline, rest = trial[:1], trial[1:]
    remarks = [Paragraph(f"{remark}.") for remark in found.remarks]
    if found.looks:
        remarks.append(Paragraph("P values here do not allow for the plan's interim looks."))
    return Told(
        kind=f"One simulated trial, replicate {opened.manifest['first_replicate']}",
        question=f"What does this simulated trial find of {primary_in_words(opened.scenario)}?",
        verdict=_verdict(found),
        sections=[
            Section("Flow of participants", _flow(opened, found)),
            Section("Baseline", baseline),
            Section("Outcomes", [*rest, *remarks]),
            Section("App use and steps", list(_use(opened))),
        ],
    )


def _use(opened: Opened) -> Iterator[Picture]:
    """Yield figures of the app's use and of the steps, where the trial has such tables."""
    for name, draw, caption in (
        ("app_weeks", draw_app_use, "Use of the app by week since randomization."),
        ("steps", draw_steps, "Steps recorded, by week since randomization."),
    ):
        if not any(f"{name}{ending}" in opened.manifest.get("tables", {}) for ending in READERS):
            continue
        files = [_file(opened, each).name for each in (name, "participants")]
        table, participants = map(opened.read_table, files)
        if len(table):
            drawn = draw(table, participants, opened.arm_labels)
            yield Picture(drawn, caption, opened.traced(*files))


def _file(opened: Opened, name: str) -> Path:
    said = opened.manifest.get("tables", {})
    for ending in READERS:
        if f"{name}{ending}" in said:
            return opened.study.folder / f"{name}{ending}"
    raise InputError(
        f"{opened.study.folder} has no {name} in {', '.join(READERS)}: export the trial again with "
        "--export csv, parquet or dta"
    )


def _flow(opened: Opened, found: Analysed) -> list[Block]:
    file = _file(opened, "flow")
    table = opened.read_table(file.name)
    counts = {str(row["stage"]): int(row["count"]) for row in table.to_dict("records")}
    tables = flow_tables(counts, found.data, found.plan, found.analysis)
    source = opened.traced(file.name)
    drawn = draw_flow(
        table.assign(replicate=0), opened.arm_labels, published_counts(opened.targets)
    )
    blocks: list[Block] = [Picture(drawn, "CONSORT flow diagram of the trial.", source)]
    return [*blocks, *(folded(Grid(each, source)) for each in tables)]


def _verdict(found: Analysed) -> str:
    """Return what the primary analysis finds; of a family of hypotheses, which are rejected."""
    plan = found.plan
    if plan.multiplicity.procedure == "none":
        said = outcome_table(found.data, plan, found.analysis).notes
        sentences = [note for note in said if "primary analysis" in note]
        return " ".join(sentences) or "The primary analysis has no estimate."
    family = found.family
    decided = family["decision"].isin([IN_FAVOUR, AGAINST])
    rejected = [str(name) for name in family.loc[decided, "hypothesis"]]
    named = f": {', '.join(rejected)}" if rejected else ""
    return (
        f"{len(rejected)} of {len(family)} hypotheses are rejected by the procedure of the plan, "
        f"{plan.multiplicity.procedure}{named}."
    )
