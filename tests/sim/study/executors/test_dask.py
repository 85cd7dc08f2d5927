"""Clusters of Dask: ours and others, of any size, growing, shrinking, lost and silent."""

import json
import os
import signal
import time
import urllib.error
import urllib.request

import distributed
import pyarrow as pa
import pytest

from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from sim.replicates.analysed import FAILURE_SCHEMA
from sim.study import groups
from sim.study.executors import DaskExecutor, JoblibExecutor
from sim.study.executors.dask import AHEAD, Waits
from sim.study.failed import MachineError
from sim.study.runner import run_study


def by_value(seconds: float = 0.1):
    """Return a function that says which process did which task; workers do not import tests."""

    def task(value: int) -> tuple[int, int]:
        time.sleep(seconds)
        return value, os.getpid()

    return task


def test_one_thread_does_the_work_and_more_join_in(cluster):
    cluster.add_worker()
    executor = DaskExecutor(1, str(cluster.file))
    done, processes = [], set()
    results = executor.run(by_value(), iter(range(100_000)))
    for value, process in results:
        done.append(value)
        processes.add(process)
        if len(done) == 3:
            assert len(processes) == 1
            cluster.add_worker()
        if len(processes) == 2:
            break
        assert len(done) < 1000, "the second worker has got nothing to do"
    results.close()
    assert os.getpid() not in processes
    assert len(set(done)) == len(done)


def study(out, log, executor, **more):
    def logged(scenario, number):  # workers do not import tests
        with log.open("a") as file:
            file.write(f"{number}\n")
        table = pa.table(
            {"replicate": pa.array([number] * 2, pa.int32()), "value": [0.5 * number, 1.0]}
        )
        return {"estimates": table, "failures": FAILURE_SCHEMA.empty_table()}

    scenario = load_scenario("planned_2018")
    run_study(scenario, replicates=22, executor=executor, out=out, replicate=logged, **more)
    return {file.name: file.read_bytes() for file in sorted(out.glob("*.parquet"))}


@pytest.mark.slow
def test_an_interrupted_study_goes_on_here_or_there(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr(groups, "TARGET", 0.0)
    monkeypatch.setattr(groups, "LEAST", 0.0)
    cluster.add_worker()
    log, out = tmp_path / "log", tmp_path / "out"
    there = DaskExecutor(1, str(cluster.file))

    def interrupt(done, _of):
        if done >= 10:
            raise KeyboardInterrupt

    def manifest():
        return json.loads((out / "manifest.json").read_text("utf-8"))

    with pytest.raises(KeyboardInterrupt):
        study(out, log, there, on_progress=interrupt)
    assert (manifest()["state"], manifest()["executor"]) == ("running", "dask")
    with pytest.raises(KeyboardInterrupt):
        study(out, log, JoblibExecutor(2), on_progress=interrupt)  # with what is kept it begins
    found = study(out, log, DaskExecutor(1, str(cluster.file)))
    assert (manifest()["executor"], manifest()["jobs"]) == ("dask", 1)  # of the one that ended it
    twice = len(log.read_text().split()) - 22
    assert twice <= AHEAD * groups.CHUNK  # what the worker had been given when it was interrupted
    assert found == study(tmp_path / "whole", tmp_path / "other log", JoblibExecutor(1))


def test_tasks_of_a_lost_worker_are_done_by_another(cluster):
    worker = cluster.add_worker()
    executor = DaskExecutor(1, cluster.address())
    done = []
    for value, _process in executor.run(by_value(), range(12)):
        done.append(value)
        if len(done) == 3:
            cluster.add_worker()
            worker.kill()
    assert sorted(done) == list(range(12))


def test_few_tasks_are_taken_ahead(cluster):
    cluster.add_worker()
    taken = []

    def source():
        for number in range(1000):
            taken.append(number)
            yield number

    results = DaskExecutor(1, str(cluster.file)).run(by_value(0.01), source())
    for _ in range(5):
        next(results)
    assert len(taken) <= 5 + 2
    results.close()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGKILL, "was lost: its connection was closed"),
        (signal.SIGSTOP, "no answer for 2 s"),
    ],
    ids=["killed", "silent"],
)
def test_a_lost_scheduler_is_told_in_one_line(cluster, number, words, caplog, capfd):
    cluster.add_worker()
    executor = DaskExecutor(1, str(cluster.file), Waits(silence=2.0))
    results = executor.run(by_value(), range(1000))
    next(results)
    capfd.readouterr()
    cluster.scheduler.send_signal(number)
    with pytest.raises(MachineError, match=words) as caught:
        list(results)
    assert str(caught.value).startswith(f"--scheduler {cluster.file}")
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


@pytest.mark.slow
def test_a_cluster_without_workers_is_told_in_one_line(cluster):
    waits = Waits(workers=1.0)
    with pytest.raises(InputError, match="has no workers after 1 s"):
        list(DaskExecutor(1, str(cluster.file), waits).run(abs, range(3)))
    worker = cluster.add_worker()
    assert list(DaskExecutor(1, str(cluster.file)).run(abs, range(1))) == [0]  # it has come
    results = DaskExecutor(1, str(cluster.file), waits).run(by_value(), range(1000))
    next(results)
    worker.kill()
    with pytest.raises(MachineError, match="has had no workers for 1 s"):
        list(results)


@pytest.mark.parametrize("text", ["", "[]", '{"address": 1', '{"id": "s"}'])
def test_a_file_that_no_scheduler_wrote_is_refused(tmp_path, text):
    file = tmp_path / "scheduler.json"
    file.write_text(text)
    with pytest.raises(InputError, match="is not a file that a scheduler wrote") as caught:
        list(DaskExecutor(1, str(file)).run(abs, range(3)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "told"), [(os.mkfifo, "a pipe or a device"), (os.mkdir, "a folder, not a file")]
)
def test_a_scheduler_file_that_is_no_regular_file_is_refused_and_not_waited_for(
    tmp_path, make, told
):
    file = tmp_path / "scheduler.json"
    make(file)
    with pytest.raises(InputError, match="is not a file that a scheduler wrote") as caught:
        list(DaskExecutor(1, str(file)).run(abs, range(3)))
    assert told in str(caught.value)


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - http
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_our_cluster_is_closed_to_others(capfd):
    executor = DaskExecutor(1)
    assert sorted(executor.run(abs, range(-3, 0))) == [1, 2, 3]
    printed = capfd.readouterr().err.split("Dask dashboard: ")[1].strip()
    assert printed.startswith("http://127.0.0.1:")
    server, secret, page = printed.rsplit("/", 2)
    assert status(printed) == 200
    assert len(secret) >= 30
    for guess in ("", "/", f"/{page}", "/sitemap.json", "/health", f"/{secret[:-1]}/{page}"):
        assert status(server + guess) == 404
    session = executor._open[0]
    scheduler = session.client.scheduler.address
    assert scheduler.startswith("tls://127.0.0.1:")
    with pytest.raises(InputError, match="is not reached"):
        list(DaskExecutor(1, scheduler.replace("tls", "tcp"), Waits(start=2.0)).run(abs, range(2)))
    assert sorted(executor.run(abs, range(2))) == [0, 1]  # the cluster serves the next call
    assert executor._open == [session]


def test_a_worker_of_another_version_is_refused(cluster, monkeypatch):
    cluster.add_worker()
    here = os.getpid()
    monkeypatch.setattr(
        "sim.study.executors.cluster.version",
        lambda _name: "9.9.9" if os.getpid() == here else "0.1.0",
    )
    executor = DaskExecutor(1, str(cluster.file))
    refusal = r"worker tcp://\S+ does not have selfback-insilico 9\.9\.9: 0\.1\.0"
    with pytest.raises(InputError, match=refusal):
        list(executor.run(abs, range(2)))


def test_what_a_task_raises_comes_here(cluster):
    cluster.add_worker()

    def wrong(_value: int) -> None:
        raise ZeroDivisionError("not that one")

    with pytest.raises(ZeroDivisionError, match="not that one"):
        list(DaskExecutor(1, str(cluster.file)).run(wrong, range(3)))


def test_a_cluster_of_ours_that_does_not_answer_is_told_in_one_line(monkeypatch):
    class Slow(distributed.Client):
        def __init__(self, *_given, timeout, **_more):
            raise TimeoutError(f"no answer within {timeout:g} s")

    monkeypatch.setattr(distributed, "Client", Slow)
    with pytest.raises(MachineError, match=r"Dask on this machine does not answer: .*within 3 s"):
        list(DaskExecutor(1, waits=Waits(own=3.0)).run(abs, range(3)))
