"""The process of a run: the command, which is interrupted when the page's own process is no more.

Standard input is a pipe that the server holds open. When it ends, for whatever reason, the command
is interrupted as by Ctrl-C: what is under way is finished and kept.
"""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    # As in sim.__main__: modules of the working folder come last.
    sys.path.append(sys.path.pop(0))

import os
import signal
import threading
from contextlib import suppress

from sim.interrupts import INTERRUPTED, tell

BESIDES = 5
"""By how much the priority is lower than that of the server, which has pages to show."""


def main() -> None:
    """Run the command with the arguments of the process."""
    with suppress(OSError):
        os.nice(BESIDES)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    threading.Thread(target=_interrupt_at_end, args=(sys.stdin.fileno(),), daemon=True).start()
    try:
        from sim.__main__ import main as command  # noqa: PLC0415 - takes a while
    except KeyboardInterrupt:
        sys.exit(tell(INTERRUPTED))
    command()


def _interrupt_at_end(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    main()
