"""What a report in some formats takes, and is not installed with the rest."""

from importlib import import_module
from typing import Any

from scenarios.extras import needs


def needed(module: str, format_: str) -> Any:
    """Return a module that writes a format.

    Raises
    ------
    InputError
        If it is not installed, with what to install.
    """
    try:
        return import_module(module)
    except ImportError:
        raise needs(f"--format {format_}", "report") from None
