"""``selfback run``: simulate a trial many times and put the results beside what was published."""

from pathlib import Path

import joblib

from analysis.figures import draw_study
from analysis.print_summary import print_summary
from analysis.summary import summarize_study
from scenarios.errors import InputError
from scenarios.schema import Scenario
from sim.commands.output import say, stdout_console
from sim.commands.progress import show_progress
from sim.study.executors import make_executor
from sim.study.folder import write_json
from sim.study.json_text import json_text
from sim.study.runner import run_study

SUMMARY = "summary.json"
FIGURE = "summary.png"
RESULTS = Path("results")
"""Where studies land that are not told where."""


def run(
    scenario: Scenario,
    *,
    replicates: int,
    jobs: int | None,
    executor: str,
    scheduler: str | None,
    out: Path | None,
    overwrite: bool,
    as_json: bool,
) -> int:
    """Run a study, print its summary and return the exit code: 1 if every replicate failed.

    Raises
    ------
    InputError
        If the executor or the folder cannot be had.
    """
    jobs = joblib.cpu_count() if jobs is None else jobs
    workers = make_executor(executor, jobs, scheduler)
    if out is None:
        out = default_folder(scenario.name)
    with show_progress(f"simulating {scenario.name}") as advance:
        result = run_study(
            scenario,
            replicates=replicates,
            executor=workers,
            out=out,
            overwrite=overwrite,
            jobs=jobs,
            on_progress=advance,
            finish=_finish,
        )
    if result.failed:
        say(f"{result.failed} of {replicates} replicates failed, first: {result.first_failure}")
    if result.failed == replicates:
        return 1
    summary = summarize_study(out)
    if as_json:
        print(json_text({"directory": str(out), **summary.to_dict()}))  # noqa: T201
    else:
        print_summary(summary, stdout_console())
        say(f"tables, {SUMMARY} and {FIGURE} are in {out}")
    return 0


def default_folder(name: str) -> Path:
    """Return where results land that are not told where.

    Raises
    ------
    InputError
        If the folder of all results cannot be made.
    """
    try:
        RESULTS.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot make the folder {RESULTS}: {error.strerror}: use --out"
        ) from error
    return RESULTS / name


def _finish(folder: Path) -> None:
    summary = summarize_study(folder)
    write_json(folder / SUMMARY, summary.to_dict())
    draw_study(summary, folder / FIGURE)
