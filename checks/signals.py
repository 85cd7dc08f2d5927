"""Ends studies with SIGKILL, SIGTERM and SIGINT at random, and gives the same command again.

``python checks/signals.py``: on this process, on processes of this machine, and on Dask. What is
simulated is counted. The command that is given again must end with the tables of an undisturbed
study, byte for byte, and simulate no more than one chunk of each worker for a second time.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

from kit.counted import (
    REPLICATES,
    again,
    errors_of,
    prepare,
    start,
    tables,
    undisturbed,
    wait_for,
    wait_until_seen,
)
from kit.scratch import scratch
from kit.told import Told

from sim.study.groups import CHUNK

EXECUTORS = {
    "here, 1 job": ("--jobs=1",),
    "joblib, 2 jobs": ("--jobs=2",),
    "dask, 2 jobs": ("--jobs=2", "--executor=dask"),
}
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
CODES = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}


def check(
    folder: Path, more: tuple[str, ...], number: int, generator: random.Random, whole: dict
) -> tuple[int, str]:
    """Disturb a study, and give it again; return how often replicates were repeated, and a fault.

    A study that ends before the signal comes counts as well: it is to be as if none had come.
    """
    log = prepare(folder)
    process = start(folder, more)
    wait_until_seen(process, log, generator.randrange(REPLICATES))
    time.sleep(0.1 * generator.random())
    # A terminal sends Ctrl-C to all processes of a session.
    (os.killpg if number == signal.SIGINT else os.kill)(process, number)
    code = wait_for(process)
    if code not in (CODES[number], 0):
        return 0, f"exit code {code} after {number.name}: {errors_of(folder).read_text()[-300:]}"
    if code != 0:
        code = wait_for(start(folder, more))
    if code != 0:
        return 0, f"exit code {code} when given again: {errors_of(folder).read_text()[-300:]}"
    twice, most = again(log), CHUNK * int(more[0].partition("=")[2])
    if twice > most:
        return twice, f"{number.name}: {twice} replicates simulated twice, more than {most}"
    left = {path.name for path in folder.iterdir()} - {"counting.py", "seen.log", "stderr", "out"}
    left -= {"__pycache__"}
    if left:
        return twice, f"{number.name}: left {sorted(left)}"
    found = tables(folder / "out")
    others = sorted(name for name in {*found, *whole} if found.get(name) != whole.get(name))
    return twice, f"{number.name}: other tables: {others}" if others else ""


def main() -> int:
    """Run the checks; return 1 if one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50, help="how often, on each executor")
    parser.add_argument("--only", default="", help="executors with this in their name")
    parser.add_argument("--seed", type=int, default=20190308)
    given = parser.parse_args()
    generator = random.Random(given.seed)
    told = Told()
    with scratch() as above:
        whole = undisturbed(above / "whole")
        for name, more in EXECUTORS.items():
            if given.only not in name:
                continue
            repeated: list[int] = []
            bad: list[str] = []
            for turn in range(given.times):
                folder = above / f"{turn}"
                twice, fault = check(folder, more, SIGNALS[turn % 3], generator, whole)
                repeated.append(twice)
                bad += [fault] if fault else []
                shutil.rmtree(folder)
            say = f"at most {max(repeated)} replicates simulated twice, {sum(repeated)} in all"
            told.case(f"{name}: a signal at random", given.times - len(bad), given.times, say, bad)
    return told.code


if __name__ == "__main__":
    sys.exit(main())
