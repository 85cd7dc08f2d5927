"""How many cores this process may use."""

import os

from scenarios.errors import InputError

LIMIT = "LOKY_MAX_CPU_COUNT"
"""Variable of the environment by which joblib is told to use fewer."""


def cores() -> int:
    """Return how many cores the process may use, by affinity and by limits of control groups.

    Raises
    ------
    InputError
        If the environment has a limit that is no number.
    """
    from joblib import cpu_count  # noqa: PLC0415 - for a doctor, it may not be there

    try:
        return int(cpu_count())
    except ValueError:
        told = os.environ.get(LIMIT, "")[:60]
        raise InputError(
            f"{LIMIT}={told} in the environment is not allowed: must be a whole number, at least 1"
        ) from None
