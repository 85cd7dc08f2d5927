"""Top-level folders with everyday names: finds the file that stands in the way of one of ours.

A ``recommender/`` or ``analysis.py`` on ``PYTHONPATH``, or in the folder where Python is started,
is imported instead of the package.
"""

from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("scenarios", "agents", "recommender", "analysis", "sim", "selfback")


def in_the_way(root: Path) -> str:
    """Return one line that says which file hides a package of ours, '' if none does.

    Parameters
    ----------
    root
        The folder with our packages.
    """
    for name in PACKAGES:
        spec = find_spec(name)
        found = None if spec is None else _place(spec.origin, spec.submodule_search_locations)
        ours = (root / name / "__init__.py", root / name, root / f"{name}.py")
        if found is not None and found not in ours:
            return (
                f"{found} stands in the way: it is imported instead of the package {name!r} in "
                f"{root}: rename it, or run selfback from another folder"
            )
    return ""


def _place(origin: str | None, folders: object) -> Path | None:
    """Return a module's file, or the folder of a package without ``__init__.py``."""
    if origin is not None:
        return Path(origin).resolve()
    first = next(iter(folders), None) if folders is not None else None  # type: ignore[call-overload]
    return None if first is None else Path(str(first)).resolve()
