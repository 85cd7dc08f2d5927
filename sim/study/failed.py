"""How a study can end without all of its results."""

import errno


class AllFailedError(Exception):
    """Every replicate of a study failed: its folder holds nothing but the reasons.

    ``str()`` is one line with the reason of the first.
    """


class TooManyFailedError(Exception):
    """So many replicates failed that the study was stopped; what it has is kept.

    ``str()`` is one line with how many, and the reason of the first.
    """


class MachineError(Exception):
    """The machine could not go on: memory, disk, files, a worker that was ended, a lost scheduler.

    No replicate has failed by it, and the study goes on from what is kept. ``str()`` is one line.
    """


NUMBERS = {
    errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN,
}  # fmt: skip
"""Errors of the system that are the machine's: a full disk, a broken one, no more files, memory or
processes."""


def is_of_machine(error: BaseException) -> bool:
    """Return whether an error, or what it was raised from, is the machine's and not the trial's."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MemoryError | MachineError):
            return True
        if isinstance(seen, OSError) and seen.errno in NUMBERS:
            return True
        seen = seen.__cause__ or seen.__context__
    return False
