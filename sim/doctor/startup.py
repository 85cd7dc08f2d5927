"""What is told where a library cannot be imported, so that a command cannot begin or go on."""

import sys
import traceback
from collections.abc import Sequence

from scenarios.printable import printable
from sim import interrupts
from sim.namesakes import PACKAGES

NOT_BEGUN = 5
"""Exit code, that of :data:`sim.cli.exit_codes.MACHINE`: its module may not be there."""


def is_of_installation(error: BaseException) -> bool:
    """Return whether an error says that a library is missing or broken, and not our own code."""
    return isinstance(error, ImportError) and (error.name or "").partition(".")[0] not in PACKAGES


def cannot_be_imported(error: BaseException) -> str:
    """Return that in a line, with what helps."""
    told = " ".join(f"{type(error).__name__}: {error}".split())
    return f"a library cannot be imported: {told}: selfback doctor says what is wrong"


def without_commands(error: Exception, arguments: Sequence[str]) -> int:
    """Tell that not even the command line can be imported; return the exit code.

    The doctor works all the same: it prints text, whatever its options are.
    """
    stop = interrupts.behind(error)
    if stop is not None:
        ended = isinstance(stop, interrupts.Terminated)
        return interrupts.tell(interrupts.TERMINATED if ended else interrupts.INTERRUPTED)
    if arguments[:1] == ["doctor"]:
        from sim.doctor.examine import doctor  # noqa: PLC0415 - it is not needed otherwise

        sys.stdout.write(f"{doctor()}\n{printable(cannot_be_imported(error))}\n")
        return 1
    if not is_of_installation(error):
        sys.stderr.write(printable("".join(traceback.format_exception(error))))
    sys.stderr.write(printable(f"selfback: {cannot_be_imported(error)}\n"))
    return NOT_BEGUN
