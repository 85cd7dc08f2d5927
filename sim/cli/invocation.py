"""The command line of this process, for the manifest of a study: ``selfback resume`` repeats it."""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command line.

    Attributes
    ----------
    arguments
        Of ``selfback``.
    repeat
        Whether it is given again by ``selfback resume`` or ``selfback grow``; '' if neither.
    trust
        Whether code that it names may be run then.
    """

    arguments: tuple[str, ...] = ()
    repeat: str = ""
    trust: bool = False


NONE = Invocation()
CURRENT: ContextVar[Invocation] = ContextVar("invocation", default=NONE)


def recorded(arguments: Sequence[str]) -> list[str]:
    """Return a command line with the folder it was given in, as a manifest keeps it."""
    return [str(Path.cwd()), *arguments] if arguments else []
