"""Reports of how a scenario fits published numbers: validation and calibration."""

from collections.abc import Iterator

from analysis.figures.fit import draw_calibration, draw_pseudo_trials, draw_validation
from analysis.report.numbers import significant
from analysis.report.page.document import Block, Grid, Paragraph, Picture, Section
from analysis.report.print_calibration import (
    informing_table,
    parameters_table,
    print_confounded,
    print_fit,
    worst_table,
)
from analysis.report.tables import TextTable
from sim.front.calibrate import PSEUDO_TRIALS, SUMMARY
from sim.front.reports.failures import all_failed, failures_section, told_of_failures
from sim.front.reports.opened import ESTIMATES, FLOW, SUMMARIES, Opened
from sim.front.reports.recorded import recorded_by
from sim.front.reports.told import Told
from sim.front.reports.verdicts import (
    question_of_validation,
    verdict_of_calibration,
    verdict_of_validation,
)
from sim.front.validate import Validated, validate_study

IDENTIFICATION, TARGETS = "identification.csv", "targets.csv"
VALIDATION_CAPTION = (
    "Published numbers beside simulated ones: z = (published - simulated) / SD over the trials."
)
PSEUDO_CAPTION = (
    "Pseudo-trials, whose parameters are known: curves of right posteriors stay in the band."
)
CALIBRATION_CAPTION = (
    "Priors and posteriors of the parameters, and published numbers beside simulated ones."
)


def tell_validation(opened: Opened) -> Told:
    """Return what a validation tells.

    Raises
    ------
    InputError
        If a table is missing or damaged.
    """
    if all_failed(opened):
        question = f"Do simulated trials give what was published of {opened.scenario.title}?"
        return told_of_failures(opened, question)
    result = validate_study(opened.study.folder, write=False)
    found = result.found
    return Told(
        kind=f"Validation, {found.replicates:,} simulated trials",
        question=question_of_validation(found),
        verdict=verdict_of_validation(found),
        sections=[
            Section("Published numbers", validation_blocks(opened, result)),
            failures_section(opened),
        ],
        results=found.to_dict(),
    )


def validation_blocks(opened: Opened, result: Validated) -> list[Block]:
    """Return published numbers beside simulated ones, without the title that is printed."""
    source = opened.traced(FLOW, SUMMARIES, ESTIMATES)
    blocks = recorded_by(result.print_to, source)
    told = [block for block in blocks if block != Paragraph(result.found.title)]
    title = f"{result.found.title} ({result.found.replicates} simulated trials)"
    return [Picture(draw_validation(result.targets, title), VALIDATION_CAPTION, source), *told]


def tell_calibration(opened: Opened) -> Told:
    """Return what a calibration tells.

    Raises
    ------
    InputError
        If a file is missing or damaged.
    """
    content = opened.read_json(SUMMARY)
    source = opened.traced(SUMMARY)
    targets, parameters = opened.read_table(TARGETS), opened.read_table(IDENTIFICATION)
    rows: list[tuple[str, ...]] = []
    for row in targets.to_dict("records"):
        study = f" ({row['study']})" if isinstance(row["study"], str) else ""
        numbers = (significant(row[name], 4) for name in ("published", "before", "fitted", "z"))
        rows.append((f"{row['label']}{study}", *numbers))
    heads = ("", "published", "at the prior mean", "fitted", "z")
    drawn = draw_calibration(parameters, targets)
    blocks = [
        Picture(drawn, CALIBRATION_CAPTION, opened.traced(IDENTIFICATION, TARGETS)),
        *recorded_by(lambda console: print_fit(content, console), source),
        Grid(parameters_table(content), source, texts=(4,)),
        *recorded_by(lambda console: print_confounded(content, console), source),
        *_pseudo_trials(opened),
        Grid(worst_table(content), source),
        Grid(TextTable("All targets", heads, rows), opened.traced(TARGETS), folded=True),
        Grid(informing_table(content), source, texts=(1,), folded=True),
    ]
    return Told(
        kind=f"Calibration, {content['replicates_simulated']:,} simulated trials",
        question=f"Which parameters of {opened.scenario.name} do the published numbers tell?",
        verdict=verdict_of_calibration(content),
        tone="good" if content["converged"] else "open",
        sections=[Section("Parameters and fit", blocks)],
    )


def _pseudo_trials(opened: Opened) -> Iterator[Block]:
    """Yield how often posteriors hold known parameters; older folders do not have it."""
    name = f"{PSEUDO_TRIALS}.csv"
    if name in opened.manifest.get("tables", {}):
        drawn = draw_pseudo_trials(opened.read_table(name))
        yield Picture(drawn, PSEUDO_CAPTION, opened.traced(name))
