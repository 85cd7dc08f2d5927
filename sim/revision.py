"""The revision of the code that runs, where it runs from a checkout."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The folder with our packages: a checkout, or where installed packages are."""


@cache
def git_revision() -> str | None:
    """Return the revision of the code, with "-dirty" if it was changed since; None outside git."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return None
    told = subprocess.run(  # noqa: S603 - a fixed command on our own folder
        [git, "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or None
