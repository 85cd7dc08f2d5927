"""Ends studies with SIGKILL, SIGTERM and SIGINT at random, and gives the same command again.

``python checks/signals.py``: on this process, on processes of this machine, and on Dask. What is
simulated is counted. The command that is given again must end with the tables of an undisturbed
study, byte for byte, and simulate no more than one chunk of each worker for a second time.
"""

import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

from kit.counted import (
    EXECUTORS,
    REPLICATES,
    errors_of,
    given_again,
    import_dask,
    prepare,
    start,
    undisturbed,
    wait_for,
    wait_until_seen,
)
from kit.scratch import scratch
from kit.told import Told
from kit.tries import AT_ONCE, SEED, at_random, in_parallel, options

from sim.study.groups import CHUNK

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
CODES = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}


def check(
    folder: Path, more: tuple[str, ...], number: int, generator: random.Random, whole: dict
) -> tuple[bool, int, str]:
    """Disturb a study, and give it again.

    Returns
    -------
    Whether the study ended before the signal came, which counts as well: it is to be as if none had
    come; how often replicates were repeated; and a fault.
    """
    log = prepare(folder)
    process = start(folder, more)
    wait_until_seen(process, log, generator.randrange(REPLICATES))
    time.sleep(0.1 * generator.random())
    # A terminal sends Ctrl-C to all processes of a session.
    (os.killpg if number == signal.SIGINT else os.kill)(process, number)
    code = wait_for(process)
    if code not in (CODES[number], 0):
        told = errors_of(folder).read_text()[-300:]
        return False, 0, f"exit code {code} after {number.name}: {told}"
    workers = int(more[0].partition("=")[2])
    twice, fault = given_again(folder, more if code else None, whole, most=CHUNK * workers)
    return code == 0, twice, f"{number.name}: {fault}" if fault else ""


def main() -> int:
    """Run the checks; return 1 if one fails."""
    given = options(__doc__, times=50, seed=SEED, at_once=AT_ONCE)
    told = Told()
    with scratch() as above:
        whole = undisturbed(above / "whole")
        import_dask()
        for name, more in EXECUTORS.items():
            if given.only not in name:
                continue

            def turn(number: int, name: str = name, more: tuple[str, ...] = more) -> tuple:
                folder = above / f"{name} {number}"
                generator = at_random(given.seed, name, number)
                found = check(folder, more, SIGNALS[number % len(SIGNALS)], generator, whole)
                shutil.rmtree(folder)
                return found

            ended, twice, faults = zip(
                *in_parallel(turn, range(given.times), given.at_once), strict=True
            )
            bad = [fault for fault in faults if fault]
            say = (
                f"{sum(ended)} studies ended before it, at most {max(twice)} replicates simulated "
                f"twice, {sum(twice)} in all"
            )
            told.case(f"{name}: a signal at random", given.times - len(bad), given.times, say, bad)
    return told.code


if __name__ == "__main__":
    sys.exit(main())
