"""Studies on object storage, on a server for S3 at 127.0.0.1."""

import json

import numpy as np
import pyarrow as pa
import pytest

from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from scenarios.machine import MachineError
from sim.replicates.analysed import FAILURE_SCHEMA
from sim.study import groups
from sim.study.executors import JoblibExecutor
from sim.study.runner import run_study
from sim.study.setting import Setting
from sim.study.store import remote
from sim.study.store.place import Place

SCENARIO = load_scenario("planned_2018")
server = pytest.importorskip("moto.server")
s3fs = pytest.importorskip("s3fs")


@pytest.fixture(scope="module")
def s3():
    threaded = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    threaded.start()
    host, port = threaded.get_host_and_port()
    given = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patched:
        for name, value in given.items():
            patched.setenv(name, value)
        system = s3fs.S3FileSystem(use_listings_cache=False)
        system.mkdir("bucket")
        yield system
    threaded.stop()


@pytest.fixture
def address(s3, request, monkeypatch):
    monkeypatch.setattr(groups, "TARGET", 0.0)
    monkeypatch.setattr(groups, "LEAST", 0.0)
    return f"s3://bucket/{request.node.name}/study"


class Trials:
    """Stand-ins for trials that are counted; at one number something happens."""

    def __init__(self, at=None, happens=bool):
        self.simulated, self.at, self.happens = [], at, happens
        self.__qualname__ = "trials"

    def __call__(self, scenario, number):
        if number == self.at:
            self.happens()
        self.simulated.append(number)
        values = np.random.default_rng([scenario.seed, number]).standard_normal(4)
        table = pa.table({"replicate": pa.array([number] * 4, pa.int32()), "value": values})
        return {"estimates": table, "failures": FAILURE_SCHEMA.empty_table()}


def run(out, at=None, happens=bool, **more):
    trials = Trials(at, happens)
    setting = Setting(JoblibExecutor(1), Place(out), **more)
    run_study(
        SCENARIO, replicates=22, executor=setting.executor, out=setting.place, replicate=trials,
        setting=setting, finish=lambda folder: (folder / "summary.json").write_text("{}"),
    )  # fmt: skip
    return trials.simulated


def names(s3, address):
    return {name.split("/study/")[1] for name in s3.find(address)}


def interrupt():
    raise KeyboardInterrupt


def test_a_study_grows_there_and_is_gone_on_with_from_another_folder(s3, address, tmp_path):
    run(tmp_path / "whole")
    seen = []
    with pytest.raises(KeyboardInterrupt) as caught:
        run(address, 12, lambda: (seen.append(names(s3, address)), interrupt()))
    # What is finished is there while the study is under way, with the lock.
    assert {"manifest.json", ".lock"} < seen[0]
    assert len([name for name in seen[0] if name.startswith("replicates/")]) == 2
    assert caught.value.__notes__ == [
        f"10 replicates are kept in {address}: the same call goes on with them"
    ]
    told = []
    assert run(address, tell=told.append) == list(range(10, 22))
    assert told == [f"{address}: 10 of 22 replicates are kept, 12 are simulated now"]
    whole = {p.name: p.read_bytes() for p in (tmp_path / "whole").glob("*.parquet")}
    assert {name: s3.cat_file(f"{address}/{name}") for name in whole} == whole
    made = {"manifest.json", "summary.json", "codebook.csv", "codebook.md"}
    assert names(s3, address) == {*whole, *made}
    assert json.loads(s3.cat_file(f"{address}/manifest.json"))["state"] == "finished"
    with pytest.raises(InputError, match="has a finished study, which cannot be replaced"):
        run(address, overwrite=True)


def test_files_come_first_and_manifests_last(s3, address, monkeypatch):
    order = []
    real = s3.pipe_file

    def noted(path, data, **more):
        order.append(path.split("/study/")[1])
        return real(path, data, **more)

    monkeypatch.setattr(s3, "pipe_file", noted)  # fsspec gives the same object each time
    run(address)
    tables = order.index("estimates.parquet")
    assert order[:2] == [".lock", "manifest.json"]
    assert "manifest.json" not in order[2:tables]
    assert order[-1] == "manifest.json"


def test_a_second_run_is_refused_before_it_simulates(s3, address):
    refused = []

    def second():
        with pytest.raises(InputError, match="is being written by another run, on ") as caught:
            run(address)
        refused.append(str(caught.value))

    assert len(run(address, 12, second)) == 22
    assert f"remove {address}/.lock" in refused[0]


@pytest.mark.parametrize("by", ["a process that is gone", "one that is silent"])
def test_a_lock_that_was_left_behind_is_taken_over(s3, address, by):
    lock = json.loads(remote.Remote(address, None)._lock())
    lock |= {"id": "another", "began": "0"} if by.startswith("a ") else {
        "id": "another", "host": "elsewhere", "heard": "2020-01-01T00:00:00+00:00",
    }  # fmt: skip
    s3.pipe_file(f"{address}/.lock", json.dumps(lock).encode())
    assert len(run(address)) == 22
    assert ".lock" not in names(s3, address)


def test_who_was_taken_over_stops(s3, address, monkeypatch):
    monkeypatch.setattr(remote, "SIGN_OF_LIFE", 0.0)
    with pytest.raises(MachineError, match="was taken over by another run"):
        run(address, 12, lambda: s3.pipe_file(f"{address}/.lock", b'{"id": "another"}'))


def test_what_is_no_study_is_left_alone(s3, address):
    s3.pipe_file(f"{address}/thesis.txt", b"mine")
    with pytest.raises(InputError, match=r"has no manifest\.json, so it is no study"):
        run(address)
    assert names(s3, address) == {"thesis.txt"}


def test_without_the_extra_one_line_says_what_to_install(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(remote, "import_module", missing)
    with pytest.raises(InputError, match=r"needs the extra 'remote': pip install") as caught:
        run("s3://bucket/x")
    assert "\n" not in str(caught.value)


def test_storage_that_is_not_reached_is_told_in_one_line(s3, monkeypatch):
    with pytest.raises(InputError, match="s3://no-such-bucket/x cannot be reached: ") as caught:
        run("s3://no-such-bucket/x")
    assert "\n" not in str(caught.value)
