"""Finds a recommender that somebody else wrote, by the name that a user gives it."""

from collections.abc import Callable
from typing import Any

from scenarios.devices.own_recommender import RECOMMENDERS
from scenarios.errors import InputError
from scenarios.plugins import describe

Factory = Callable[..., Any]
"""What a name stands for: a class or function that returns a recommender."""


def find_factory(kind: str) -> Factory:
    """Import what a user named, and nothing else.

    Parameters
    ----------
    kind
        ``module:attribute``, or the name of an entry point of the group ``selfback.recommenders``.

    Raises
    ------
    InputError
        If there is no such module, attribute or entry point, it cannot be imported, or it cannot
        be called.
    """
    return RECOMMENDERS.find(kind)


def make(kind: str, factory: Factory, *arguments: object) -> Any:
    """Call a factory; return the recommender.

    Raises
    ------
    InputError
        If it raises, or what it returns is no recommender.
    """
    try:
        recommender = factory(*arguments)
    except (Exception, SystemExit) as error:  # whatever it is, it is the user's to mend
        raise InputError(f"recommender {kind}: cannot be made: {describe(error)}") from error
    for method in ("recommend", "learn"):
        if not callable(getattr(recommender, method, None)):
            raise InputError(
                f"recommender {kind}: {type(recommender).__name__} has no method {method!r}"
            )
    return recommender
