"""``selfback doctor``: whether the installation and the machine are as they should be."""

import selfback as sb
from sim.cli.declare import command
from sim.cli.exit_codes import DONE, FAILED
from sim.cli.options import AsJson
from sim.cli.output import print_line, print_result


@command(example="selfback doctor")
def doctor(*, as_json: AsJson = False) -> int:
    """Look at installation and machine; say what is missing or in the way, and what to do.

    Nothing is changed. The exit code is 0 if there is no problem, 1 otherwise.
    """
    found = sb.doctor()
    if as_json:
        print_result("doctor", found.to_dict())
    else:
        print_line(str(found))
    return FAILED if found.problems else DONE
