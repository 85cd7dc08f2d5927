"""Every command of ``selfback``: its name, and the module below :mod:`sim.cli.commands` it is in."""

from sim.cli.lazy import Group
from sim.cli.options import help_without_command

COMMANDS: dict[str, str | Group] = {
    "scenarios": Group(
        {
            "list": "scenarios.list_scenarios",
            "show": "scenarios.show",
            "validate": "scenarios.validate",
            "new": "scenarios.new",
            "schema": "scenarios.schema",
        },
        help="List, show, validate and begin scenarios.",
        callback=help_without_command,
        invoke_without_command=True,
    ),
}
