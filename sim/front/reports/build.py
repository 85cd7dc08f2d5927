"""Builds the report of a results folder."""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

from analysis.report.page.document import Report
from scenarios.extras import PACKAGE
from sim.front.reports import of_designs, of_fit, of_patients, of_run, of_trial
from sim.front.reports.assumptions import assumptions_section, own_ranking, ranking_for
from sim.front.reports.checklists import checklists_section
from sim.front.reports.opened import (
    ASSURANCE,
    CALIBRATION,
    COMPARISON,
    COMPONENTS,
    GRID,
    RUN,
    SEARCH,
    SENSITIVITY,
    SUBGROUPS,
    TRIAL,
    VALIDATION,
    Opened,
    open_folder,
)
from sim.front.reports.origin import origin_section
from sim.front.reports.told import Told

BUILDERS: Mapping[str, Callable[[Opened], Told]] = {
    RUN: of_run.tell,
    TRIAL: of_trial.tell,
    GRID: of_designs.tell_grid,
    SEARCH: of_designs.tell_search,
    COMPARISON: of_designs.tell_comparison,
    ASSURANCE: of_designs.tell_assurance,
    SENSITIVITY: of_designs.tell_sensitivity,
    VALIDATION: of_fit.tell_validation,
    CALIBRATION: of_fit.tell_calibration,
    COMPONENTS: of_patients.tell_components,
    SUBGROUPS: of_patients.tell_subgroups,
}


def build_report(folder: Path, sensitivity: Path | None = None) -> Report:
    """Return the report of a results folder.

    Parameters
    ----------
    folder
        Of any kind of study, or of a single trial.
    sensitivity
        Folder of a study of sensitivity, by which assumptions are ranked; None to rank them only in
        the report of such a study.

    Raises
    ------
    InputError
        If one is no such folder, is not finished, or is damaged, or they are of scenarios that are
        unlike.
    """
    opened = open_folder(folder)
    ranking = own_ranking(opened) if sensitivity is None else ranking_for(opened, sensitivity)
    told = BUILDERS[opened.kind](opened)
    return Report(
        title=told.title or opened.scenario.title,
        kind=told.kind,
        question=told.question,
        verdict=told.verdict,
        tone=told.tone,
        sections=(
            *told.sections,
            checklists_section(opened, told.results),
            assumptions_section(opened, ranking),
            origin_section(opened),
        ),
        version=version(PACKAGE),
    )
