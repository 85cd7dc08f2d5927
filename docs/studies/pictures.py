"""Draws the pictures of README.md and the tutorials into ``docs/images``.

``python docs/studies/pictures.py [NAME ...]``: ``selfback_2021`` is the figure that ``make run``
saves, of 200 simulated trials; ``knee_power`` the one of the power grid of docs/tutorials/knee.md,
of the scenario and the command that stand there.
"""

import argparse
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1]
IMAGES = DOCS / "images"
KNEE = (DOCS / "tutorials" / "knee.md").read_text("utf-8")


def selfback(command: str, folder: Path) -> None:
    """Give a command of ``selfback`` in a folder."""
    subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, "-m", "sim", *shlex.split(command)],
        cwd=folder, check=True, env={"PYTHONPATH": str(DOCS.parent), "PATH": ""},
    )  # fmt: skip


def draw_selfback(folder: Path) -> Path:
    """Run the trial as ``make run`` does."""
    selfback("run selfback_2021 --replicates 200", folder)
    return folder / "results" / "selfback_2021" / "summary.svg"


def draw_knee(folder: Path) -> Path:
    """Run the power grid of the tutorial."""
    [text] = re.findall(r":caption: my_knee\.toml\n\n(.*?)```", KNEE, re.DOTALL)
    (folder / "my_knee.toml").write_text(text, "utf-8")
    [command] = re.findall(r"^\$ selfback (power my_knee\.toml --vary .*)$", KNEE, re.MULTILINE)
    selfback(command, folder)
    return folder / "results" / "my_knee_power" / "power.svg"


PICTURES = {"selfback_2021": draw_selfback, "knee_power": draw_knee}


def main() -> None:
    """Draw some pictures, all by default."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PICTURES))
    IMAGES.mkdir(exist_ok=True)
    for name in parser.parse_args().names or PICTURES:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copyfile(PICTURES[name](Path(folder)), IMAGES / f"{name}.svg")


if __name__ == "__main__":
    main()
