"""Reports of studies that ask about designs: power, size, comparison, assurance, sensitivity."""

from analysis.replicates.power import PowerCurve
from analysis.report.numbers import fixed, signed
from analysis.report.page.document import Grid, Paragraph, Picture, Section
from sim.front.designs.compare import comparison_figure
from sim.front.designs.moved_parameters import further_tables, moved_table, remarks
from sim.front.designs.power import power_figure
from sim.front.designs.sample_size import search_figure
from sim.front.designs.sensitivity import sensitivity_figure
from sim.front.reports.opened import Opened
from sim.front.reports.recorded import recorded
from sim.front.reports.reread import (
    assurance_result,
    comparison_result,
    power_result,
    search_result,
    sensitivity_result,
)
from sim.front.reports.told import Told
from sim.front.reports.verdicts import (
    primary_in_words,
    question_of_comparison,
    question_of_grid,
    question_of_search,
    question_of_sensitivity,
    verdict_of_comparison,
    verdict_of_grid,
    verdict_of_search,
    verdict_of_sensitivity,
)
from sim.study.designs.assurance import ASSURANCE
from sim.study.designs.comparison import COMPARISON, PAIRED
from sim.study.designs.power_grid import POWER, TRIALS
from sim.study.designs.sensitivity import EFFECTS, SENSITIVITY
from sim.study.designs.size_search import SEARCH

POWER_CAPTION = "Power and type I error with 95% Monte Carlo intervals."
SEARCH_CAPTION = (
    "Trials of the search, the curve of power through them with its 95% band, and the verification."
)
SENSITIVITY_CAPTION = (
    "Changes of the true effect with 95% Monte Carlo intervals, on common random numbers; below "
    "each parameter its value, and those that it is moved to."
)
COMPARISON_CAPTION = "Differences with 95% Monte Carlo intervals, on common random numbers."


def tell_grid(opened: Opened) -> Told:
    """Return what power over a grid tells.

    Raises
    ------
    InputError
        If a file is missing or damaged.
    """
    content = opened.read_json(POWER)
    found = power_result(opened, content)
    cells = len({str(cell.point) for cell in found.grid.cells})
    source = opened.traced(TRIALS, POWER)
    picture = Picture(power_figure(found.grid, opened.scenario), POWER_CAPTION, source)
    noun = "cells" if cells > 1 else "cell"
    return Told(
        kind=f"Power, {cells} {noun} of {found.grid.replicates:,} trials",
        question=question_of_grid(found, opened.scenario),
        verdict=verdict_of_grid(found, opened.scenario),
        sections=[Section("Power", [picture, *recorded(found, source)])],
        title=opened.base_title,
        results=content,
    )


def tell_search(opened: Opened) -> Told:
    """Return what a search for a sample size tells.

    Raises
    ------
    InputError
        If a file is missing or damaged.
    """
    content = opened.read_json(SEARCH)
    found = search_result(opened, content)
    checked, source = found.answer.verified.replicates, opened.traced(TRIALS, SEARCH)
    curve = PowerCurve.from_dict(content["curve"])
    drawn = search_figure(found.name, found.question, found.answer, curve)
    told = recorded(found, source)
    return Told(
        kind=f"Sample size, {found.answer.trials:,} trials and {checked:,} to verify",
        question=question_of_search(found, opened.scenario),
        verdict=verdict_of_search(found),
        sections=[Section("Search", [Picture(drawn, SEARCH_CAPTION, source), *told])],
        title=opened.base_title,
        results=content,
    )


def tell_comparison(opened: Opened) -> Told:
    """Return what a comparison of designs tells.

    Raises
    ------
    InputError
        If a file is missing or damaged.
    """
    content = opened.read_json(COMPARISON)
    found = comparison_result(opened, content)
    first, *others = found.found.designs
    names = ", ".join(f"{design.label}" for design in others)
    source = opened.traced(PAIRED, COMPARISON)
    picture = Picture(comparison_figure(found.found), COMPARISON_CAPTION, source)
    return Told(
        kind=f"Comparison of {len(found.found.designs)} designs, {found.found.replicates:,} trials "
        "of each",
        question=question_of_comparison(found),
        verdict=verdict_of_comparison(found, opened.scenario),
        sections=[Section("Differences", [picture, *recorded(found, source)])],
        title=f"{names}, against {first.label}",
        results=content,
    )


def tell_assurance(opened: Opened) -> Told:
    """Return what assurance tells.

    Raises
    ------
    InputError
        If a file is missing or damaged.
    """
    result = assurance_result(opened)
    found, scenario = result.found, opened.scenario
    return Told(
        kind=f"Assurance, {found.sets:,} parameter sets of {found.each} trials",
        question=(
            f"How probable is success with {scenario.trial.sample_size} participants, of "
            f"{primary_in_words(scenario)}, with parameters as uncertain as the calibration leaves "
            "them?"
        ),
        verdict=(
            f"The probability of success is {fixed(100.0 * found.assurance, 1)}% (Monte Carlo "
            f"standard error {fixed(100.0 * found.assurance_error, 1)}); at the scenario's own "
            f"parameters the power is {fixed(100.0 * found.power, 1)}%, a difference of "
            f"{signed(100.0 * found.difference, 1)} percentage points "
            f"({fixed(100.0 * found.difference_error, 1)})."
        ),
        sections=[Section("Assurance", recorded(result, opened.traced(ASSURANCE)))],
    )


def tell_sensitivity(opened: Opened) -> Told:
    """Return which parameters move the effect.

    Raises
    ------
    InputError
        If a file is missing or damaged.
    """
    content = opened.read_json(SENSITIVITY)
    found = sensitivity_result(opened, content).found
    source = opened.traced(EFFECTS, SENSITIVITY)
    return Told(
        kind=f"Sensitivity, {len(found.parameters)} parameters moved one at a time",
        question=question_of_sensitivity(found),
        verdict=verdict_of_sensitivity(found),
        sections=[
            Section(
                "What moves the effect",
                [
                    Picture(sensitivity_figure(found), SENSITIVITY_CAPTION, source),
                    Grid(moved_table(found), source, texts=(1,)),
                    *map(Paragraph, remarks(found)),
                    *(
                        Grid(each, source, texts=(1,), folded=True)
                        for each in further_tables(found)
                    ),
                ],
            )
        ],
        title=opened.base_title,
        results=content,
    )
