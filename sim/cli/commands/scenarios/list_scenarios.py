"""``selfback scenarios list``: what the library has."""

from itertools import groupby
from operator import itemgetter

from scenarios.loading.library import GROUPS, library
from scenarios.loading.load import load_scenario
from sim.cli.declare import command
from sim.cli.options import AsJson
from sim.cli.output import print_line, print_result


@command(example="selfback scenarios list --json")
def list_scenarios(*, as_json: AsJson = False) -> int:
    """List the scenarios of the library."""
    found = [
        {"name": name, "title": load_scenario(name).title, "group": group}
        for group in GROUPS
        for name in library(group)
    ]
    if as_json:
        print_result("scenarios list", {"scenarios": found})
        return 0
    width = max(len(entry["name"]) for entry in found)
    for group, entries in groupby(found, key=itemgetter("group")):
        if group:
            print_line(f"\n{group} (docs/guides/designs.md):")
        for entry in entries:
            print_line(f"{entry['name']:<{width}}  {entry['title']}")
    return 0
