"""``scenario``: from the library, a file or a dictionary, with changes."""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tomlkit

from scenarios.arms.expansion import collapsed
from scenarios.devices.own_recommender import HTTP
from scenarios.errors import InputError, ScenarioError, one_line
from scenarios.loading.load import load_plan, load_scenario, plan_of
from scenarios.loading.overrides import SET
from scenarios.loading.toml_text import toml_text
from scenarios.plan import Plan
from scenarios.schema import Scenario

Source = str | Path | Mapping[str, Any] | Scenario
Changes = Mapping[str, Any] | Sequence[str]


def scenario(source: Source, changes: Changes = ()) -> Scenario:
    """Return a scenario.

    Parameters
    ----------
    source
        A name in the library, the path of a ``.toml`` file, the content of such a file as a
        dictionary (with ``extends``, most often, and a ``name`` of its own), or a scenario.
    changes
        Dotted key to value, ``{"trial.sample_size": 300}``; or texts as ``--set`` takes them.

    Raises
    ------
    InputError
        With one line for what is wrong: the file, the key, the value, what is allowed.
    """
    if isinstance(source, Scenario) and not changes:
        return source
    with named(source) as name:
        return load_scenario(name, overrides(changes))


def plan(source: Source | Plan, changes: Changes = ()) -> Plan:
    """Return a plan: visits, outcomes, covariates, arms and analyses.

    It is read as a :func:`scenario` is. A scenario serves as a plan, too; only what the plan uses
    of it is read and checked.

    Raises
    ------
    InputError
        With one line for what is wrong: the file, the key, the value, what is allowed.
    """
    if isinstance(source, Plan):
        if changes:
            raise InputError(
                "a plan cannot be changed: change the scenario or file it is read from"
            )
        return source
    if isinstance(source, Scenario) and not changes:
        return plan_of(source)
    with named(source) as name:
        return load_plan(name, overrides(changes))


def overrides(changes: Changes) -> list[str]:
    """Return changes as ``--set`` takes them.

    >>> overrides({"trial.sample_size": 300, "recommender.kind": "cbr"})
    ['trial.sample_size=300', 'recommender.kind="cbr"']
    """
    if isinstance(changes, Mapping):
        return [f"{key}={toml_text(value)}" for key, value in changes.items()]
    if isinstance(changes, str) or not isinstance(changes, Iterable):
        raise InputError(f"changes = {changes!r} is not allowed: must be a dictionary or a list")
    return list(changes)


def with_recommender(target: str, source: str | Path, changes: Sequence[str]) -> Scenario:
    """Read a scenario and put a recommender into it.

    Parameters
    ----------
    target
        A built-in name, module:attribute, an entry point, or the address of a service.

    Raises
    ------
    InputError
        If the scenario cannot be read, or there is no recommender of that name.
    """
    load_scenario(source, changes)
    naming = [f"recommender.kind={json.dumps(target)}"]
    if "://" in target:
        naming = [f'recommender.kind="{HTTP}"', f"recommender.http.url={json.dumps(target)}"]
    try:
        return load_scenario(source, [*changes, *naming])
    except ScenarioError as error:
        raise InputError(str(error).removeprefix(f"{SET}: ")) from None


@contextmanager
def named(source: Source) -> Iterator[str | Path]:
    """Give the name or the file of a scenario; one that has none is in a temporary file meanwhile.

    Raises
    ------
    InputError
        If it is none of these, or a dictionary cannot be written as TOML; what is wrong with that
        is told of ``dictionary``.
    """
    if isinstance(source, str | Path):
        yield source
        return
    if not isinstance(source, Mapping | Scenario):
        raise InputError(
            f"scenario = {str(source)[:60]!r} is not allowed: must be a name, a file, a dictionary "
            "or a scenario"
        )
    content = (
        dict(source) if isinstance(source, Mapping) else collapsed(source.model_dump(mode="json"))
    )
    extends = str(content.get("extends", ""))
    if extends.endswith(".toml"):
        content["extends"] = str(Path(extends).resolve())  # the temporary file is elsewhere
    try:
        text = tomlkit.dumps(_without_none(content))
    except (ValueError, TypeError) as error:
        raise InputError(f"dictionary: cannot be a scenario: {one_line(str(error))}") from None
    with tempfile.TemporaryDirectory(prefix="selfback-") as folder:
        file = Path(folder) / "scenario.toml"
        file.write_text(text, encoding="utf-8")
        try:
            yield file
        except ScenarioError as error:
            told = (problem.replace(str(file), "dictionary") for problem in error.problems)
            raise ScenarioError(*told) from None


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value
