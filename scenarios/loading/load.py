"""Read a scenario: from the library or a file, with what it extends and what is set by hand."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from scenarios.errors import ScenarioError
from scenarios.loading.identity import IDENTITY
from scenarios.loading.layers import Merged, merge
from scenarios.loading.problems import describe, scenario_of
from scenarios.plan import Plan
from scenarios.schema import Scenario

S = TypeVar("S", Scenario, Plan)


def load_scenario(name_or_path: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """Read and validate a scenario.

    Parameters
    ----------
    name_or_path
        A bare name is looked up in the library; a path, or what ends in ``.toml``, is a file.
    overrides
        ``"dotted.key=value"``, the value written as in TOML; quotes around text may be left out.
        They are laid over the file, and the file over what it ``extends``.

    Raises
    ------
    ScenarioError
        With one line for each problem: the file or ``--set``, the key, the value, what is allowed.
    """
    return validate(merge(name_or_path, overrides))


def load_plan(name_or_path: str | Path, overrides: Sequence[str] = ()) -> Plan:
    """Read a plan, or a scenario of which only the plan is used, see :func:`load_scenario`.

    Raises
    ------
    ScenarioError
        As for a scenario, but for what only a simulation would need.
    """
    return _validated(merge(name_or_path, overrides), Plan)


def plan_of(scenario: Scenario) -> Plan:
    """Return the plan that a scenario has.

    Raises
    ------
    ScenarioError
        If it cannot be a plan.
    """
    data = scenario.model_dump(mode="json", exclude_none=True)
    try:
        return scenario_of(data, Plan)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise ScenarioError(f"{scenario.name}: {problem['msg']}") from None


def validate(merged: Merged) -> Scenario:
    """Make a scenario of merged layers.

    Raises
    ------
    ScenarioError
        If a key is unknown or missing, or a value is not allowed.
    """
    return _validated(merged, Scenario)


def _validated(merged: Merged, kind: type[S]) -> S:
    if merged.problems:
        raise ScenarioError(*describe(merged, kind))
    try:
        return scenario_of(merged.data, kind)
    except ValidationError:
        raise ScenarioError(*describe(merged, kind)) from None


def scenario_hash(scenario: Scenario, *, without: Collection[str] = ()) -> str:
    """Return the SHA-256 of the scenario, less some of its sections, as compact JSON, hexadecimal.

    What a scenario is called, and with what it is compared, is left out: name, title and published.
    Keys stand in the order of the schema. Free tables keep the order they were written in, which
    for the margins of a population decides who draws what.
    """
    return content_hash(scenario.model_dump(mode="json"), without=without)


def content_hash(content: Mapping[str, Any], *, without: Collection[str] = ()) -> str:
    """Return :func:`scenario_hash` of a scenario that is there as plain data, as in a manifest."""
    left_out = {*IDENTITY, *without}
    hashed = {key: value for key, value in content.items() if key not in left_out}
    text = json.dumps(hashed, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
