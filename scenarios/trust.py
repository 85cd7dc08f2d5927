"""Modules that a file of results names are somebody's code: they run only where that is trusted."""

from collections.abc import Collection
from pathlib import Path

from scenarios.errors import InputError
from scenarios.schema import Scenario


def own_modules(scenario: Scenario) -> list[str]:
    """Return the parts of a scenario that are imported by ``module:attribute``.

    Installed entry points are not among them: whoever installed them has trusted them.
    """
    named = (scenario.recommender.kind, *scenario.analysis.own_analyses)
    return [name for name in dict.fromkeys(named) if ":" in name]


def check_trusted(
    scenario: Scenario, file: Path, *, trust: bool, asked: Collection[str] = ()
) -> None:
    """Refuse modules that a scenario names because a file of results does.

    Parameters
    ----------
    scenario
        What is to be run.
    file
        Where it comes from.
    trust
        Whether its modules may be run (``--trust``).
    asked
        Those that the command itself names.

    Raises
    ------
    InputError
        If there is one that is not trusted; nothing has been imported.
    """
    foreign = [name for name in own_modules(scenario) if name not in asked]
    if foreign and not trust:
        raise InputError(
            f"{file} names code that would be run: {', '.join(foreign)}: add --trust if you know "
            "what it does"
        )
