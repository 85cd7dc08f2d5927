"""Finds a user's own recommender by its name."""

from collections.abc import Callable
from typing import Any

from scenarios.devices.own_recommender import RECOMMENDERS
from scenarios.errors import InputError
from scenarios.plugins import describe

Factory = Callable[..., Any]
"""A class or function that returns a recommender."""


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
    return RECOMMENDERS.find(kind)


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
