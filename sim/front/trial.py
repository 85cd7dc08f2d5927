"""``trial``: one simulated trial, analysed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from analysis.figures.drawn import save
from analysis.figures.formats import DEFAULT_FORMAT, figure_file
from analysis.figures.lives.patients import draw_patients
from analysis.replicates.summary import visit_days
from analysis.report.print_looks import print_held
from analysis.report.report_trial import print_table, print_trial
from scenarios.errors import InputError
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.export.formats import DEFAULT, check_format
from sim.export.write import write_export
from sim.front.results import Frames, HasFrames, Shown
from sim.front.scenario import Source
from sim.front.scenario import scenario as read_scenario
from sim.recommenders.own import try_out
from sim.replicates.analysed import AnalysedTrial, run_trial
from sim.study.setting import HERE, known_format
from sim.study.store.folder import new_folder
from sim.study.store.manifest import describe_run
from sim.study.store.manifest_file import write_manifest
from sim.study.store.tables import table_checksums
from sim.tables.care_tables import care_by_arm, care_summary
from sim.tables.recorded_course import recorded_table
from sim.tables.trial_tables import flow_counts
from sim.tables.truth_tables import TRUTH, drawn_tables

PATIENTS = "patients"
DRAWN_OF_EACH_ARM, DRAWN = 6, 24
"""Participants in the figure, at most: of each arm, and in all but for one of each arm."""


@dataclass(frozen=True)
class Trial(Shown, HasFrames):
    """A simulated trial with its analysis.

    Its tables are its attributes, as DataFrames: ``participants``, ``visits``, ``estimates``,
    ``summaries``, ``flow``, ``events`` and whatever else the scenario has; see ``tables``. Where
    the scenario asks for the truth, ``truth`` has what no trial has: ``truth.potential_outcomes``,
    ``truth.effects``, ``truth.missingness`` and others.

    Attributes
    ----------
    scenario, replicate
        What was simulated.
    tables
        All tables by name.
    analysed
        The trial and its analysis as the simulation has them.
    figure_format
        Of the figure that is saved with the data.
    """

    scenario: Scenario
    replicate: int
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    analysed: AnalysedTrial = field(repr=False)
    figure_format: str = DEFAULT_FORMAT

    @property
    def drawn(self) -> str:
        """The figure that is saved with the data, '' where there is none."""
        if not isinstance(self.scenario.course, MechanisticCourse):
            return ""
        file = figure_file(PATIENTS, self.figure_format)
        return f"{file} of {len(_some_of_each_arm(self.analysed))} participants"

    def print_to(self, console: Console) -> None:
        """Print what the course gives, the flow and Tables 1 to 3."""
        found = self.analysed
        recorded = recorded_table(self.scenario)
        if recorded.rows:
            print_table(recorded, console)
        flow = flow_counts(found.trial)
        print_trial(
            found.data, self.scenario.analysis, found.analysis, found.checks, flow, console,
            found.family_of_looks,
        )  # fmt: skip
        care = care_summary(found.trial)
        if care.rows:
            print_table(care, console)
        if found.looks is not None:
            print_held(found.looks.contrasts, self.scenario.analysis, console)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        tables = self.analysed.analysis_tables()
        return {
            "scenario": self.scenario.name,
            "seed": self.scenario.seed,
            "replicate": self.replicate,
            "flow": flow_counts(self.analysed.trial),
            "estimates": tables["estimates"].to_pylist(),
            "looks": tables["looks"].to_pylist() if "looks" in tables else [],
            "summaries": tables["summaries"].to_pylist(),
            "care": [each.to_dict() for each in care_by_arm(self.analysed.trial)],
            **({"family": tables["family"].to_pylist()} if "family" in tables else {}),
        }


def trial(
    scenario: Source,
    replicate: int = 0,
    *,
    out: str | Path | None = None,
    export: str = DEFAULT,
    figure_format: str = DEFAULT_FORMAT,
    overwrite: bool = False,
) -> Trial:
    """Simulate and analyse one trial.

    Parameters
    ----------
    scenario
        See :func:`sim.front.scenario.scenario`.
    replicate
        Its number, from 0: another number is another trial of the same scenario.
    out, overwrite
        A folder to make for its data, a codebook and a figure of some participants, and whether to
        replace one. What no trial has is in ``truth`` within it.
    export
        Format of the data: ``"parquet"``, ``"csv"``, ``"dta"`` (Stata), ``"xpt"`` (SAS transport)
        or ``"adam"`` (ADaM-like datasets with a define.xml); see docs/guides/exports.md.
    figure_format
        Of the figure: ``"svg"``, ``"pdf"`` or ``"png"``.

    Raises
    ------
    InputError
        If the scenario is not valid, the format is unknown or needs a package that is not
        installed, the folder cannot be written, or the recommender cannot be reached.
    RecommenderError
        If a recommender of one's own fails in the trial.
    """
    read = read_scenario(scenario)
    if replicate < 0:
        raise InputError(f"replicate = {replicate} is not allowed: must be at least 0")
    check_format(export)
    known_format(figure_format)
    try_out(read)
    if out is None:
        found = run_trial(read, replicate)
        return Trial(read, found.trial.replicate, Frames(found.tables()), found, figure_format)
    started = datetime.now(tz=UTC)
    with new_folder(Path(out), overwrite=overwrite) as folder:
        found = run_trial(read, replicate)
        tables = found.tables()
        write_export(folder, tables, found, export)
        manifest = describe_run(
            read, first=replicate, replicates=1, started=started, failed=0,
            executor=HERE.name, jobs=HERE.jobs, tables=table_checksums(folder),
        )  # fmt: skip
        write_manifest(folder, manifest, sync=False)
        drawn = {f"{TRUTH}{name}": table for name, table in drawn_tables(found.trial).items()}
        if drawn:
            days = visit_days(read.model_dump(mode="json"))
            figure = draw_patients({**tables, **drawn}, _some_of_each_arm(found), days)
            save(figure, folder / figure_file(PATIENTS, figure_format))
    return Trial(read, found.trial.replicate, Frames(tables), found, figure_format)


def _some_of_each_arm(found: AnalysedTrial) -> list[int]:
    """Return the first participants of each arm, in order of randomization."""
    data = found.data
    each = min(DRAWN_OF_EACH_ARM, max(DRAWN // len(data.arms), 1))
    first = [data.participant[members][:each] for members in data.members_by_arm().values()]
    return sorted(int(participant) for arm in first for participant in arm)
