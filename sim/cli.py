"""The ``selfback`` command.

How the commands are called is said here; what they do is in :mod:`sim.commands`, which is imported
when a command runs, so that ``selfback --help`` does not wait for NumPy and its like.
"""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from scenarios.errors import InputError, nearest, one_line
from sim import cli_designs, cli_gate
from sim.commands.arguments import number_above_zero, one_of, whole_number
from sim.interrupts import INTERRUPTED, TERMINATED, tell
from sim.options import (
    AsJson,
    Jobs,
    Out,
    Overwrite,
    ScenarioName,
    Seed,
    Set,
    read_scenario,
    with_seed,
)

BROKEN_PIPE = 141
"""Exit code: 128 and the number of the signal."""

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
scenarios_app = typer.Typer(help="List, show and validate scenarios.")
app.add_typer(scenarios_app, name="scenarios")
recommender_app = typer.Typer(help="Check, serve and describe recommenders of one's own.")
app.add_typer(recommender_app, name="recommender")


@app.callback(invoke_without_command=True)
def selfback(
    context: typer.Context,
    *,
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.")
    ] = False,
) -> None:
    """Simulate the SELFBACK trial, as it was run and as it might have been."""
    if show_version:
        typer.echo(f"selfback {version('selfback-insilico')}")
        raise typer.Exit
    _help_without_command(context)


@scenarios_app.callback(invoke_without_command=True)
def scenarios(context: typer.Context) -> None:
    """List, show and validate scenarios."""
    _help_without_command(context)


@recommender_app.callback(invoke_without_command=True)
def recommender(context: typer.Context) -> None:
    """Check, serve and describe recommenders of one's own."""
    _help_without_command(context)


@app.command(epilog="Example: selfback run selfback_2021 --set trial.sample_size=300")
def run(
    scenario: ScenarioName,
    *,
    replicates: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number("--replicates", 1, 2**31 - 1),
            help="Number of trials to simulate.",
        ),
    ] = 200,
    seed: Seed = None,
    jobs: Jobs = None,
    executor: Annotated[
        str,
        typer.Option(
            metavar="joblib|dask",
            parser=one_of("--executor", ("joblib", "dask")),
            help="Who does the work.",
        ),
    ] = "joblib",
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="A running Dask scheduler, such as tcp://host:8786."),
    ] = None,
    out: Out = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Simulate and analyse a trial many times.

    The results are printed beside the published ones.

    The tables, a summary and a figure land in DIR, results/SCENARIO if not said.
    """
    read = read_scenario(scenario, set_, seed)
    from sim.commands.run import run as command  # noqa: PLC0415 - slow to import

    code = command(
        read,
        replicates=replicates,
        jobs=jobs,
        executor=executor,
        scheduler=scheduler,
        out=out,
        overwrite=overwrite,
        as_json=as_json,
    )
    raise typer.Exit(code)


@app.command(epilog="Example: selfback trial selfback_2021 --out trial0 --export csv")
def trial(
    scenario: ScenarioName,
    *,
    seed: Seed = None,
    replicate: Annotated[
        int,
        typer.Option(
            metavar="R",
            parser=whole_number("--replicate", 0, 2**31 - 1),
            help="Number of the replicate.",
        ),
    ] = 0,
    out: Out = None,
    export: Annotated[
        str | None,
        typer.Option(
            metavar="parquet|csv",
            parser=one_of("--export", ("parquet", "csv")),
            help="Format of the data in DIR; parquet if not said.",
        ),
    ] = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Simulate and analyse one trial.

    Its flow and Tables 1 to 3 are printed, and its data land in DIR.
    """
    if export is not None and out is None:
        raise InputError(f"--export {export} needs --out DIR")
    read = read_scenario(scenario, set_, seed)
    from sim.commands.trial import trial as command  # noqa: PLC0415 - slow to import

    code = command(
        read,
        replicate=replicate,
        out=out,
        export=export or "parquet",
        overwrite=overwrite,
        as_json=as_json,
    )
    raise typer.Exit(code)


@app.command(epilog="Example: selfback analyse trial0/participants.csv trial0/visits.csv")
def analyse(
    participants: Annotated[Path, typer.Argument(metavar="PARTICIPANTS", help="A row each.")],
    visits: Annotated[Path, typer.Argument(metavar="VISITS", help="A row a visit of each.")],
    *,
    plan: Annotated[
        str, typer.Option(metavar="SCENARIO", help="Scenario whose plan and visits are used.")
    ] = "selfback_2021",
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML file that says what columns mean.")
    ] = None,
    outcomes: Annotated[
        str | None, typer.Option(metavar="A,B", help="Continuous outcomes; all if not said.")
    ] = None,
    analyses: Annotated[
        str | None, typer.Option(metavar="A,B", help="Analyses to report; all if not said.")
    ] = None,
    out: Out = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Run the prespecified analysis on anyone's data, CSV or Parquet.

    Tables 1 to 3 are printed, and the estimates land in DIR.
    """
    read = read_scenario(plan, set_, None)
    from sim.commands.analyse import analyse as command  # noqa: PLC0415 - slow to import

    code = command(
        participants,
        visits,
        read,
        mapping=mapping,
        outcomes=outcomes,
        analyses=analyses,
        out=out,
        overwrite=overwrite,
        as_json=as_json,
    )
    raise typer.Exit(code)


@app.command(epilog="Example: selfback performance results/selfback_2021")
def performance(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a study.")],
    *,
    outcome: Annotated[
        str | None, typer.Option(metavar="NAME", help="Outcome; the primary one if not said.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show how each analysis performs: bias, coverage, power and more, with Monte Carlo errors.

    Bias and coverage need a study that was run with --set truth=true.
    """
    from sim.commands.performance import performance as command  # noqa: PLC0415 - slow to import

    raise typer.Exit(command(directory, outcome=outcome, as_json=as_json))


@app.command(
    epilog="Example: selfback calibrate selfback_2021 --parameters scenarios/calibration/"
    "selfback_2021.toml"
)
def calibrate(
    scenario: ScenarioName,
    *,
    parameters: Annotated[
        Path, typer.Option(metavar="FILE", help="TOML file of the free parameters.")
    ],
    targets: Annotated[
        str,
        typer.Option(
            metavar="calibration|held-out|all",
            parser=one_of("--targets", ("calibration", "held-out", "all")),
            help="Published numbers to fit to.",
        ),
    ] = "calibration",
    replicates: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number("--replicates", 2, 10_000),
            help="Trials simulated at each point of the search.",
        ),
    ] = 8,
    spread: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number("--spread", 10, 100_000),
            help="Trials for the predictive covariance, at the start and at the end.",
        ),
    ] = 60,
    iterations: Annotated[
        int,
        typer.Option(
            metavar="N", parser=whole_number("--iterations", 1, 100), help="At most so many."
        ),
    ] = 8,
    draws: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number("--draws", 1, 100_000),
            help="Parameter sets of the posterior sample.",
        ),
    ] = 500,
    seed: Seed = None,
    jobs: Jobs = None,
    out: Out = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Fit free parameters to the published numbers, and say what these identify.

    A calibrated scenario, a posterior sample of parameter sets, tables and a figure land in DIR.
    """
    from sim.commands.calibrate import calibrate as command  # noqa: PLC0415 - slow to import
    from sim.study.calibration import Settings  # noqa: PLC0415 - slow to import

    settings = Settings(replicates=replicates, spread=spread, iterations=iterations, draws=draws)
    code = command(
        scenario,
        with_seed(set_, seed),
        parameters=parameters,
        targets=targets,
        settings=settings,
        jobs=jobs,
        out=out,
        overwrite=overwrite,
        as_json=as_json,
    )
    raise typer.Exit(code)


@app.command("validate", epilog="Example: selfback validate selfback_2021 --replicates 1000")
def validate_command(
    scenario: Annotated[
        str | None,
        typer.Argument(metavar="[SCENARIO]", help="Name or .toml file; selfback_2021 if not said."),
    ] = None,
    *,
    replicates: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number("--replicates", 2, 2**31 - 1),
            help="Number of trials to simulate; 200 if not said.",
        ),
    ] = None,
    seed: Seed = None,
    jobs: Jobs = None,
    from_: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="A study that is there already.")
    ] = None,
    out: Out = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Put every published number beside its simulated distribution.

    Targets that parameters may be fitted to, those held out and those implied by others are
    listed apart. A table and a figure land in the study's folder.
    """
    if from_ is not None:
        if (
            any(
                given not in {None, False} for given in (scenario, replicates, seed, out, overwrite)
            )
            or set_
        ):
            raise InputError(
                "--from DIR takes a study as it is: leave out SCENARIO and how to run it"
            )
        from sim.commands.validate import validate_study  # noqa: PLC0415 - slow to import

        raise typer.Exit(validate_study(from_, as_json=as_json))
    read = read_scenario(scenario or "selfback_2021", set_, seed)
    from sim.commands.validate import validate as command  # noqa: PLC0415 - slow to import

    code = command(
        read,
        replicates=replicates or 200,
        jobs=jobs,
        out=out,
        overwrite=overwrite,
        as_json=as_json,
    )
    raise typer.Exit(code)


@scenarios_app.command("list", epilog="Example: selfback scenarios list --json")
def list_command(*, as_json: AsJson = False) -> None:
    """List the scenarios of the library."""
    from sim.commands import scenarios as commands  # noqa: PLC0415 - slow to import

    raise typer.Exit(commands.list_scenarios(as_json=as_json))


@scenarios_app.command(
    epilog="Example: selfback scenarios show selfback_2021 --set app.quit_hazard=0.1"
)
def show(scenario: ScenarioName, *, set_: Set = None, as_json: AsJson = False) -> None:
    """Show every parameter of a scenario: key, value, unit, source and the file that set it."""
    from sim.commands import scenarios as commands  # noqa: PLC0415 - slow to import

    raise typer.Exit(commands.show(scenario, set_ or (), as_json=as_json))


@scenarios_app.command(epilog="Example: selfback scenarios validate my_trial.toml")
def validate(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SCENARIO]...", help="All of the library if none is named."),
    ] = None,
) -> None:
    """Say whether scenarios are valid, and if not, everything that is wrong."""
    from sim.commands import scenarios as commands  # noqa: PLC0415 - slow to import

    raise typer.Exit(commands.validate(names or ()))


@scenarios_app.command(epilog="Example: selfback scenarios schema > scenario.schema.json")
def schema() -> None:
    """Print the JSON schema of scenarios."""
    from sim.commands import scenarios as commands  # noqa: PLC0415 - slow to import

    raise typer.Exit(commands.schema())


@recommender_app.command(epilog="Example: selfback recommender check my_package.mine:Mine")
def check(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="Built-in name, module:attribute, entry point, or http://..."
        ),
    ],
    *,
    scenario: Annotated[
        str, typer.Option(metavar="SCENARIO", help="Scenario whose patients are used.")
    ] = "selfback_2021",
    seconds: Annotated[
        float,
        typer.Option(
            metavar="T",
            parser=number_above_zero("--seconds"),
            help="Longest time for an answer.",
        ),
    ] = 5.0,
    set_: Set = None,
    as_json: AsJson = False,
) -> None:
    """Say in plain words what is wrong with a recommender.

    The exit code is 0 if nothing is wrong, 1 otherwise.
    """
    from sim.commands import recommender as commands  # noqa: PLC0415 - slow to import

    raise typer.Exit(commands.check(target, scenario, set_ or [], seconds=seconds, as_json=as_json))


@recommender_app.command(epilog="Example: selfback recommender serve selfback_2021 --port 8000")
def serve(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="Scenario whose recommender is served.")
    ] = "selfback_2021",
    *,
    host: Annotated[str, typer.Option(metavar="HOST", help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            metavar="P", parser=whole_number("--port", 0, 65535), help="Port; 0 for a free one."
        ),
    ] = 0,
    stop_after: Annotated[
        float | None,
        typer.Option(
            metavar="T",
            parser=number_above_zero("--stop-after"),
            help="Stop when nobody asked for so many seconds.",
        ),
    ] = None,
    set_: Set = None,
    as_json: AsJson = False,
) -> None:
    """Serve a scenario's recommender over HTTP, until Ctrl-C.

    Where it is, is printed first.
    """
    read = read_scenario(scenario, set_, None)
    from sim.commands import recommender as commands  # noqa: PLC0415 - slow to import

    raise typer.Exit(
        commands.serve(read, host=host, port=port, stop_after=stop_after, as_json=as_json)
    )


@recommender_app.command(
    "schema", epilog="Example: selfback recommender schema > recommender.schema.json"
)
def recommender_schema() -> None:
    """Print the JSON schema of what a recommender behind HTTP is asked, and answers."""
    from sim.commands import recommender as commands  # noqa: PLC0415 - slow to import

    raise typer.Exit(commands.schema())


for _command, _example in (
    (cli_designs.compare, "planned_2018 planned_2018 --set-b followup.dropout=0.1"),
    (cli_designs.power, "planned_2018 --vary trial.sample_size=200:500:50"),
    (cli_designs.assurance, "selfback_2021 --posterior posterior.parquet --sets 100"),
    (cli_designs.subgroups, "selfback_2021 --by pain=5 --by duration"),
    (cli_designs.replay, "results/selfback_2021 --replicate 0 --participant 1"),
    (cli_gate.gate, "--baseline results/baselines/selfback_2021.json --recommender guideline"),
):
    app.command(epilog=f"Example: selfback {_command.__name__} {_example}")(_command)


def call(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code.

    0 done or pass, 1 a verdict of fail, 2 a usage or input error, 3 inconclusive. A user's mistake
    is told in one line on standard error.
    """
    usage_error = typer.BadParameter.__mro__[1]
    try:
        command = typer.main.get_command(app)
        code = command.main(list(arguments), prog_name="selfback", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        return _stop_writing()
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):
            return _stop_writing()
        if stop.code != TERMINATED:
            raise
        code = TERMINATED
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except InputError as error:
        return _refuse(str(error))
    except Exception as error:
        if isinstance(error, usage_error):
            return _refuse(_usage(error))
        raise
    if code in (INTERRUPTED, TERMINATED):
        tell(code)
    return code or 0


def _help_without_command(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


def _refuse(line: str) -> int:
    sys.stderr.write(f"selfback: {line}\n")
    return 2


def _usage(error: Exception) -> str:
    """Return a mistake in the command line in one line, with the nearest name and where to read."""
    message = one_line(error.format_message()).split(" (Possible options:")[0]  # type: ignore[attr-defined]
    context = getattr(error, "ctx", None)
    option = getattr(error, "option_name", None)
    if option and context is not None and "No such option" in message:
        known = [name for parameter in context.command.params for name in parameter.opts]
        close = nearest(option, known)
        message += f". Did you mean {close}?" if close else ""
    return f"{message} (see {context.command_path if context else 'selfback'} --help)"


def _stop_writing() -> int:
    """Leave quietly when nobody reads any more, without a complaint at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    return BROKEN_PIPE
