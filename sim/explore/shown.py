"""What a study shows on a page: the same blocks that its report has."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

from analysis.report.page.document import Section, Tone
from analysis.report.page.html import html_page
from scenarios.schema import Scenario
from sim.explore.runs import Study
from sim.front.reports.build import BUILDERS, build_report
from sim.front.reports.opened import RUN, open_folder

FIRST = ("Outcomes", "Performance of the analyses", "App and recommender", "Flow of participants")
"""Sections of the report of a run that are shown at once, in this order."""
LEFT_OUT = ("Baseline", "Published numbers")
"""Sections that are in the whole report only."""
_DRAWING = Lock()
"""One figure at a time: matplotlib is not made for threads."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a finished study tells.

    Attributes
    ----------
    kind, question, verdict, tone
        See :class:`analysis.report.page.document.Report`.
    scenario
        What was simulated.
    sections
        The main ones.
    is_run
        Whether it is many trials of one scenario, which can be compared and whose patients can be
        looked at.
    """

    kind: str
    question: str
    verdict: str
    tone: Tone
    scenario: Scenario
    sections: Sequence[Section]
    is_run: bool


def result_of(study: Study) -> Result:
    """Return what a finished study tells.

    Raises
    ------
    InputError
        If it is not finished, or is damaged.
    """
    return _result(study.folder, stamp(study.folder))


def report_of(study: Study) -> str:
    """Return the whole report of a study as HTML.

    Raises
    ------
    InputError
        As of :func:`result_of`.
    """
    return _report(study.folder, stamp(study.folder))


def drawing() -> Lock:
    """Return the lock that is held while figures are drawn."""
    return _DRAWING


def stamp(folder: Path) -> int:
    """Return what changes when a study does."""
    try:
        return (folder / "manifest.json").stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=32)
def _result(folder: Path, _stamp: int) -> Result:
    with _DRAWING:
        opened = open_folder(folder)
        told = BUILDERS[opened.kind](opened)
    sections = [each for each in told.sections if each.blocks and each.title not in LEFT_OUT]
    place = {title: at for at, title in enumerate(FIRST)}
    sections.sort(key=lambda each: place.get(each.title, len(FIRST)))
    return Result(
        told.kind, told.question, told.verdict, told.tone, opened.scenario, sections,
        opened.kind == RUN,
    )  # fmt: skip


@lru_cache(maxsize=8)
def _report(folder: Path, _stamp: int) -> str:
    with _DRAWING:
        return html_page(build_report(folder))
