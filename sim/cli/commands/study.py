"""One scenario's study, as several commands run it."""

from collections.abc import Callable
from pathlib import Path

from scenarios.schema import Scenario
from sim.cli.commands.study_options import StudyOptions
from sim.cli.output import say
from sim.cli.progress import show_progress
from sim.replicates.analysed import run_replicate
from sim.study.executors import Executor
from sim.study.runner import Replicate, run_study


def run_shown(
    scenario: Scenario,
    options: StudyOptions,
    *,
    replicates: int,
    executor: Executor,
    out: Path,
    finish: Callable[[Path], None],
    replicate: Replicate = run_replicate,
) -> bool:
    """Run a study, show how far it is and tell how many replicates failed.

    Parameters
    ----------
    out
        The folder to make, as the options have it.
    finish
        Called with the folder before it is put in place, to add to it.

    Returns
    -------
    bool
        Whether there are results: False if every replicate failed.

    Raises
    ------
    InputError
        If the folder cannot be written, or the executor or the recommender cannot be had.
    """
    with show_progress(f"simulating {scenario.name}") as advance:
        result = run_study(
            scenario,
            replicates=replicates,
            executor=executor,
            out=out,
            overwrite=options.overwrite,
            jobs=options.workers,
            on_progress=advance,
            finish=finish,
            replicate=replicate,
        )
    if result.failed:
        say(f"{result.failed} of {replicates} replicates failed, first: {result.first_failure}")
    return result.failed < replicates
