"""The same scenario and seed give the same tables, whoever computes them."""

import pyarrow.parquet as pq
import pytest

from sim.study.executors import make_executor
from sim.study.runner import run_study

TABLES = ("estimates", "summaries", "flow")


def tables_of(folder):
    return [pq.read_table(folder / f"{name}.parquet") for name in TABLES]


@pytest.fixture(scope="module")
def one_worker(small, tmp_path_factory):
    return study(small, tmp_path_factory.mktemp("one"), "joblib", 1)


def study(scenario, folder, kind, jobs):
    executor = make_executor(kind, jobs, None)
    out = folder / "study"
    run_study(scenario, replicates=7, executor=executor, out=out)
    return tables_of(out)


@pytest.mark.parametrize("kind", ["joblib", pytest.param("dask", marks=pytest.mark.slow)])
def test_tables_are_bit_identical_on_two_workers(small, one_worker, tmp_path, kind):
    for mine, other in zip(one_worker, study(small, tmp_path, kind, 2), strict=True):
        assert mine.num_rows > 0
        assert mine.equals(other, check_metadata=True)


def test_a_replicate_does_not_depend_on_how_many_are_run(small, one_worker, tmp_path):
    out = tmp_path / "study"
    run_study(small, replicates=3, first=4, executor=make_executor("joblib", 1, None), out=out)
    late = [table.filter(table["replicate"].to_numpy() >= 4) for table in one_worker]
    for mine, other in zip(late, tables_of(out), strict=True):
        assert mine.num_rows > 0
        assert mine.combine_chunks().equals(other.combine_chunks())
