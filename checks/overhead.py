"""Measures what keeping a study costs: time, memory, and reading a little out of much.

``python checks/overhead.py``: prints figures and no verdict on times, which depend on the machine.

*Time*: replicates of a study by its command's function, on one worker, against the same replicates
one after another that nobody keeps, in turns, in seconds of the processor. *Memory*: the peak of a
process that keeps 2,000 and 20,000 replicates. *Reading*: the estimates of one outcome out of
100,000 replicates, copies of a simulated one with numbers drawn anew.
"""

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from kit.scratch import scratch
from kit.told import Told
from kit.tries import in_parallel, options
from threadpoolctl import threadpool_limits

from scenarios.loading.load import load_scenario
from sim.replicates.analysed import run_replicate
from sim.study import groups
from sim.study.executors import JoblibExecutor
from sim.study.runner import run_study
from sim.study.store.reading import KeptStudy

PLAIN = load_scenario("planned_2018")
FEW, MANY, MOST = 2_000, 20_000, 100_000


def seconds(work: Callable[[], object]) -> float:
    """Return the seconds of the processor that something takes."""
    started = time.process_time()
    work()
    return time.process_time() - started


def overhead(above: Path, replicates: int, turns: int) -> list[float]:
    """Return in each turn what a study takes more than its replicates, as a share of these."""
    found = []

    def alone() -> None:
        with threadpool_limits(limits=1):  # as workers have
            for number in range(replicates):
                run_replicate(PLAIN, number)

    def study(turn: int) -> None:
        run_study(
            PLAIN, replicates=replicates, executor=JoblibExecutor(1), out=above / f"turn {turn}"
        )

    run_replicate(PLAIN, 0)
    study(-1)
    for turn in range(turns):
        first = turn % 2 == 0
        kept = seconds(lambda turn=turn: study(turn)) if first else 0.0
        bare = seconds(alone)
        kept = kept or seconds(lambda turn=turn: study(turn))
        found.append(kept / bare - 1.0)
    return found


class Repeated:
    """Replicates that are copies of a simulated one, with numbers drawn anew, so cheap ones."""

    def __init__(self) -> None:
        self.tables = run_replicate(PLAIN, 0)
        self.__qualname__ = "repeated"

    def __call__(self, _scenario: object, number: int) -> dict[str, pa.Table]:
        """Return the tables."""
        rng = np.random.default_rng(number)
        return {n: drawn(numbered(table, number), rng) for n, table in self.tables.items()}


def numbered(table: pa.Table, number: int) -> pa.Table:
    """Return a table of one replicate under another number."""
    return table.set_column(0, "replicate", pa.array([number] * table.num_rows, pa.int32()))


def peak(replicates: int) -> float:
    """Return the peak memory, in MB, of a copy of this process that keeps replicates."""
    with scratch() as above:
        child = os.fork()
        if child == 0:
            code = 1
            # Some 50 plain replicates make a task. Of copies, which cost little, a task would have
            # thousands.
            repeated = Repeated()
            # The least of several times, for on a busy machine one may be twice as long.
            fifty = min(seconds(lambda: [repeated(PLAIN, n) for n in range(50)]) for _ in range(5))
            groups.TARGET = groups.LEAST = fifty
            try:
                run_study(
                    PLAIN, replicates=replicates, executor=JoblibExecutor(1), out=above / "out",
                    replicate=repeated,
                )  # fmt: skip
                code = 0
            finally:
                os._exit(code)
        _, status, used = os.wait4(child, 0)
        if status:
            raise RuntimeError("the study failed")
        return used.ru_maxrss / 1024.0


def drawn(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Return a table whose numbers are drawn anew, since equal ones take up less space."""
    for at, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            values = pa.array(rng.standard_normal(table.num_rows), field.type)
            table = table.set_column(at, field, values)
    return table


def large(above: Path) -> float:
    """Make a study of many replicates, in a copy of this process; return 0."""
    run_study(
        PLAIN, replicates=MOST, executor=JoblibExecutor(1), out=above / "large",
        replicate=Repeated(),
    )  # fmt: skip
    return 0.0


def main() -> int:
    """Measure; return 1 if memory grows, or a number is read wrongly."""
    given = options(__doc__, replicates=600, turns=4)
    told = Told()
    with scratch() as above:
        sizes = (partial(peak, FEW), partial(peak, MANY), partial(large, above))
        few, many, _ = in_parallel(lambda measure: measure(), sizes)
        told.case(
            f"peak memory at {FEW} and {MANY} replicates within 10%", int(many <= 1.1 * few), 1,
            f"{few:.0f} and {many:.0f} MB",
        )  # fmt: skip
        started = time.monotonic()
        study = KeptStudy(above / "large")
        found = study.read("estimates", [("outcome", "==", "rmdq")], coded=True).to_pandas()
        took = time.monotonic() - started
        size = (above / "large" / "estimates.parquet").stat().st_size / 1e6
        told.case(
            f"estimates of one outcome out of {MOST} replicates",
            found["replicate"].nunique(),
            MOST,
            f"{len(found)} rows in {took:.2f} s, out of {size:.0f} MB, checked",
        )  # fmt: skip
    with scratch() as above:
        shares = overhead(above, given.replicates, given.turns)
        each = ", ".join(f"{share:+.1%}" for share in shares)
        sys.stdout.write(
            f"a study of {given.replicates} replicates against these alone, median of "
            f"{given.turns} turns: {np.median(shares):+.1%} ({each})\n"
        )
    return told.code


if __name__ == "__main__":
    sys.exit(main())
