"""``selfback run``: simulate a trial many times and put the results beside what was published."""

from pathlib import Path

from analysis.figures.summary import draw_study
from analysis.replicates.summary import summarize_study
from analysis.report.print_summary import print_summary
from scenarios.schema import Scenario
from sim.cli.commands.study import run_shown
from sim.cli.commands.study_options import StudyOptions
from sim.cli.output import print_json, say, stdout_console
from sim.study.folder import write_json

SUMMARY = "summary.json"
FIGURE = "summary.png"


def run(
    scenario: Scenario,
    options: StudyOptions,
    *,
    replicates: int,
    executor: str,
    scheduler: str | None,
) -> int:
    """Run a study, print its summary and return the exit code: 1 if every replicate failed.

    Raises
    ------
    InputError
        If the executor or the folder cannot be had.
    """
    workers = options.executor(executor, scheduler)
    out = options.folder(scenario.name)
    if not run_shown(
        scenario, options, replicates=replicates, executor=workers, out=out, finish=_finish
    ):
        return 1
    summary = summarize_study(out)
    if options.as_json:
        print_json({"directory": str(out), **summary.to_dict()})
    else:
        print_summary(summary, stdout_console())
        say(f"tables, {SUMMARY} and {FIGURE} are in {out}")
    return 0


def _finish(folder: Path) -> None:
    summary = summarize_study(folder)
    write_json(folder / SUMMARY, summary.to_dict())
    draw_study(summary, folder / FIGURE)
