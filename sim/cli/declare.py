"""Declares a command: what it prints stands with its options in one module.

Options that several commands share are dataclasses, see :mod:`sim.cli.options`. A command takes one
as a single argument, and all its options appear on the command line.
"""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import wraps
from typing import Any, get_type_hints

import typer

from sim.interrupts import INTERRUPTED


def command(*, example: str) -> Callable[[Callable[..., int]], typer.Typer]:
    """Make a command of a function that returns the exit code.

    Parameters
    ----------
    example
        How it may be called, for the end of its help.
    """

    def declare(function: Callable[..., int]) -> typer.Typer:
        app = typer.Typer(
            add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
        )
        app.command(epilog=f"Example: {example}")(spread(function))
        return app

    return declare


def spread(function: Callable[..., int]) -> Callable[..., int]:
    """Return the function with an argument for every field of the dataclasses that it takes."""
    parameters: list[inspect.Parameter] = []
    groups: dict[str, Any] = {}
    for parameter in inspect.signature(function, eval_str=True).parameters.values():
        if is_dataclass(parameter.annotation):
            groups[parameter.name] = parameter.annotation
            parameters += _options(parameter.annotation)
        else:
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))

    @wraps(function)
    def call(**given: Any) -> int:
        made = {
            name: kind(**{field.name: given.pop(field.name) for field in fields(kind)})
            for name, kind in groups.items()
        }
        try:
            return function(**made, **given)
        except KeyboardInterrupt as error:
            # Typer would make an exit code of it, and lose what it says of a study that is kept.
            stop = SystemExit(INTERRUPTED)
            for note in getattr(error, "__notes__", ()):
                stop.add_note(note)
            raise stop from error

    del call.__wrapped__  # Typer is to see the new signature
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return call


def _options(kind: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=_default(field),
            annotation=hints[field.name],
        )
        for field in fields(kind)
    ]


def _default(field: Field[Any]) -> Any:
    return inspect.Parameter.empty if field.default is MISSING else field.default
