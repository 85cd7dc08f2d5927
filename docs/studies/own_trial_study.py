"""Records what docs/guides/own_trial.md shows of the knee example.

``python docs/studies/own_trial_study.py`` runs the page's commands, some thousand trials in all,
and leaves what they print in ``own_trial`` beside it: one text file for each.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORDS = Path(__file__).parent / "own_trial"
COMMANDS = {
    "new": "scenarios new my_knee --extends knee_koos",
    "course": "scenarios show my_knee.toml course",
    "power": (
        "power my_knee.toml --vary course.effect_size=6:10:2 --vary trial.sample_size=160:280:60 "
        "--replicates 1000"
    ),
    "size": "power my_knee.toml --target 0.9",
    "trial": "trial my_knee.toml --out one_trial --export csv",
    "analyse": "analyse one_trial/participants.csv one_trial/visits.csv --plan my_knee.toml",
}
"""Name of the record to the command, in the order in which they are given."""


def main() -> int:
    """Run the commands one after another; return 1 if one of them fails."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    RECORDS.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp())
    try:
        for name, command in COMMANDS.items():
            done = subprocess.run(  # noqa: S603 - our own commands
                [sys.executable, "-m", "sim", *command.split()],
                cwd=folder, check=False, capture_output=True, text=True,
                env={"PYTHONPATH": str(ROOT), "COLUMNS": "100", "PATH": ""},
            )  # fmt: skip
            if done.returncode:
                print(done.stderr)
                return 1
            lines = [line.rstrip() for line in done.stdout.splitlines()]
            text = "\n".join(lines).strip("\n")
            if text:
                (RECORDS / f"{name}.txt").write_text(f"{text}\n", encoding="utf-8")
            print(f"{name}: {command}", flush=True)
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
