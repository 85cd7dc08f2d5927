"""Where commands print their results.

With ``--json`` a command prints one JSON object. ``schema`` says which, ``"selfback/COMMAND"``,
and ``version`` is a whole number that rises when a key of it is renamed, dropped or given another
meaning; a key more does not raise it. What cannot be done is an object as well, on standard
output, besides the line on standard error::

    {"schema": "selfback/error", "version": 2, "error": "...", "exit_code": 2}

See docs/reference/json.md for the keys of each command.
"""

import os
import sys
from collections.abc import Mapping
from typing import Any, Protocol

from rich.console import Console

from sim.cli.exit_codes import DONE, FAILED, PARTLY_FAILED
from sim.study.json_text import json_text
from sim.terminal import PlainConsole, tell, write_line


class Result(Protocol):
    """What a command shows."""

    def print_to(self, console: Console) -> None:
        """Print it as tables."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""


class Folder(Protocol):
    """A result that is saved."""

    @property
    def saved(self) -> str:
        """What is there, in words."""

    @property
    def where(self) -> str:
        """Where it is."""


VERSION = 2
"""Of the objects that are printed."""
JSON = "--json"
WIDTH = 120
"""Columns of tables where there is no terminal to ask."""


def stdout_console() -> Console:
    """Return a console on standard output, wide enough for tables if that is a file or a pipe."""
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        return PlainConsole()
    return PlainConsole(width=WIDTH)


def print_line(text: str) -> None:
    """Print a line of a result to standard output, now."""
    write_line(text)


def print_json(content: Any) -> None:
    """Print an object as JSON to standard output."""
    print_line(json_text(content))


def labelled(command: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a command's result as ``--json`` prints it."""
    return {"schema": f"selfback/{command}", "version": VERSION, **content}


def print_result(command: str, content: Mapping[str, Any]) -> None:
    """Print a command's result as JSON to standard output."""
    print_json(labelled(command, content))


def print_error(line: str, exit_code: int) -> None:
    """Print as JSON why there is no result."""
    print_result("error", {"error": line, "exit_code": exit_code})


def failed(line: str, *, as_json: bool) -> int:
    """Say why a simulated trial failed; return the exit code."""
    say(line)
    if as_json:
        print_error(line, FAILED)
    return FAILED


def show_result(command: str, found: Result, *, as_json: bool) -> None:
    """Print a result to standard output: as JSON, or as its tables."""
    if as_json:
        print_result(command, found.to_dict())
    else:
        found.print_to(stdout_console())


def show_failed(failed: int, replicates: int, first: str, folder: str = "") -> int:
    """Say how many replicates failed, if any did; return the exit code.

    Parameters
    ----------
    first
        Reason of the first.
    folder
        Of the study, whose table of failures says more of each.
    """
    if not failed:
        return DONE
    more = f"; all are in {folder}/failures.parquet" if folder else ""
    say(f"{failed} of {replicates} replicates failed, first: {first}{more}")
    return PARTLY_FAILED


def show_failed_trials(failed: int) -> int:
    """Say how many trials of several studies failed, if any did; return the exit code."""
    if not failed:
        return DONE
    say(f"{failed} trials failed; a failure is no rejection")
    return PARTLY_FAILED


def say_saved(found: Folder, *, unless: bool) -> None:
    """Say what is saved where."""
    say(f"{found.saved} are in {found.where}", unless=unless)


def say(line: str, *, unless: bool = False) -> None:
    """Print a remark to standard error, apart from the results; not if ``unless``."""
    if not unless:
        tell(line)
