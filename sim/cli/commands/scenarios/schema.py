"""``selfback scenarios schema``: what a scenario can say, for editors and programs."""

from scenarios.schema import Scenario
from sim.cli.declare import command
from sim.cli.output import print_json


@command(example="selfback scenarios schema > scenario.schema.json")
def schema() -> int:
    """Print the JSON schema of scenarios."""
    print_json(Scenario.model_json_schema())
    return 0
