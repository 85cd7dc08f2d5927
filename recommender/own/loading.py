"""Finds a user's own recommender by its name."""

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from scenarios.devices.own_recommender import PLUGIN_GROUP
from scenarios.errors import InputError, nearest, one_line

Factory = Callable[..., Any]
"""A class or function that returns a recommender."""


def look_in(folder: Path) -> None:
    """Add a folder to the module search path, after the installed packages."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def find_factory(kind: str) -> Factory:
    """Import the named recommender, and no other module.

    Parameters
    ----------
    kind
        ``module:attribute``, or the name of an entry point of the group ``selfback.recommenders``.

    Raises
    ------
    InputError
        If there is no such module, attribute or entry point, or if it cannot be imported or is not
        callable.
    """
    module, colon, attribute = kind.partition(":")
    factory: Any = _import(kind, module, attribute) if colon else _load(kind)
    if not callable(factory):
        raise InputError(
            f"recommender {kind}: is {type(factory).__name__}, must be a class or function"
        )
    return factory  # type: ignore[no-any-return]


def make(kind: str, factory: Factory, *arguments: object) -> Any:
    """Call a factory; return the recommender.

    Raises
    ------
    InputError
        If it raises, or does not return a recommender.
    """
    try:
        recommender = factory(*arguments)
    except (Exception, SystemExit) as error:  # any error of the user's code is an input error
        raise InputError(f"recommender {kind}: cannot be created: {describe(error)}") from error
    for method in ("recommend", "learn"):
        if not callable(getattr(recommender, method, None)):
            raise InputError(
                f"recommender {kind}: {type(recommender).__name__} has no method {method!r}"
            )
    return recommender


def describe(error: BaseException) -> str:
    """Return an exception in one line.

    >>> describe(KeyError("age"))
    "KeyError: 'age'"
    """
    return one_line(f"{type(error).__name__}: {error}").removesuffix(": ")[:300]


def _import(kind: str, module: str, attribute: str) -> Any:
    try:
        found: Any = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise InputError(
                f"recommender {kind}: cannot be imported: {describe(error)}"
            ) from error
        raise InputError(
            f"recommender {kind}: there is no module {error.name!r}: it must be installed, or in "
            "the folder the command is run in"
        ) from None
    except (Exception, SystemExit) as error:
        raise InputError(f"recommender {kind}: cannot be imported: {describe(error)}") from error
    for name in attribute.split("."):
        if not hasattr(found, name):
            close = nearest(name, [known for known in dir(found) if not known.startswith("_")])
            hint = f": did you mean {close}?" if close else ""
            raise InputError(f"recommender {kind}: {module} has no {name!r}{hint}")
        found = getattr(found, name)
    return found


def _load(kind: str) -> Any:
    found: tuple[EntryPoint, ...] = tuple(entry_points(group=PLUGIN_GROUP, name=kind))
    if not found:
        known = sorted(entry_points(group=PLUGIN_GROUP).names)
        raise InputError(
            f"recommender {kind}: is not installed: entry points of {PLUGIN_GROUP}: "
            f"{', '.join(known) or 'none'}"
        )
    entry = found[0]
    return _import(kind, entry.module, entry.attr)
