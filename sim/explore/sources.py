"""What a page offers to begin with: the library, files of the user, and what studies have run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scenarios.arms.expansion import collapsed
from scenarios.errors import InputError
from scenarios.files import content_of
from scenarios.loading.layers import merge
from scenarios.loading.library import GROUPS, find, is_path, library, read
from scenarios.loading.load import content_hash, scenario_hash, validate
from scenarios.loading.toml_document import toml_document
from scenarios.trust import own_modules
from sim.explore.draft import Base
from sim.explore.runs import Runs, manifest_of
from sim.front.scenario import named

STUDY = "study:"
"""Begins the key of the scenario of a study."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A scenario that can be chosen.

    Attributes
    ----------
    key
        See :class:`sim.explore.draft.Base`.
    title, about
        Its own, and what it asks; or why it cannot be read.
    broken
        Whether it cannot be read.
    """

    key: str
    title: str
    about: str
    broken: bool = False


@cache
def shipped(group: str) -> tuple[Offer, ...]:
    """Return the scenarios of a group of the library, see :data:`scenarios.loading.library.GROUPS`.

    Those that extend no other are first. Only the file itself is read: to validate them all takes
    longer than a page may.
    """
    if group not in GROUPS:
        raise KeyError(group)
    found: list[tuple[bool, Offer]] = []
    for name, file in library(group).items():
        data, text = read(file, name)
        found.append(("extends" in data, Offer(name, str(data["title"]), about_of(text))))
    return tuple(offer for _, offer in sorted(found, key=itemgetter(0)))


def of_files(files: Sequence[Path]) -> Iterator[Offer]:
    """Yield files of the user; of one that cannot be read, what is wrong."""
    for file in files:
        try:
            title = merge(file).data.get("title", file.name)
            yield Offer(str(file), str(title), _about(str(file)))
        except InputError as error:
            yield Offer(str(file), file.name, str(error), broken=True)


def about_of(text: str) -> str:
    r"""Return what a file says of itself: the first paragraph of the comment that it begins with.

    Commands in it are left out.

    >>> about_of("# Would it have done?\n#   selfback run it\n#\n# More.\nname = 1")
    'Would it have done?'
    """
    lines: list[str] = []
    for line in text.splitlines():
        said = line.lstrip("#").strip()
        if not line.startswith("#") or (lines and not said):
            break
        if said and not said.startswith("selfback "):
            lines.append(said)
    return " ".join(lines)


def base_of(key: str, runs: Runs) -> tuple[Base, tuple[str, ...]]:
    """Return a scenario by its key, with the changes that it begins with.

    Parameters
    ----------
    key
        A name in the library, the path of a file, or that of a study.
    runs
        Where the studies are.

    Raises
    ------
    InputError
        If there is no such scenario or study.
    """
    if key.startswith(STUDY):
        return _of_study(key, runs)
    find(key)
    return Base(key, key, _about(key)), ()


def _about(key: str) -> str:
    file, label = find(key)
    try:
        raw = content_of(file) if isinstance(file, Path) else file.read_bytes()
    except OSError:
        return ""
    return about_of(raw.decode("utf-8", errors="replace")) if label else ""


def _of_study(key: str, runs: Runs) -> tuple[Base, tuple[str, ...]]:
    """Return what a study simulated: as its command named it, if that is still the same."""
    from sim.front.reports.sources import asked_in  # noqa: PLC0415 - heavy

    study = runs.study(key.removeprefix(STUDY))
    manifest = manifest_of(study)
    for source, changes in asked_in(manifest):
        try:
            found = validate(merge(source, changes))
        except (InputError, OSError):
            continue
        if scenario_hash(found) == manifest.get("scenario_hash"):
            shown = _shortest(source)
            return Base(shown, shown, _about(shown)), tuple(changes)
    file = _written(manifest)
    own = tuple(own_modules(validate(merge(file))))
    about = f"As the folder {study.folder} has it: no file has it any more."
    return Base(key, str(file), about, portable=False, own_code=own), ()


def _shortest(source: str) -> str:
    """Return a file's path from the working folder, where it is below that."""
    path = Path(source)
    if is_path(source) and path.is_absolute() and path.is_relative_to(Path.cwd()):
        return str(path.relative_to(Path.cwd()))
    return source


def _written(manifest: Mapping[str, Any]) -> Path:
    """Write the scenario of a manifest into a file, which is there as long as this process is."""
    content = dict(manifest["scenario"])
    file = Path(_scratch().name) / f"{content_hash(content)}.toml"
    if not file.is_file():
        with named(collapsed(content)) as source:
            file.write_text(toml_document(merge(source)), encoding="utf-8")
    return file


@cache
def _scratch() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="selfback-explore-")
