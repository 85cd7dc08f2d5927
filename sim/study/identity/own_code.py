"""The code that a scenario itself names: its recommender, its own analyses, and what they import.

It makes numbers as our own code does, so a study that was begun with other code of this kind is not
gone on with unasked. Nothing is imported here: files are found, read and hashed.
"""

import ast
import hashlib
from collections.abc import Iterator
from importlib.machinery import PathFinder
from importlib.metadata import entry_points
from pathlib import Path

from scenarios.analyses.register import OWN_ANALYSES
from scenarios.devices.own_recommender import HTTP, RECOMMENDERS
from scenarios.plugins import PluginKind, look_in
from scenarios.schema import Scenario


def own_code(scenario: Scenario) -> dict[str, str]:
    """Return the module of each part that a scenario names, and the SHA-256 of its sources.

    These are the module, or all modules of its package, and those beside it that they import. A
    module that is not found is left out: whatever imports it says so. What is behind an address is
    not known.
    """
    look_in(Path.cwd())
    return {
        name: _hash(start)
        for name in dict.fromkeys(_modules(scenario))
        if (start := _place(name)) is not None
    }


def _modules(scenario: Scenario) -> Iterator[str]:
    recommender = scenario.recommender
    if recommender is not None and recommender.is_own and recommender.kind != HTTP:
        yield _top(RECOMMENDERS, recommender.kind)
    for name in scenario.analysis.own_analyses:
        yield _top(OWN_ANALYSES, name)


def _top(kind: PluginKind, name: str) -> str:
    """Return the topmost package or module of ``module:attribute``, or of an entry point."""
    module, colon, _ = name.partition(":")
    if not colon:
        found = tuple(entry_points(group=kind.group, name=name))
        module = found[0].module if found else name
    return module.partition(".")[0]


def _place(module: str) -> Path | None:
    """Return the file of a module or the folder of a package, None if there are no sources."""
    found = PathFinder.find_spec(module)
    if found is None:
        return None
    if found.submodule_search_locations:
        return Path(next(iter(found.submodule_search_locations)))
    file = Path(found.origin or "")
    return file if file.suffix == ".py" else None


def _hash(start: Path) -> str:
    """Return the SHA-256 of some sources with what stands beside them and is imported."""
    content = hashlib.sha256()
    files: dict[str, bytes] = {}
    waiting = [start]
    while waiting:
        place = waiting.pop()
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            name = file.relative_to(start.parent).as_posix()
            if name in files:
                continue
            files[name] = file.read_bytes()
            for imported in _imports(files[name]):
                beside = start.parent / imported
                waiting += [one for one in (beside, beside.with_suffix(".py")) if one.exists()]
    for name, source in sorted(files.items()):
        content.update(f"{name}\n".encode())
        content.update(hashlib.sha256(source).digest())
    return content.hexdigest()


def _imports(source: bytes) -> Iterator[str]:
    """Yield the topmost names of the modules that a source imports by their whole names."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
