"""Parts that users bring, by name: ``module:attribute``, or an installed package's entry point."""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from scenarios.errors import InputError, nearest, one_line

_IMPORT = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True, slots=True)
class PluginKind:
    """A kind of part that users may bring.

    Attributes
    ----------
    what
        What such a part is called in messages, such as 'recommender'.
    group
        Entry points of this group are parts that installed packages bring.
    """

    what: str
    group: str

    def installed(self) -> list[str]:
        """Return the names of the parts that installed packages bring, sorted."""
        return sorted(entry_points(group=self.group).names)

    def known_name(self, name: str, built_in: Sequence[str]) -> str:
        """Return a name, if it is built in, installed or of the form ``module:attribute``.

        Whether ``module:attribute`` exists is not checked: a module is imported where it is used.

        Raises
        ------
        ValueError
            If it is none of these; the message says what is allowed.
        """
        if name in built_in or _IMPORT.fullmatch(name):
            return name
        installed = self.installed()
        if name in installed:
            return name
        close = nearest(name, [*built_in, *installed])
        hint = f"; did you mean {close}?" if close else ""
        also = f", an installed one ({', '.join(installed)})" if installed else ""
        raise ValueError(
            f"{name!r} is not allowed: must be {', '.join(built_in)}{also} or module:attribute"
            f"{hint}"
        )

    def find(self, name: str) -> Callable[..., Any]:
        """Import what a name stands for, and nothing else.

        Modules are looked for among what is installed, then in the folder the process runs in.

        Parameters
        ----------
        name
            ``module:attribute``, or the name of an entry point of the group.

        Raises
        ------
        InputError
            If there is no such module, attribute or entry point, it cannot be imported, or it
            cannot be called.
        """
        look_in(Path.cwd())
        module, colon, attribute = name.partition(":")
        found: Any = self._import(name, module, attribute) if colon else self._load(name)
        if not callable(found):
            raise InputError(
                f"{self.what} {name}: is {type(found).__name__}, must be a class or function"
            )
        return found  # type: ignore[no-any-return]

    def _import(self, name: str, module: str, attribute: str) -> Any:
        told = f"{self.what} {name}"
        try:
            found: Any = import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module}.".startswith(f"{error.name}."):
                raise InputError(f"{told}: cannot be imported: {describe(error)}") from error
            raise InputError(
                f"{told}: there is no module {error.name!r}: it must be installed, or in "
                "the folder the command is run in"
            ) from None
        except (Exception, SystemExit) as error:
            raise InputError(f"{told}: cannot be imported: {describe(error)}") from error
        for part in attribute.split("."):
            if not hasattr(found, part):
                close = nearest(part, [known for known in dir(found) if not known.startswith("_")])
                hint = f": did you mean {close}?" if close else ""
                raise InputError(f"{told}: {module} has no {part!r}{hint}")
            found = getattr(found, part)
        return found

    def _load(self, name: str) -> Any:
        found: tuple[EntryPoint, ...] = tuple(entry_points(group=self.group, name=name))
        if not found:
            raise InputError(
                f"{self.what} {name}: is not installed: entry points of {self.group}: "
                f"{', '.join(self.installed()) or 'none'}"
            )
        entry = found[0]
        return self._import(name, entry.module, entry.attr)


def look_in(folder: Path) -> None:
    """Let modules in this folder be found, after everything that is installed."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def describe(error: BaseException) -> str:
    """Return an exception in one line.

    >>> describe(KeyError("age"))
    "KeyError: 'age'"
    """
    return one_line(f"{type(error).__name__}: {error}").removesuffix(": ")[:300]
