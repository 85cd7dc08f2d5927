import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenarios.errors import InputError
from scenarios.loading.load import load_scenario, scenario_hash
from scenarios.schema import Scenario
from sim.replicates.analysed import FAILURE_SCHEMA
from sim.study.executors import (
    DaskExecutor,
    Executor,
    JoblibExecutor,
    cluster,
    make_executor,
)
from sim.study.executors.dask import Waits
from sim.study.runner import run_study

MINIMAL = Path(__file__).parents[2] / "scenarios" / "minimal.toml"
BROKEN = frozenset({3, 11})


TABLES = ("estimates", "summaries", "flow", "failures", "truth")


def fake_trial():
    """Return a stand-in for a trial, in which BLAS has a part and which fails now and then.

    It is a closure, so that it travels to workers by value: they do not import tests.
    """
    broken = BROKEN
    no_failures = FAILURE_SCHEMA.empty_table()

    def draw(scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
        if replicate in broken:
            raise ZeroDivisionError(f"no trial\nin {replicate}")
        generator = np.random.default_rng([scenario.seed, replicate])
        values = generator.standard_normal((40, 40))
        product = (values @ values.T).sum(axis=0)
        table = pa.table({"replicate": pa.array([replicate] * 40, pa.int32()), "value": product})
        kept = dict.fromkeys(("estimates", "summaries", "flow", "truth"), table)
        return {**kept, "failures": no_failures}

    return draw


def always_broken(scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
    raise RuntimeError(f"{scenario.name} {replicate}")


@dataclass
class Backwards:
    """An executor that finishes the last task first."""

    name: str = "backwards"
    jobs: int = 1
    tasks: list = field(default_factory=list)

    def run(self, function, tasks):
        self.tasks = list(tasks)
        for task in reversed(self.tasks):
            yield function(task)


def tables(folder: Path) -> dict[str, pa.Table]:
    return {name: pq.read_table(folder / f"{name}.parquet") for name in TABLES}


def state(folder: Path) -> str:
    return json.loads((folder / "manifest.json").read_text("utf-8"))["state"]


def run(out: Path, executor: Executor, replicates: int = 17, **more) -> dict[str, pa.Table]:
    scenario = load_scenario(MINIMAL)
    more.setdefault("replicate", fake_trial())
    run_study(scenario, replicates=replicates, executor=executor, out=out, **more)
    return tables(out)


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> dict[str, pa.Table]:
    return run(tmp_path_factory.mktemp("study") / "one", JoblibExecutor(1))


@pytest.mark.parametrize(
    "executor",
    [Backwards(), JoblibExecutor(2), DaskExecutor(2)],
    ids=["backwards", "joblib", "dask"],
)
def test_workers_change_nothing(tmp_path, expected, executor):
    found = run(tmp_path / "study", executor)
    for name in TABLES:
        assert found[name].schema.equals(expected[name].schema, check_metadata=True)
        assert found[name].equals(expected[name])


def test_a_failed_replicate_is_a_row_and_the_others_go_on(expected):
    place = expected["failures"]["place"][0].as_py()
    assert expected["failures"].to_pylist() == [
        {
            "replicate": n,
            "stage": "replicate",
            "reason": f"ZeroDivisionError: no trial in {n}",
            "exception": "ZeroDivisionError",
            "place": place,
            "seed": 20190308,
        }
        for n in sorted(BROKEN)
    ]
    assert place.startswith("test_runner.py:")
    assert place.endswith(" in draw")
    kept = sorted(set(expected["estimates"]["replicate"].to_pylist()))
    assert kept == [n for n in range(17) if n not in BROKEN]


def test_a_later_start_gives_the_later_replicates(tmp_path, expected):
    found = run(tmp_path / "study", JoblibExecutor(1), replicates=7, first=10)
    late = [n >= 10 for n in expected["estimates"]["replicate"].to_pylist()]
    assert found["estimates"].equals(expected["estimates"].filter(pa.array(late)))


def test_tasks_are_single_chunks_as_long_as_their_duration_is_not_known(tmp_path):
    executor = Backwards()
    run(tmp_path / "study", executor, replicates=12)
    assert executor.tasks == [range(5), range(5, 10), range(10, 12)]


def test_the_manifest_says_how_to_run_it_again(tmp_path):
    run(tmp_path / "study", JoblibExecutor(1))
    manifest = json.loads((tmp_path / "study" / "manifest.json").read_text(encoding="utf-8"))
    scenario = load_scenario(MINIMAL)
    assert Scenario.model_validate_json(json.dumps(manifest["scenario"]), strict=True) == scenario
    assert manifest["scenario_hash"] == scenario_hash(scenario)
    assert (manifest["first_replicate"], manifest["replicates"], manifest["failed"]) == (0, 17, 2)
    assert (manifest["executor"], manifest["jobs"], manifest["seed"]) == ("joblib", 1, 20190308)
    assert "numpy" in manifest["packages"]
    assert manifest["duration"] >= 0


def test_progress_counts_replicates(tmp_path):
    seen = []
    run(
        tmp_path / "study",
        JoblibExecutor(1),
        on_progress=lambda done, total: seen.append((done, total)),
    )
    done = [one for one, _ in seen]
    assert done == sorted(set(done))
    assert (done[0], done[1], done[-1]) == (0, 5, 17)
    assert {total for _, total in seen} == {17}


def test_what_follows_is_made_when_the_tables_are_safe(tmp_path):
    out = tmp_path / "study"

    def finish(folder: Path) -> None:
        assert (folder / "estimates.parquet").exists()
        assert state(folder) == "simulated"
        (folder / "summary.json").touch()

    run(out, JoblibExecutor(1), finish=finish)
    assert (out / "summary.json").exists()
    assert state(out) == "finished"


def test_a_study_of_failures_only_says_why(tmp_path):
    out = tmp_path / "study"
    result = run_study(
        load_scenario(MINIMAL),
        replicates=3,
        executor=JoblibExecutor(1),
        out=out,
        replicate=always_broken,
        finish=lambda folder: pytest.fail(f"nothing to finish in {folder}"),
    )
    assert (result.failed, result.first_failure) == (3, "RuntimeError: minimal 0")
    assert sorted(path.name for path in out.iterdir()) == [
        "codebook.csv", "codebook.md", "failures.parquet", "manifest.json",
    ]  # fmt: skip


@pytest.mark.parametrize(("first", "replicates"), [(0, 0), (0, -1), (-1, 5), (2**31 - 1, 2)])
def test_numbers_that_make_no_sense_are_refused(tmp_path, first, replicates):
    with pytest.raises(InputError, match="are not allowed"):
        run(tmp_path / "study", JoblibExecutor(1), replicates=replicates, first=first)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_study_is_kept_and_gone_on_with(tmp_path, expected):
    def interrupt(done: int, total: int) -> None:
        if 0 < done < total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        run(tmp_path / "study", JoblibExecutor(2), on_progress=interrupt)
    assert caught.value.__notes__[0].startswith(f"5 replicates are kept in {tmp_path / 'study'}: ")
    seen = []
    found = run(
        tmp_path / "study", JoblibExecutor(1), on_progress=lambda done, _: seen.append(done)
    )
    assert seen[0] == 5
    assert all(found[name].equals(expected[name]) for name in TABLES)
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


def test_an_interrupt_before_anything_is_kept_leaves_nothing(tmp_path):
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "study", JoblibExecutor(2), on_progress=interrupt)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "tcp://", "foo://bar:x", ""])
def test_a_scheduler_that_is_not_there_is_told(tmp_path, address):
    executor = DaskExecutor(1, address, Waits(start=0.5))
    with pytest.raises(InputError, match=r"is not reached within 0\.5 s") as caught:
        run(tmp_path / "study", executor)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_extra_is_told(tmp_path, monkeypatch):
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(cluster, "import_module", missing)
    with pytest.raises(InputError, match="needs the extra 'dask'"):
        run(tmp_path / "study", DaskExecutor(1))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("joblib", 0), "--jobs 0 is not allowed"),
        (("dusk", 1), "--executor dusk is not allowed: must be joblib or dask"),
        (("joblib", 1, "tcp://h:1"), "--scheduler tcp://h:1 needs --executor dask"),
    ],
)
def test_executors_that_cannot_be_are_refused(arguments, reason):
    with pytest.raises(InputError) as caught:
        make_executor(*arguments)
    assert str(caught.value).startswith(reason)
