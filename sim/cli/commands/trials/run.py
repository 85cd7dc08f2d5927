"""``selfback run``: simulate a trial many times and put the results beside what was published."""

from typing import Annotated

import typer

import selfback as sb
from sim.cli.arguments import measures, one_of
from sim.cli.declare import command
from sim.cli.options import MOST_REPLICATES, AskedWithTruth, DrawnStudy, integer_option
from sim.cli.output import say_saved, show_failed, show_result

TRIALS, MOST = 200, 100_000
"""Trials to simulate, and the most of them until they are precise enough."""


@command(example="selfback run selfback_2021 --set trial.sample_size=300")
def run(
    asked: AskedWithTruth,
    study: DrawnStudy,
    *,
    replicates: Annotated[
        int | None,
        integer_option(
            "--replicates",
            1,
            MOST_REPLICATES,
            help_text=f"Number of trials to simulate; default {TRIALS}, and with --until-mcse at "
            f"most, default {MOST:,}.",
        ),
    ] = None,
    until_mcse: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=X,...",
            help="Stop when Monte Carlo standard errors are as small: power=0.005,coverage=0.005.",
        ),
    ] = None,
    executor: Annotated[
        str,
        typer.Option(
            metavar="joblib|dask",
            parser=one_of("--executor", ("joblib", "dask")),
            help="Executor: the cores of this machine, or Dask.",
        ),
    ] = "joblib",
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="A running Dask scheduler: tcp://host:8786, or its file."
        ),
    ] = None,
) -> int:
    """Simulate and analyse a trial many times.

    The results are printed beside the published ones.

    The tables, a summary and a figure land in DIR, by default results/SCENARIO.
    """
    read = sb.scenario(asked.scenario, asked.overrides)
    how = study.how(read.name)
    precise = None if until_mcse is None else measures(until_mcse)
    most = replicates or (TRIALS if precise is None else MOST)
    found = sb.run(read, most, until_mcse=precise, executor=executor, scheduler=scheduler, **how)
    code = show_failed(found.failed, found.replicates, found.first_failure, found.where)
    show_result("run", found, as_json=study.as_json)
    say_saved(found, unless=study.as_json)
    return code
