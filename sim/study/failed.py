"""Studies that end without all their results: every replicate failed, or the machine did."""

from scenarios.machine import MachineError, is_of_machine, machine_failure

__all__ = [
    "AllFailedError",
    "MachineError",
    "TooManyFailedError",
    "is_of_machine",
    "machine_failure",
]


class AllFailedError(Exception):
    """Every replicate of a study failed: its folder holds nothing but the reasons.

    ``str()`` is one line with the reason of the first.
    """


class TooManyFailedError(Exception):
    """So many replicates failed that the study was stopped; what it has is kept.

    ``str()`` is one line with how many, and the reason of the first.
    """
