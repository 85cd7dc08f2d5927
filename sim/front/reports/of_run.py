"""The report of many trials of one scenario."""

from collections.abc import Iterator

from analysis.contrasts.planned import primary_labels
from analysis.describe.consort import published_counts
from analysis.figures.app_use import USE, draw_use_over_trials
from analysis.figures.flow import draw_flow
from analysis.figures.means import draw_means
from analysis.figures.performance import draw_performance
from analysis.figures.zip_plot import draw_zip
from analysis.replicates.arm_means import arm_means
from analysis.replicates.interim_summary import LOOKS
from analysis.replicates.summary import RESULTS, summarize_study, visit_days
from analysis.report.journal.flow import flow_over_trials
from analysis.report.journal.results import ESTIMATE, Results
from analysis.report.journal.tables import (
    baseline_over_trials,
    outcomes_over_trials,
    primary_over_trials,
    responses_over_trials,
)
from analysis.report.numbers import fixed
from analysis.report.page.document import Block, Grid, Paragraph, Picture, Section, folded
from analysis.report.tables import TextTable
from scenarios.people.course import MechanisticCourse
from sim.front.performance import Performance
from sim.front.reports.failures import all_failed, failures_section, told_of_failures
from sim.front.reports.of_fit import validation_blocks
from sim.front.reports.opened import ESTIMATES, FLOW, SUMMARIES, Opened
from sim.front.reports.recorded import recorded
from sim.front.reports.told import Told
from sim.front.reports.verdicts import question_of_run, verdict_of_run
from sim.front.validate import validate_study
from sim.study.truth import study_estimates

_INTERVAL = ["estimate", "se", "lower", "upper"]
MOST_FIGURES = 4
"""Outcomes whose means are drawn; those of all are in Table 2."""
FLOW_CAPTION = "CONSORT flow diagram: median and range over the simulated trials."
ZIP = (
    "Zip plot: the interval of every trial, by its distance from the truth in standard errors. "
    "Where intervals are right, those above the line miss the truth."
)
USE_CAPTION = "Use of the app and of the wristband, by week since installation."
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
    if all_failed(opened):
        return told_of_failures(opened, question_of_run(scenario))
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
    drawn = draw_flow(flow, opened.arm_labels, published_counts(opened.targets))
    blocks: list[Block] = [Picture(drawn, FLOW_CAPTION, source)]
    blocks += [folded(Grid(table, source)) for table in tables]
    return Section("Flow of participants", blocks)


def _outcomes(opened: Opened, results: Results) -> Section:
    made = (primary_over_trials, outcomes_over_trials, responses_over_trials)
    tables = [table for table in (make(results) for make in made) if table.rows]
    source = opened.traced(SUMMARIES, ESTIMATES)
    blocks: list[Block] = list(_means(opened, results))
    return Section("Outcomes", [*blocks, *(Grid(table, source) for table in tables)])


def _means(opened: Opened, results: Results) -> Iterator[Picture]:
    """Yield a figure of the means of each continuous outcome, the primary one first."""
    scenario = results.scenario
    plan = scenario.analysis
    days = visit_days(opened.study.scenario)
    names = dict.fromkeys((plan.primary_outcome, *plan.continuous))
    for name in [name for name in names if name in plan.continuous][:MOST_FIGURES]:
        means = arm_means(results.summaries, name, days, results.targets)
        if means.empty:
            continue
        outcome = scenario.outcome(name)
        drawn = draw_means(means, outcome, opened.arm_labels)
        yield Picture(drawn, f"{outcome.label} by visit and arm.", opened.traced(SUMMARIES))


def _performance(opened: Opened) -> Section:
    found = opened.performance
    files = [ESTIMATES, *(["truth.parquet"] if found.known else [])]
    blocks: list[Block] = recorded(found, opened.traced(*files))
    blocks[:0] = _of_performance(opened, found)
    if not found.known:
        told = (
            "No true effects of these estimates are stored, so that there is no bias and no "
            "coverage: --truth keeps those of differences, not of ratios."
        )
        blocks.insert(0, Paragraph(told))
    return Section("Performance of the analyses", blocks)


def _of_performance(opened: Opened, found: Performance) -> Iterator[Picture]:
    """Yield figures of rejections, coverage and bias, and of the intervals of the primary test."""
    plan = opened.scenario.analysis
    outcome = opened.scenario.primary_outcome
    drawn = draw_performance(
        found.measures, title=outcome.label, unit=outcome.unit, alpha=plan.alpha,
        confidence=plan.confidence,
    )  # fmt: skip
    caption = "Rejections, coverage and bias of each analysis, with 95% Monte Carlo intervals."
    yield Picture(drawn, caption, opened.traced(ESTIMATES))
    if not found.known:
        return
    estimates, truth = study_estimates(opened.study)
    for label in primary_labels(plan, opened.scenario.arms):
        wanted = (plan.primary_analysis, plan.primary_outcome, plan.primary_visit, label)
        mine = (estimates[ESTIMATE] == list(wanted)).all(axis=1) & truth.notna()
        mine &= estimates[_INTERVAL].notna().all(axis=1) & (estimates["se"] > 0.0)
        if not mine.any():
            continue
        title = ", ".join(wanted)
        drawn = draw_zip(
            estimates[mine], truth[mine], title=title, unit=outcome.unit, confidence=plan.confidence
        )
        yield Picture(drawn, ZIP, opened.traced(ESTIMATES, "truth.parquet"))


def _validation(opened: Opened) -> Section:
    if not opened.targets:
        return Section("Published numbers", ())
    result = validate_study(opened.study.folder, write=False)
    blocks = validation_blocks(opened, result)
    return Section("Published numbers", [folded(block) for block in blocks])


def _app(opened: Opened, results: Results) -> Section:
    """Return what is known of the use of app and wristband, where there is one."""
    scenario = opened.scenario
    if not isinstance(scenario.course, MechanisticCourse):
        return Section("App and recommender", ())
    rows: list[tuple[str, ...]] = []
    for quantity, label in APP.items():
        scale = 100.0 if label.endswith("%") else 1.0
        for name, arm in opened.arm_labels.items():
            value = results.summary(quantity, "", "", name)
            if value is not None:
                rows.append((f"{label}, {arm}", fixed(scale * value, 1 if scale > 1.0 else 3)))
    blocks: list[Block] = []
    kinds = dict.fromkeys(each.recommender.kind for each in scenario.by_arm if each.recommender)
    if kinds:
        blocks.append(Paragraph(f"Recommender: {', '.join(kinds)}."))
    source = opened.traced(SUMMARIES)
    if results.summaries["quantity"].isin(USE).any():
        drawn = draw_use_over_trials(results.summaries, opened.arm_labels)
        blocks.append(Picture(drawn, USE_CAPTION, source))
    if rows:
        table = TextTable("Use of the app and its plans", ("", "mean over trials"), rows)
        blocks.append(Grid(table, source))
    return Section("App and recommender", blocks)
