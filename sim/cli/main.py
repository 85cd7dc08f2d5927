"""The commands together, and how the process of ``selfback`` ends."""

import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Annotated, cast

import typer

from scenarios.errors import InputError, nearest, one_line
from scenarios.extras import PACKAGE
from sim.cli.exit_codes import (
    BROKEN_PIPE,
    FAILED,
    INTERNAL,
    INTERRUPTED,
    MACHINE,
    PARTLY_FAILED,
    REFUSED,
    TERMINATED,
)
from sim.cli.invocation import CURRENT
from sim.cli.lazy import Group, help_without_command
from sim.cli.output import JSON, print_error, say
from sim.cli.table import COMMANDS
from sim.doctor.examine import look_at
from sim.doctor.startup import cannot_be_imported, is_of_installation
from sim.interrupts import Terminated, behind, tell
from sim.study.failed import AllFailedError, MachineError, TooManyFailedError, machine_failure
from sim.terminal import write_remark

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
        typer.echo(f"selfback {version(PACKAGE)}")
        raise typer.Exit
    help_without_command(context)


def call(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code, see :mod:`sim.cli.exit_codes`.

    A user's mistake is told in one line on standard error; with ``--json`` also as an object on
    standard output, see :mod:`sim.cli.output`. What is kept of a study is told in another line.
    """
    repeated = CURRENT.get()
    token = CURRENT.set(replace(repeated, arguments=tuple(arguments)))
    try:
        return _call(arguments)
    finally:
        CURRENT.reset(token)


def _call(arguments: Sequence[str]) -> int:
    try:
        command = typer.main.get_command(app)
        code = command.main(list(arguments), prog_name="selfback", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        return _stop_writing()
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):
            return _stop_writing()
        if stop.code != INTERRUPTED:
            raise
        return tell(INTERRUPTED, _notes(stop))
    except (Terminated, KeyboardInterrupt, typer.Abort) as stop:
        return tell(TERMINATED if isinstance(stop, Terminated) else INTERRUPTED, _notes(stop))
    except Exception as error:  # noqa: BLE001 - the process ends here, with the code that says so
        return _ended_by(error, arguments)
    # Typer makes this code of a Ctrl-C that comes before the command has begun.
    return tell(INTERRUPTED) if code == INTERRUPTED else code or 0


def _ended_by(error: Exception, arguments: Sequence[str]) -> int:
    """Tell an exception in a line, and return the exit code."""
    failure = machine_failure(error)
    for kind, code in _CODES.items():
        if isinstance(error, kind):  # a file may not be written, say, for want of space
            return _refuse(error, arguments, MACHINE if failure else code)
    # The base of all usage errors, which typer does not export: its own BadParameter is a subclass,
    # but an unknown option or command raises a sibling of it.
    if isinstance(error, cast("type[Exception]", typer.BadParameter.__mro__[1])):
        return _refuse(error, arguments, REFUSED, _usage(error))
    if failure:
        return _refuse(error, arguments, MACHINE, failure)
    stop = behind(error)
    if stop is not None:
        return tell(TERMINATED if isinstance(stop, Terminated) else INTERRUPTED, _notes(error))
    told = one_line(f"{type(error).__name__}: {error}")
    if is_of_installation(error):
        return _refuse(error, arguments, MACHINE, cannot_be_imported(error))
    write_remark("".join(traceback.format_exception(error)).rstrip())
    code = _refuse(error, arguments, INTERNAL, f"internal error: {told}")
    for finding in look_at("libraries"):
        if finding.remedy:
            say(f"{finding.name} {finding.says}: {finding.remedy}")
    return code


_CODES: dict[type[Exception], int] = {
    InputError: REFUSED,
    AllFailedError: FAILED,
    TooManyFailedError: PARTLY_FAILED,
    MachineError: MACHINE,
}


def _refuse(error: Exception, arguments: Sequence[str], code: int, line: str = "") -> int:
    told = line or str(error)
    say(told)
    for note in _notes(error):
        say(note)
    if JSON in arguments:
        print_error(told, code)
    return code


def _notes(error: BaseException) -> list[str]:
    """Return what is told of a study that an exception ended."""
    return list(getattr(error, "__notes__", ()))


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
