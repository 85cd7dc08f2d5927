"""How a check says what it found: a line for each case, and its exit code."""

import sys
from collections.abc import Iterable


class Told:
    """Prints a line for each case, and counts those that failed."""

    def __init__(self) -> None:
        self.failed = 0

    def case(
        self, name: str, good: int, tried: int, more: str = "", bad: Iterable[str] = ()
    ) -> None:
        """Say how many of a case's tries were good, and what was wrong with the others."""
        self.failed += good != tried
        found = f"{name}: {good} of {tried}" + (f", {more}" if more else "")
        sys.stdout.write("\n    ".join([found, *bad]) + "\n")
        sys.stdout.flush()

    @property
    def code(self) -> int:
        """Exit code of the check: 1 if a case failed."""
        return int(self.failed > 0)
