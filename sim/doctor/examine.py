"""All probes one after another, and what they find together."""

import shutil
import textwrap
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from scenarios.errors import InputError
from scenarios.printable import printable
from sim.doctor.finding import Finding, Status, problem

PROBES = {
    "Python": "installed:python",
    "package": "installed:package",
    "libraries": "installed:libraries",
    "constraints.txt": "installed:constraints",
    "our packages": "names:hidden",
    "distributions": "names:distributions",
    "names of files": "names:folders",
    "cores": "machine:processors",
    "memory": "machine:memory",
    "results": "machine:results",
    "linear algebra": "compiled:blas",
    "numba": "compiled:numba",
    "compiled loops": "compiled:kept",
    "extras": "installed:extras",
    "fonts of figures": "outside:fonts",
    "R": "outside:r",
    "browser": "outside:browser",
}
"""What is looked at, and the function that does, below :mod:`sim.doctor`."""
WAITING = ("R",)
"""Probes that wait for another program, meanwhile."""
LEAST, MOST = 60, 160
"""Columns of what is printed."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found.

    Attributes
    ----------
    findings
        In the order of :data:`PROBES`.
    """

    findings: tuple[Finding, ...]

    @property
    def status(self) -> Status:
        """The worst of the findings."""
        return max((each.status for each in self.findings), key=list(Status).index)

    @property
    def problems(self) -> int:
        """How many problems there are."""
        return sum(each.status is Status.PROBLEM for each in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return plain texts, ready for JSON."""
        return {"status": self.status, "findings": [asdict(each) for each in self.findings]}

    def __str__(self) -> str:
        """Return it as text."""
        return printable("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """Return it as text, no line longer than the terminal has columns."""
        width = min(max(shutil.get_terminal_size((120, 24)).columns, LEAST), MOST)
        names = max(len(each.name) for each in self.findings)
        found: list[str] = []
        for each in self.findings:
            head = f"{each.status:8}{each.name:{names}}  "
            found += _wrapped(each.says, width, head)
            if each.remedy:
                found += _wrapped(each.remedy, width, f"{'do:':>{len(head) - 1}} ")
        few = "problem" if self.problems == 1 else "problems"
        advised = sum(each.status is Status.ADVICE for each in self.findings)
        pieces = "piece" if advised == 1 else "pieces"
        return [*found, "", f"{self.problems} {few}, {advised} {pieces} of advice"]


def doctor() -> Examination:
    """Look at the installation and the machine.

    Nothing is changed, and nothing of it raises: a probe that fails is a finding of its own.
    """
    with ThreadPoolExecutor(len(WAITING)) as pool:
        begun = {name: pool.submit(look_at, name) for name in WAITING}
        found = {name: look_at(name) for name in PROBES if name not in WAITING}
        found |= {name: future.result() for name, future in begun.items()}
    return Examination(tuple(each for name in PROBES for each in found[name]))


def look_at(name: str) -> list[Finding]:
    """Return what a probe finds, or that it failed, and how; it is one of :data:`PROBES`."""
    module, _, function = PROBES[name].partition(":")
    found: list[Finding] = []
    try:
        probe: Callable[[], Iterable[Finding]] = getattr(
            import_module(f"sim.doctor.{module}"), function
        )
        for finding in probe():
            found.append(finding)  # noqa: PERF402 - those before a failure are kept
    except InputError as error:
        what, _, remedy = str(error).rpartition(": ")
        found.append(problem(name, what, remedy))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - that is what is found
        told = " ".join(f"{type(error).__name__}: {error}".split())
        *_, frame = traceback.extract_tb(error.__traceback__)
        found.append(
            problem(
                name,
                f"could not be looked at: {told} ({frame.filename}, line {frame.lineno})",
                "if that file is yours, rename it; else install this project anew, in an "
                "environment of its own",
            )
        )
    return found


def _wrapped(text: str, width: int, head: str) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=head, subsequent_indent=" " * len(head),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
