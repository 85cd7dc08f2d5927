"""The commands together, and how the process of ``selfback`` ends."""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated, cast

import typer

from scenarios.errors import InputError, nearest, one_line
from sim.cli.lazy import Group, help_without_command
from sim.cli.output import JSON, print_error, say
from sim.cli.table import COMMANDS
from sim.interrupts import INTERRUPTED, TERMINATED, tell
from sim.study.failed import AllFailedError, MachineError

MACHINE = 5
"""Exit code: the machine failed, not the user and not a replicate."""
BROKEN_PIPE = 141
"""Exit code: 128 and the number of the signal."""

app = Group(COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})


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
    help_without_command(context)


def call(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code.

    0 done or pass, 1 a verdict of fail or a study of which every replicate failed, 2 a usage or
    input error, 3 inconclusive, 5 a failure of the machine; 128 and the number of the signal if one
    ended it, or if nobody reads what is printed any more. What went wrong is told in one line on
    standard error; with ``--json`` also as an object on standard output, see
    :mod:`sim.cli.output`.
    """
    # The base of all usage errors, which typer does not export: its own BadParameter is a subclass,
    # but an unknown option or command raises a sibling of it.
    usage_error = cast("type[Exception]", typer.BadParameter.__mro__[1])
    try:
        try:
            command = typer.main.get_command(app)
            code = command.main(list(arguments), prog_name="selfback", standalone_mode=False)
        except InputError as error:
            code = _refuse(str(error), arguments)
        except usage_error as error:
            code = _refuse(_usage(error), arguments)
        except (AllFailedError, MachineError) as error:
            failed = MACHINE if isinstance(error, MachineError) else 1
            code = _refuse(str(error), arguments, failed)
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
    if code in (INTERRUPTED, TERMINATED):
        tell(code)
    return code or 0


def _refuse(line: str, arguments: Sequence[str], code: int = 2) -> int:
    say(line)
    if JSON in arguments:
        print_error(line, code)
    return code


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
