"""Input errors, reported in one line."""

from collections.abc import Iterable
from difflib import get_close_matches


class InputError(Exception):
    """Invalid input of the user.

    ``str()`` is one line that names what was given, the value and what is allowed.
    """


class ScenarioError(InputError):
    """A scenario cannot be read or is not valid.

    Parameters
    ----------
    problems
        A line for each problem, the most basic one first. At least one.
    """

    def __init__(self, *problems: str) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(one_line(problems[0]) + more)
        self.problems = tuple(one_line(problem) for problem in problems)

    def __reduce__(self) -> tuple[type["ScenarioError"], tuple[str, ...]]:
        """Let all problems survive the way back from a worker process."""
        return type(self), self.problems


def one_line(text: str) -> str:
    r"""Return a text on one line, with unprintable characters replaced by question marks.

    >>> one_line("a\n  b\x1b[31m")
    'a b?[31m'
    """
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


def nearest(name: str, allowed: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """Return the most similar allowed name, or None if none has this similarity (0 to 1).

    >>> nearest("quit_hazzard", ["quit_spread", "quit_hazard"])
    'quit_hazard'
    """
    close = get_close_matches(name, list(allowed), n=1, cutoff=likeness)
    return close[0] if close else None
