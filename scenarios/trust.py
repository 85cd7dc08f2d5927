"""Code that a file of results names is somebody's: it runs, or is asked, only if it is trusted."""

from collections.abc import Collection
from pathlib import Path

from scenarios.devices.own_recommender import HTTP
from scenarios.errors import InputError
from scenarios.schema import Scenario


def own_modules(scenario: Scenario) -> list[str]:
    """Return the parts of a scenario that are somebody's code: modules, and an address to ask.

    They are written as ``module:attribute`` and as the address. Installed entry points are not
    among them: whoever installed them has trusted them.
    """
    settings = scenario.recommender
    kind = "" if settings is None else settings.kind
    named = [kind, *scenario.analysis.own_analyses]
    found = [name for name in dict.fromkeys(named) if ":" in name]
    return [*found, settings.http.url] if settings is not None and kind == HTTP else found


def check_trusted(
    scenario: Scenario, file: Path, *, trust: bool, asked: Collection[str] = ()
) -> None:
    """Refuse code that a scenario names because a file of results does.

    Parameters
    ----------
    scenario
        What is to be run.
    file
        Where it comes from.
    trust
        Whether its code may be run (``--trust``).
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
