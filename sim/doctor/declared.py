"""What the package declares that it takes: of Python, of libraries, of its extras."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import Requirement

from scenarios.extras import PACKAGE
from sim.revision import ROOT

PROJECT = ROOT / "pyproject.toml"
CONSTRAINTS = ROOT / "constraints.txt"


@dataclass(frozen=True, slots=True)
class Declared:
    """What the package takes.

    Attributes
    ----------
    version
        Of the package.
    python
        Versions of Python, as pip writes them: ``">=3.11"``.
    libraries
        What it always takes.
    extras
        What each extra takes besides.
    """

    version: str
    python: str
    libraries: tuple[Requirement, ...]
    extras: dict[str, tuple[Requirement, ...]]


def is_checkout() -> bool:
    """Return whether the code that runs is a checkout of the repository."""
    return PROJECT.is_file()


def declared() -> Declared:
    """Return what the code that runs declares: in a checkout its own file, else its metadata.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        If it is neither a checkout nor installed.
    """
    if is_checkout():
        project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
        return Declared(
            version=project["version"],
            python=project["requires-python"],
            libraries=_read(project["dependencies"]),
            extras={name: _read(lines) for name, lines in project["optional-dependencies"].items()},
        )
    found = metadata.metadata(PACKAGE)
    lines = _read(found.get_all("Requires-Dist") or ())
    always = tuple(line for line in lines if _applies(line, ""))
    return Declared(
        version=found["Version"],
        python=found["Requires-Python"],
        libraries=always,
        extras={
            name: tuple(line for line in lines if line not in always and _applies(line, name))
            for name in found.get_all("Provides-Extra") or ()
        },
    )


def constrained() -> dict[str, str]:
    """Return the versions that a checkout installs and is tested with, by name."""
    lines = CONSTRAINTS.read_text("utf-8").splitlines()
    pairs = (line.partition("==") for line in lines if "==" in line)
    return {name.strip().casefold(): version.strip() for name, _, version in pairs}


def _read(lines: Iterable[str]) -> tuple[Requirement, ...]:
    return tuple(Requirement(line) for line in lines)


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})
