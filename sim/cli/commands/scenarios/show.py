"""``selfback scenarios show``: what a scenario says."""

import json

from scenarios.loading.load import load_scenario, scenario_hash
from scenarios.loading.provenance import Parameter, provenance
from sim.cli.declare import command
from sim.cli.options import AsJson, ScenarioName, Set
from sim.cli.output import print_line, print_result


@command(example="selfback scenarios show selfback_2021 --set app.quit_hazard=0.1")
def show(scenario: ScenarioName, *, set_: Set = None, as_json: AsJson = False) -> int:
    """Show every parameter of a scenario: key, value, unit, source and the file that set it."""
    read = load_scenario(scenario, set_ or ())
    parameters = provenance(scenario, set_ or ())
    if as_json:
        rows = [
            {"key": p.key, "value": p.value, "unit": p.unit, "source": p.source, "file": p.file}
            for p in parameters
        ]
        content = read.model_dump(mode="json")
        result = {"hash": scenario_hash(read), "scenario": content, "parameters": rows}
        print_result("scenarios show", result)
        return 0
    for parameter in parameters:
        print_line(_line(parameter))
    return 0


def _line(parameter: Parameter) -> str:
    value = json.dumps(parameter.value, ensure_ascii=False, default=str)
    said = "; ".join(part for part in (parameter.unit, parameter.source) if part)
    comment = f"{said} ({parameter.file})" if said else f"({parameter.file})"
    return f"{parameter.key} = {value}  # {comment}"
