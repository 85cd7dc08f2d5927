"""Probes of names: whether a file or another distribution stands in the way of a module."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from scenarios.extras import PACKAGE
from sim.doctor.finding import Finding, advice, good, problem
from sim.namesakes import PACKAGES, in_the_way
from sim.revision import ROOT

_TOP = re.compile(rf"^({'|'.join(PACKAGES)})(?:/|\.py,|$)", re.MULTILINE)
"""A line of the files of a distribution, or of its topmost names, that has a name of ours."""


def hidden() -> Iterable[Finding]:
    """Look for what is imported instead of one of our packages."""
    told = in_the_way(ROOT)
    if told:
        what, _, remedy = told.rpartition(": ")
        yield problem("our packages", what, remedy)
    else:
        yield good("our packages", f"{', '.join(PACKAGES)} are imported from {ROOT}")


def distributions() -> Iterable[Finding]:
    """Look for other distributions that install a module with a name of ours."""
    from importlib import metadata  # noqa: PLC0415 - what it imports may be what is hidden

    ours = PACKAGE.replace("-", "_")
    found = False
    for each in metadata.distributions():
        name = each.metadata["Name"]
        if name is None or name.replace("-", "_") == ours:
            continue
        listed = f"{each.read_text('RECORD') or ''}\n{each.read_text('top_level.txt') or ''}"
        same = sorted(set(_TOP.findall(listed)))
        if same:
            found = True
            yield problem(
                "distributions",
                f"{name} installs {', '.join(same)} as well: one may be imported for the other",
                f"pip uninstall {name}, then install this project anew; or give it an environment "
                "of its own",
            )
    if not found:
        yield good("distributions", "no other one installs a module with a name of ours")


def folders() -> Iterable[Finding]:
    """Look for files in the working folder and on PYTHONPATH that hide a module."""
    try:
        here = Path.cwd().resolve()
    except OSError:
        yield problem("names of files", "the working folder is gone", "work in another folder")
        return
    given = os.environ.get("PYTHONPATH")
    entries = given.split(os.pathsep) if given else ()
    on_path = {Path(os.path.realpath(entry)) for entry in entries}
    clean = True
    for file, whose in _namesakes(sorted({here, *on_path} - {ROOT})):
        clean = False
        what = f"{file} is imported instead of {whose} {file.stem}"
        if file.parent in on_path:
            yield problem("names of files", what, f"rename {file}, or take it off PYTHONPATH")
        else:
            yield advice(
                "names of files",
                f"{what} by Python that is started in its folder, such as a script or a notebook; "
                "the command selfback is not concerned",
                f"rename {file}, or work in another folder",
            )
    if clean:
        yield good("names of files", f"none in {here} hides a module")


def _namesakes(looked: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield the files in some folders that hide a module, and whose that is."""
    for folder in looked:
        yield from ((file, "our") for file in _modules(folder, PACKAGES))
        yield from ((file, "Python's") for file in _modules(folder, sys.stdlib_module_names))
    libraries = _libraries()
    for folder in looked:
        yield from ((file, "the library") for file in _modules(folder, libraries))


def _libraries() -> list[str]:
    """Return the modules of the libraries that we take, which have the libraries' names."""
    from importlib import metadata  # noqa: PLC0415 - what it imports may be what is hidden

    lines = metadata.requires(PACKAGE) or ()
    return [re.split(r"[^\w-]", line, maxsplit=1)[0].replace("-", "_") for line in lines]


def _modules(folder: Path, names: Iterable[str]) -> Iterator[Path]:
    """Yield the files and folders that would be imported by one of some names."""
    for name in sorted(names):
        package, module = folder / name, folder / f"{name}.py"
        # A folder that is no package hides none that is installed, but may hide a checkout's.
        with suppress(OSError):  # what cannot be read is not imported either
            if module.is_file():
                yield module
            elif (package / "__init__.py").is_file() or (name in PACKAGES and package.is_dir()):
                yield package
