"""``selfback scenarios``: what the library has, what a scenario says and whether it is valid."""

import json
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from scenarios.errors import ScenarioError
from scenarios.loading.layers import GROUPS, library, library_names
from scenarios.loading.load import load_scenario, scenario_hash
from scenarios.loading.provenance import Parameter, provenance
from scenarios.schema import Scenario
from sim.cli.output import print_json, say


def list_scenarios(*, as_json: bool) -> int:
    """Print the name and title of every scenario in the library, by group."""
    found = [
        {"name": name, "title": load_scenario(name).title, "group": group}
        for group in GROUPS
        for name in library(group)
    ]
    if as_json:
        print_json(found)
        return 0
    width = max(len(entry["name"]) for entry in found)
    for group, entries in groupby(found, key=itemgetter("group")):
        if group:
            _print(f"\n{group} (docs/designs.md):")
        for entry in entries:
            _print(f"{entry['name']:<{width}}  {entry['title']}")
    return 0


def show(name: str, overrides: Sequence[str], *, as_json: bool) -> int:
    """Print every parameter of a scenario with its unit, its source and the file that set it."""
    scenario = load_scenario(name, overrides)
    parameters = provenance(name, overrides)
    if as_json:
        rows = [
            {"key": p.key, "value": p.value, "unit": p.unit, "source": p.source, "file": p.file}
            for p in parameters
        ]
        content = scenario.model_dump(mode="json")
        print_json({"hash": scenario_hash(scenario), "scenario": content, "parameters": rows})
        return 0
    for parameter in parameters:
        _print(_line(parameter))
    return 0


def validate(names: Sequence[str]) -> int:
    """Say for each scenario, all of the library if none is named, whether it is valid."""
    wrong = 0
    for name in names or library_names():
        try:
            load_scenario(name)
        except ScenarioError as error:
            wrong += 1
            for problem in error.problems:
                say(problem)
        else:
            _print(f"{name}: valid")
    return 2 if wrong else 0


def schema() -> int:
    """Print the JSON schema of scenarios."""
    print_json(Scenario.model_json_schema())
    return 0


def _line(parameter: Parameter) -> str:
    value = json.dumps(parameter.value, ensure_ascii=False, default=str)
    said = "; ".join(part for part in (parameter.unit, parameter.source) if part)
    comment = f"{said} ({parameter.file})" if said else f"({parameter.file})"
    return f"{parameter.key} = {value}  # {comment}"


def _print(text: str) -> None:
    print(text)  # noqa: T201 - the result of the command
