"""``selfback scenarios validate``: whether scenarios are valid."""

from typing import Annotated

from scenarios.errors import ScenarioError
from scenarios.loading.library import library_names
from scenarios.loading.load import load_scenario
from sim.cli.declare import command
from sim.cli.options import scenario_argument
from sim.cli.output import print_line, say


@command(example="selfback scenarios validate my_trial.toml")
def validate(
    names: Annotated[
        list[str] | None,
        scenario_argument("All of the library if none is named.", "[SCENARIO]..."),
    ] = None,
) -> int:
    """Say whether scenarios are valid, and if not, everything that is wrong."""
    wrong = 0
    for name in names or library_names():
        try:
            load_scenario(name)
        except ScenarioError as error:
            wrong += 1
            for problem in error.problems:
                say(problem)
        else:
            print_line(f"{name}: valid")
    return 2 if wrong else 0
