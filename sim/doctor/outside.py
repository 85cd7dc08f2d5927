"""Probes of what stands beside Python: fonts of figures, R, a browser."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from sim.doctor.declared import is_checkout
from sim.doctor.finding import Finding, advice, good
from sim.export.scripts.r_packages import FITTING, READING

PATIENCE = 5.0
"""Seconds for the answer of another program."""
_ASK_R = (
    'cat(R.version$major, ".", R.version$minor, sep = "");'
    "for (name in commandArgs(TRUE)) if (nzchar(system.file(package = name))) cat('', name)"
)


def fonts() -> Iterable[Finding]:
    """Look at whether figures have the font that matplotlib is told to use."""
    matplotlib: Any = import_module("matplotlib")
    manager: Any = import_module("matplotlib.font_manager")
    wanted = manager.FontProperties()
    try:
        file = Path(manager.findfont(wanted, fallback_to_default=False))
    except ValueError:
        yield advice(
            "fonts of figures",
            f"none of {', '.join(matplotlib.rcParams['font.family'])} is there: figures have "
            "another one",
            f"take font.family out of {matplotlib.matplotlib_fname()}, or install it",
        )
        return
    cache = Path(matplotlib.get_cachedir())
    if cache.name.startswith("matplotlib-") and cache.parent == Path(tempfile.gettempdir()):
        yield advice(
            "fonts of figures",
            "the list of fonts cannot be kept: it is made anew each time, which takes seconds",
            "set MPLCONFIGDIR to a folder that you can write to",
        )
    else:
        yield good("fonts of figures", file.stem)


def r() -> Iterable[Finding]:
    """Look at whether R is there for the scripts beside exported data."""
    purpose = "the scripts beside exported data; nothing else takes it"
    packages = sorted({name for kind in (READING, FITTING) for names in kind.values() for name in names})  # fmt: skip  # noqa: E501
    program = shutil.which("Rscript")
    if program is None:
        yield advice("R", f"not installed: for {purpose}", "install R, if you want to run these")
        return
    try:
        version, *there = _told([program, "--vanilla", "-e", _ASK_R, *packages]).split()
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        told = type(error).__name__
        yield advice(
            "R", f"{program} gives no answer ({told}): for {purpose}",
            f"look at what {program} --version says, if you want to run these",
        )  # fmt: skip
        return
    missing = [name for name in packages if name not in there]
    if missing:
        names = ", ".join(f'"{name}"' for name in missing)
        yield advice(
            "R", f"{version}, without {', '.join(missing)}: for {purpose}",
            f"in R: install.packages(c({names})), if you want to run these",
        )  # fmt: skip
    else:
        yield good("R", f"{version}, with {', '.join(packages)}: for {purpose}")


def browser() -> Iterable[Finding]:
    """Look, in a checkout, at whether the browser is there that opens reports in a check."""
    if not is_checkout():
        return
    program = shutil.which("chromium")
    if program is None:
        yield advice(
            "browser", "no chromium: for checks/pages.py; nothing else takes it",
            "install chromium, if you want to run this check",
        )  # fmt: skip
    else:
        yield good("browser", f"{program}, for checks/pages.py")


def _told(command: list[str]) -> str:
    return subprocess.run(  # noqa: S603 - a program found above, with our own arguments
        command, capture_output=True, text=True, check=True, timeout=PATIENCE
    ).stdout
