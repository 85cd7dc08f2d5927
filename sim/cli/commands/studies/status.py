"""``selfback status``: how far a study is."""

from sim.cli.declare import command
from sim.cli.options import AsJson, StudyFolder
from sim.cli.output import print_line, print_result
from sim.study.store.status import read_status


@command(example="selfback status results/selfback_2021")
def status(directory: StudyFolder, *, as_json: AsJson = False) -> int:
    """Say how far a study is, how many replicates are kept, and how to go on with it."""
    found = read_status(directory)
    if as_json:
        print_result("status", found.to_dict())
    else:
        for line in found.lines():
            print_line(line)
    return 0
