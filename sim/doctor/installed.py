"""Probes of what is installed: Python, the package itself, libraries, extras."""

import json
import os
import platform
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from scenarios.extras import EXTRAS, PACKAGE, pip_line
from sim.doctor.declared import CONSTRAINTS, Declared, constrained, declared, is_checkout
from sim.doctor.finding import Finding, advice, good, problem
from sim.revision import ROOT, git_revision

OF_CHECKOUT = ("dev", "docs")
"""Extras of which only a checkout has any use."""


def python() -> Iterable[Finding]:
    """Look at the version of Python."""
    ours, wanted = platform.python_version(), declared().python
    if SpecifierSet(wanted).contains(ours, prereleases=True):
        yield good("Python", f"{ours}, {platform.python_implementation()} ({wanted} is needed)")
    else:
        yield problem(
            "Python", f"{ours}: {wanted} is needed", f"make an environment with Python {wanted}"
        )


def package() -> Iterable[Finding]:
    """Look at which code runs, and whether it is the one that is installed."""
    runs, revision = declared().version, git_revision()
    code = f"{runs} (revision {revision[:12]}{_changed(revision)})" if revision else runs
    install = f'pip install --editable "{ROOT}"' if is_checkout() else f"pip install {PACKAGE}"
    try:
        found = metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError:
        yield problem(PACKAGE, f"{code} runs from {ROOT}, but is not installed", install)
        return
    place = _place(found)
    if place != ROOT:
        path = os.environ.get("PYTHONPATH", "")
        yield advice(
            PACKAGE,
            f"{code} runs from {ROOT}; installed is {found.version} from {place}"
            + (f"; PYTHONPATH is {path}" if path else ""),
            "nothing, if that is meant; else unset PYTHONPATH and run it from another folder",
        )
    elif found.version != runs:
        yield advice(
            PACKAGE, f"{code} runs from {ROOT}; {found.version} was installed from there", install
        )
    else:
        yield good(PACKAGE, f"{code} from {ROOT}")


def libraries() -> Iterable[Finding]:
    """Look at the versions of the libraries that are always needed."""
    needed = declared().libraries
    fit = []
    for requirement in needed:
        wrong = _wrong(requirement)
        if wrong:
            yield problem(
                requirement.name,
                f"{wrong}: {requirement.specifier} is needed",
                f'pip install {_constraint()}"{_bare(requirement)}"',
            )
        else:
            fit.append(f"{requirement.name} {metadata.version(requirement.name)}")
    yield good("libraries", f"{len(fit)} of {len(needed)} in the versions needed: {', '.join(fit)}")


def constraints() -> Iterable[Finding]:
    """Look, in a checkout, at whether libraries are in the versions that it is tested with."""
    if not CONSTRAINTS.is_file():
        return
    tested = constrained()
    other = [
        f"{requirement.name} {ours} ({wanted})"
        for requirement in _all_of(declared())
        if (ours := _version(requirement.name))
        and ours != (wanted := tested.get(requirement.name.casefold(), ours))
    ]
    if other:
        yield advice(
            CONSTRAINTS.name,
            f"other versions than the tested ones, in brackets: {', '.join(other)}",
            f'pip install {_constraint()}--editable "{ROOT}"',
        )
    else:
        yield good(CONSTRAINTS.name, "all installed libraries are in the tested versions")


def extras() -> Iterable[Finding]:
    """Look at which extras are installed."""
    for name, requirements in declared().extras.items():
        if name in OF_CHECKOUT and not is_checkout():
            continue
        purpose = EXTRAS[name]
        wrong = [f"{each.name} ({why})" for each in requirements if (why := _wrong(each))]
        if wrong:
            yield advice(
                f"extra {name}", f"not whole: {', '.join(wrong)}; for {purpose}", pip_line(name)
            )
        else:
            yield good(f"extra {name}", f"installed, for {purpose}")


def _all_of(found: Declared) -> list[Requirement]:
    return [*found.libraries, *(each for lines in found.extras.values() for each in lines)]


def _version(name: str) -> str:
    """Return the version of a library, '' if it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _wrong(requirement: Requirement) -> str:
    """Return what is wrong with a library in a word or two, '' if it is as required."""
    ours = _version(requirement.name)
    if not ours:
        return "not installed"
    return "" if requirement.specifier.contains(ours, prereleases=True) else ours


def _bare(requirement: Requirement) -> str:
    return f"{requirement.name}{requirement.specifier}"


def _constraint() -> str:
    return f'--constraint "{CONSTRAINTS}" ' if CONSTRAINTS.is_file() else ""


def _changed(revision: str) -> str:
    return ", changed since" if revision.endswith("-dirty") else ""


def _place(found: metadata.Distribution) -> Path:
    """Return the folder an installed package is imported from: of an editable one, its checkout."""
    origin = json.loads(found.read_text("direct_url.json") or "{}")
    if origin.get("dir_info", {}).get("editable"):
        return Path(url2pathname(urlsplit(origin["url"]).path)).resolve()
    return Path(str(found.locate_file(""))).resolve()
