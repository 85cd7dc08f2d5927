"""A study that is killed, interrupted or fails is gone on with, and loses nothing that is kept."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from sim.replicates.analysed import FAILURE_SCHEMA
from sim.study import groups
from sim.study.executors import JoblibExecutor
from sim.study.failed import MachineError, TooManyFailedError
from sim.study.identity import study as identity
from sim.study.runner import run_study
from sim.study.setting import Setting
from sim.study.store.growing import beside
from sim.study.store.place import Place
from sim.study.store.reading import KeptStudy
from sim.study.store.status import read_status
from sim.tables.costs import COSTS_SCHEMA

SCENARIO = load_scenario(Path(__file__).parents[2] / "scenarios" / "minimal.toml")
KILL_POINTS = Path(__file__).parent / "kill_points.py"


@pytest.fixture(autouse=True)
def tasks_of_one_chunk(monkeypatch):
    monkeypatch.setattr(groups, "TARGET", 0.0)
    monkeypatch.setattr(groups, "LEAST", 0.0)


class Trials:
    """Stand-ins for trials that are counted, and of which some raise."""

    def __init__(self, **raising: BaseException) -> None:
        self.simulated: list[int] = []
        self.raising = {int(name[1:]): error for name, error in raising.items()}
        self.__qualname__ = "trials"

    def __call__(self, scenario, number):
        self.simulated.append(number)
        if number in self.raising:
            raise self.raising[number]
        values = np.random.default_rng([scenario.seed, number]).standard_normal(4)
        columns = [pa.array([number] * 4, pa.int32()), list("abcd"), values]
        table = pa.table(columns, schema=COSTS_SCHEMA)
        return {"costs": table, "failures": FAILURE_SCHEMA.empty_table()}


def run(out, trials=None, replicates=22, scenario=SCENARIO, finish=None, **more):
    trials = trials or Trials()
    setting = Setting(JoblibExecutor(1), Place(out), **more)
    run_study(
        scenario,
        replicates=replicates,
        executor=setting.executor,
        out=out,
        replicate=trials,
        setting=setting,
        finish=finish,
    )
    return trials


def contents(out):
    return {file.name: file.read_bytes() for file in sorted(out.glob("*.parquet"))}


def broken_off(out, at=12, **more):
    """Leave a study with the chunks before a replicate, as if it had been interrupted there."""
    with pytest.raises(KeyboardInterrupt):
        run(out, Trials(**{f"n{at}": KeyboardInterrupt()}), **more)


def manifest(out):
    return json.loads((out / "manifest.json").read_text("utf-8"))


def test_killed_at_file_events_a_study_is_the_old_or_the_new_one(tmp_path):
    points = ["9", "24", "61", "112"]  # begun, a chunk, tables, what is made of them
    told = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(KILL_POINTS), str(tmp_path / "work"), *points],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    found = [json.loads(line) for line in told.stdout.splitlines()]
    assert len(found) == 2 * len(points)
    assert any(one["again"] == groups.CHUNK for one in found)


def test_what_is_kept_is_not_simulated_again(tmp_path):
    run(tmp_path / "whole")
    broken_off(tmp_path / "out")
    assert read_status(tmp_path / "out").kept == 10
    assert read_status(tmp_path / "out").state == "interrupted"
    told = []
    assert run(tmp_path / "out", tell=told.append).simulated == list(range(10, 22))
    assert told == [f"{tmp_path / 'out'}: 10 of 22 replicates are kept, 12 are simulated now"]
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_one_whose_tables_are_whole_may_be_ended_with_fewer(tmp_path):
    def fails(_folder):
        raise ValueError("no figure")

    with pytest.raises(ValueError, match="no figure"):
        run(tmp_path / "out", finish=fails)
    assert manifest(tmp_path / "out")["state"] == "simulated"
    assert run(tmp_path / "out", replicates=7).simulated == []
    run(tmp_path / "whole", replicates=7)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    KeptStudy(tmp_path / "out").check()


def test_a_damaged_record_is_simulated_again(tmp_path):
    run(tmp_path / "whole")
    broken_off(tmp_path / "out")
    shard = sorted((tmp_path / "out" / "replicates").iterdir())[1]
    content = bytearray(shard.read_bytes())
    content[-20] ^= 1
    shard.write_bytes(content)
    told = []
    assert run(tmp_path / "out", tell=told.append).simulated == list(range(5, 22))
    assert "1 damaged records were left out" in told[0]
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_overwriting_replaces_finished_studies_only(tmp_path):
    out = tmp_path / "out"
    broken_off(out)
    assert run(out, overwrite=True).simulated == list(range(10, 22))
    older = contents(out)
    broken_off(out, overwrite=True)
    assert contents(out) == older
    assert read_status(beside(out)).kept == 10
    assert run(out, overwrite=True).simulated == list(range(10, 22))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": 7}, r"seed = 7 \(there 20190308\)"),
        ({"truth": not SCENARIO.truth}, r"truth = "),
    ],
)
def test_another_study_is_refused_by_what_differs(tmp_path, change, told):
    broken_off(tmp_path / "out")
    with pytest.raises(InputError, match=f"has an unfinished study that is another one: {told}"):
        run(tmp_path / "out", scenario=SCENARIO.model_copy(update=change))
    assert read_status(tmp_path / "out").kept == 10


def test_another_replicate_number_to_begin_with_is_another_study(tmp_path):
    broken_off(tmp_path / "out")
    with pytest.raises(InputError, match=r"first replicate 5 \(there 0\)"):
        run_study(
            SCENARIO, replicates=9, first=5, executor=JoblibExecutor(1), out=tmp_path / "out",
            replicate=Trials(),
        )  # fmt: skip


def test_other_code_is_refused_unless_it_is_allowed_and_recorded(tmp_path, monkeypatch):
    broken_off(tmp_path / "out")
    monkeypatch.setattr(identity, "code_hash", lambda: "another")
    with pytest.raises(InputError, match=r"of other code: the code: add --allow-code-change"):
        run(tmp_path / "out")
    assert run(tmp_path / "out", allow_code_change=True).simulated == list(range(10, 22))
    assert "the code" in manifest(tmp_path / "out")["changes"][0]


def test_another_processor_is_told(tmp_path, monkeypatch):
    broken_off(tmp_path / "out")
    monkeypatch.setattr(identity, "machine", lambda: {"processor": "another", "blas": ""})
    told = []
    run(tmp_path / "out", tell=told.append)
    assert "was begun on another machine, last digits may differ: processor = 'another'" in told[0]


def test_more_replicates_are_added_to_a_study(tmp_path):
    run(tmp_path / "whole", replicates=33)
    run(tmp_path / "out", replicates=22)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "out", Trials(n28=KeyboardInterrupt()), replicates=33, repeat="grow")
    assert manifest(tmp_path / "out")["replicates"] == 22
    assert run(tmp_path / "out", replicates=33, repeat="grow").simulated == list(range(25, 33))
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert {path.name for path in tmp_path.iterdir()} == {"whole", "out"}


def test_fewer_replicates_than_are_kept_may_be_asked_for(tmp_path):
    run(tmp_path / "whole", replicates=8)
    broken_off(tmp_path / "out")
    assert run(tmp_path / "out", replicates=8).simulated == []
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_summary_that_fails_loses_nothing_and_is_made_again(tmp_path):
    out = tmp_path / "out"

    def study(finish):
        trials = Trials()
        run_study(
            SCENARIO, replicates=7, executor=JoblibExecutor(1), out=out, replicate=trials,
            finish=finish,
        )  # fmt: skip
        return trials.simulated

    def fail(folder):
        raise ZeroDivisionError(folder)

    with pytest.raises(ZeroDivisionError) as caught:
        study(fail)
    assert "all replicates are kept" in caught.value.__notes__[0]
    assert manifest(out)["state"] == "simulated"
    assert study(lambda folder: (folder / "summary.json").touch()) == []
    assert manifest(out)["state"] == "finished"
    assert (out / "summary.json").exists()
    assert not (out / "replicates").exists()


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EIO, "Input/output error"),
        OSError(errno.EMFILE, "Too many open files"),
    ],
)
def test_what_the_machine_fails_at_is_no_failed_replicate(tmp_path, error):
    with pytest.raises(MachineError, match=f"replicate 12: {type(error).__name__}"):
        run(tmp_path / "out", Trials(n12=error))
    assert run(tmp_path / "out").simulated == list(range(10, 22))
    assert manifest(tmp_path / "out")["failed"] == 0


def test_a_full_disk_is_the_machine_and_the_study_goes_on(tmp_path, monkeypatch):
    run(tmp_path / "whole")
    write = Path.open
    opened = []

    def full(path, mode="r", *rest, **more):
        if path.name.endswith(".shard.partial"):
            opened.append(path)
            if len(opened) == 3:
                raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(MachineError, match="No space left on device") as caught:
        run(tmp_path / "out")
    assert "10 replicates are kept" in caught.value.__notes__[0]
    assert run(tmp_path / "out").simulated == list(range(10, 22))
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_replicate_that_fails_once_is_simulated_again(tmp_path):
    class Moody(Trials):
        def __call__(self, scenario, number):
            if number == 3 and 3 not in self.simulated:
                self.simulated.append(3)
                raise ConnectionError("away for a moment")
            return super().__call__(scenario, number)

    run(tmp_path / "whole")
    assert run(tmp_path / "out", Moody()).simulated.count(3) == 2
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_beyond_a_share_of_failures_the_study_is_stopped_and_kept(tmp_path):
    broken = {f"n{number}": ValueError("no") for number in range(15)}
    with pytest.raises(
        TooManyFailedError, match="15 of 20 replicates failed, more than 50%, first"
    ):
        run(tmp_path / "out", Trials(**broken), replicates=60)
    assert read_status(tmp_path / "out").kept == 20
    assert run(tmp_path / "out", replicates=60).simulated == list(range(20, 60))
    assert manifest(tmp_path / "out")["failed"] == 15
