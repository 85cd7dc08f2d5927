"""The report of many trials of one scenario."""

from analysis.replicates.interim_summary import LOOKS
from analysis.replicates.summary import RESULTS, summarize_study
from analysis.report.journal.flow import flow_over_trials
from analysis.report.journal.results import Results
from analysis.report.journal.tables import (
    baseline_over_trials,
    outcomes_over_trials,
    primary_over_trials,
    responses_over_trials,
)
from analysis.report.numbers import fixed
from analysis.report.page.document import Block, Grid, Paragraph, Section, folded
from analysis.report.tables import TextTable
from scenarios.people.course import MechanisticCourse
from sim.front.performance import performance
from sim.front.reports.failures import failures_section
from sim.front.reports.of_fit import validation_blocks
from sim.front.reports.opened import ESTIMATES, FLOW, SUMMARIES, Opened
from sim.front.reports.recorded import recorded
from sim.front.reports.told import Told
from sim.front.reports.verdicts import question_of_run, verdict_of_run
from sim.front.validate import validate_study

APP = {
    "adherence": "Participants with enough plans to count as adherent, %",
    "plan fit": "Fit of the plans, 0 to 1",
    "plan regret": "Fit lost against the best plan, 0 to 1",
}
"""Quantities of the table of summaries that are of the app and its recommender."""


def tell(opened: Opened) -> Told:
    """Return what a study of many trials tells.

    Raises
    ------
    InputError
        If a table is missing or damaged.
    """
    study, scenario = opened.study, opened.scenario
    tables = {name: study.read(name, coded=True) for name in RESULTS}
    summary = summarize_study(study.manifest, tables, study.get(LOOKS))
    results = Results(
        scenario,
        tables["summaries"].to_pandas(),
        tables["estimates"].to_pandas(),
        opened.targets,
    )
    sections = [
        _flow(opened),
        Section("Baseline", [Grid(baseline_over_trials(results), opened.traced(SUMMARIES))]),
        _outcomes(opened, results),
        _performance(opened),
        _validation(opened),
        _app(opened, results),
        failures_section(opened),
    ]
    return Told(
        kind=f"{summary.replicates:,} simulated trials",
        question=question_of_run(scenario),
        verdict=verdict_of_run(summary, scenario),
        sections=sections,
    )


def _flow(opened: Opened) -> Section:
    flow = opened.study["flow"].to_pandas()
    source = opened.traced(FLOW)
    tables = flow_over_trials(flow, opened.scenario.arms, opened.targets)
    return Section("Flow of participants", [Grid(table, source) for table in tables])


def _outcomes(opened: Opened, results: Results) -> Section:
    made = (primary_over_trials, outcomes_over_trials, responses_over_trials)
    tables = [table for table in (make(results) for make in made) if table.rows]
    source = opened.traced(SUMMARIES, ESTIMATES)
    return Section("Outcomes", [Grid(table, source) for table in tables])


def _performance(opened: Opened) -> Section:
    found = performance(opened.study.folder)
    files = [ESTIMATES, *(["truth.parquet"] if found.known else [])]
    blocks: list[Block] = recorded(found, opened.traced(*files))
    if not found.known:
        told = "True effects were not stored, so that there is no bias and no coverage: --truth."
        blocks.insert(0, Paragraph(told))
    return Section("Performance of the analyses", blocks)


def _validation(opened: Opened) -> Section:
    if not opened.targets:
        return Section("Published numbers", ())
    result = validate_study(opened.study.folder, write=False)
    blocks = validation_blocks(opened, result)
    return Section("Published numbers", [folded(block) for block in blocks])


def _app(opened: Opened, results: Results) -> Section:
    """Return what is known of the app's use, where there is an app."""
    scenario = opened.scenario
    if not isinstance(scenario.course, MechanisticCourse):
        return Section("App and recommender", ())
    labels = {arm.name: arm.label for arm in scenario.arms}
    rows: list[tuple[str, ...]] = []
    for quantity, label in APP.items():
        scale = 100.0 if label.endswith("%") else 1.0
        for name, arm in labels.items():
            value = results.summary(quantity, "", "", name)
            if value is not None:
                rows.append((f"{label}, {arm}", fixed(scale * value, 1 if scale > 1.0 else 3)))
    if not rows:
        return Section("App and recommender", ())
    kinds = dict.fromkeys(each.recommender.kind for each in scenario.by_arm if each.recommender)
    table = TextTable("Use of the app and its plans", ("", "mean over trials"), rows)
    blocks: list[Block] = [
        Paragraph(f"Recommender: {', '.join(kinds)}."),
        Grid(table, opened.traced(SUMMARIES)),
    ]
    return Section("App and recommender", blocks)
