"""The exit codes of ``selfback``; docs/guides/long_runs.md says what each means."""

from sim.interrupts import INTERRUPTED, TERMINATED

DONE, FAILED, REFUSED, INCONCLUSIVE, PARTLY_FAILED, MACHINE, INTERNAL = 0, 1, 2, 3, 4, 5, 70
BROKEN_PIPE = 141
"""128 and the number of the signal."""

__all__ = [
    "BROKEN_PIPE", "DONE", "FAILED", "INCONCLUSIVE", "INTERNAL", "INTERRUPTED", "MACHINE",
    "PARTLY_FAILED", "REFUSED", "TERMINATED",
]  # fmt: skip
