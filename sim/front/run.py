"""``run``: many trials of one scenario, and what they show."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar, Unpack

import pandas as pd
from rich.console import Console

from analysis.figures.drawn import save
from analysis.figures.formats import figure_file
from analysis.figures.summary import draw_study
from analysis.replicates.interim_summary import LOOKS
from analysis.replicates.summary import RESULTS, StudySummary, summarize_study
from analysis.report.print_summary import print_summary
from scenarios.schema import Scenario
from sim.front.performance import Performance, performance
from sim.front.results import Frames, HasFrames, Saved, Shown
from sim.front.scenario import Source
from sim.front.scenario import scenario as read_scenario
from sim.front.validate import Validated, validate_study
from sim.study.runner import run_shown
from sim.study.setting import How, set_up
from sim.study.store.folder import write_json
from sim.study.store.place import Place
from sim.study.store.reading import KeptStudy
from sim.study.until import Until, check_asked

SUMMARY, FIGURE = "summary.json", "summary"


@dataclass(frozen=True)
class Run(Shown, Saved, HasFrames):
    """Many simulated and analysed trials.

    Its tables are its attributes, as DataFrames with a column ``replicate``: ``estimates``,
    ``summaries``, ``flow``, ``failures`` and what else the scenario asks for.

    Attributes
    ----------
    scenario, replicates
        What was simulated.
    failed, first_failure
        How many replicates failed, each a row of ``failures``; the reason of the first.
    place
        Where it is; see ``directory``.
    """

    made: ClassVar[tuple[str, ...]] = ("tables", SUMMARY)
    figures: ClassVar[tuple[str, ...]] = (FIGURE,)

    scenario: Scenario
    replicates: int
    failed: int
    first_failure: str
    place: Place = field(repr=False)

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """All tables by name."""
        return Frames(KeptStudy(self.directory))

    @cached_property
    def summary(self) -> StudySummary:
        """The results beside the published ones."""
        return _summary(self.directory)

    def performance(self, outcome: str | None = None) -> Performance:
        """Return how each analysis performs on an outcome, the primary one by default."""
        return performance(self.directory, outcome)

    def validation(self) -> Validated:
        """Put every published number beside its simulated distribution."""
        return replace(validate_study(self.directory, write=False), place=self.place)

    def print_to(self, console: Console) -> None:
        """Print the summary."""
        print_summary(self.summary, console)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return {"directory": self.where, **self.summary.to_dict()}


def run(
    scenario: Source,
    replicates: int = 200,
    *,
    until_mcse: Mapping[str, float] | None = None,
    **how: Unpack[How],
) -> Run:
    """Simulate and analyse a trial many times.

    Parameters
    ----------
    scenario
        See :func:`sim.front.scenario.scenario`.
    replicates
        Number of trials; with ``until_mcse`` the most there may be.
    until_mcse
        Measure to the Monte Carlo standard error at which the study may end,
        ``{"power": 0.005, "coverage": 0.005}``: of the primary analysis at the primary visit. See
        :mod:`analysis.replicates.precision`.
    how
        ``jobs``, ``out`` and more: see :class:`sim.study.setting.How`. With ``out`` the tables, a
        summary and a figure are saved there.

    Raises
    ------
    InputError
        If the scenario is not valid, the folder cannot be written, the executor or the recommender
        cannot be reached.
    AllFailedError
        If every replicate failed.
    """
    read = read_scenario(scenario)
    setting = set_up(how)
    if until_mcse is not None:
        check_asked(until_mcse, read)
    until = None if until_mcse is None else Until(read, until_mcse)
    finish = partial(_finish, figure_format=setting.figure_format)
    result = run_shown(read, setting, replicates=replicates, finish=finish, until=until)
    return Run(read, result.replicates, result.failed, result.first_failure, setting.place)


def _summary(folder: Path) -> StudySummary:
    study = KeptStudy(folder)
    results = {name: study.read(name, coded=True) for name in RESULTS}
    return summarize_study(study.manifest, results, study.get(LOOKS))


def _finish(folder: Path, figure_format: str) -> None:
    summary = _summary(folder)
    write_json(folder / SUMMARY, summary.to_dict())
    save(draw_study(summary), folder / figure_file(FIGURE, figure_format))
