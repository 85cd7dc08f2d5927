"""Where commands print their results."""

import os
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from sim.study.json_text import json_text

WIDTH = 120
"""Columns of tables where there is no terminal to ask."""


def stdout_console() -> Console:
    """Return a console on standard output, wide enough for tables if that is a file or a pipe."""
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        return Console(highlight=False)
    return Console(highlight=False, width=WIDTH)


def print_json(content: Any) -> None:
    """Print a result as JSON to standard output."""
    print(json_text(content))  # noqa: T201 - the result of the command


def few(names: Sequence[str], most: int = 6) -> str:
    """Return the first names, and how many there are more.

    >>> few(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def say(line: str) -> None:
    """Print a remark to standard error, apart from the results."""
    sys.stderr.write(f"selfback: {line}\n")
