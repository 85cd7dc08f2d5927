"""The exit codes of ``selfback``: the one list of them, which ``selfback --help`` shows too.

=====  ==========================================================================
code   meaning
=====  ==========================================================================
0      done, or a verdict of pass
1      a verdict of fail, or every replicate of a study failed
2      a usage or input error
3      inconclusive
4      some replicates failed; the others are the result, or the study was stopped
5      the machine could not go on (memory, disk, files, workers); what is kept stays
70     an error of the program itself
130    interrupted (Ctrl-C)
141    nobody reads what is printed any more
143    terminated (SIGTERM)
=====  ==========================================================================
"""

from sim.interrupts import INTERRUPTED, TERMINATED

DONE, FAILED, REFUSED, INCONCLUSIVE, PARTLY_FAILED, MACHINE, INTERNAL = 0, 1, 2, 3, 4, 5, 70
BROKEN_PIPE = 141
"""128 and the number of the signal."""

__all__ = [
    "BROKEN_PIPE", "DONE", "FAILED", "INCONCLUSIVE", "INTERNAL", "INTERRUPTED", "MACHINE",
    "PARTLY_FAILED", "REFUSED", "TERMINATED",
]  # fmt: skip
