import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recommender.adapters.server import RecommenderServer, Service
from recommender.catalogue import load_catalogue
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from sim.replicates.analysed import FAILURE_SCHEMA
from sim.simulate import recommender_alone, simulate
from sim.study.runner import run_study


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A folder with a module of recommenders, in which the command is run."""
    module = Path(__file__).with_name("recommenders_of_a_team.py")
    shutil.copy(module, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, module.stem, raising=False)
    return tmp_path


@pytest.fixture(scope="session")
def quick() -> tuple[str, ...]:
    """What makes the shipped trial a quick one."""
    return ("trial.sample_size=20", "followup.missingness=mcar", "followup.reasons={}")


@pytest.fixture(scope="session")
def scenario(quick) -> Callable[..., Scenario]:
    """Read the quick trial with a recommender of some kind."""

    def read(kind: str, *more: str) -> Scenario:
        return load_scenario("selfback_2021", [*quick, f"recommender.kind={kind}", *more])

    return read


@pytest.fixture(scope="session")
def study() -> Callable[..., dict[str, pa.Table]]:
    """Run a study of the plans that are made, and return its tables."""

    def run(out: Path, read: Scenario, executor, replicates: int = 2) -> dict[str, pa.Table]:
        run_study(read, replicates=replicates, executor=executor, out=out, replicate=plans_made())
        return {path.stem: pq.read_table(path) for path in out.glob("*.parquet")}

    return run


@pytest.fixture(scope="session")
def serving() -> Callable[[Scenario], AbstractContextManager[RecommenderServer]]:
    """Serve a scenario's recommender over HTTP for a while."""
    return serve


def plans_made():
    """Return a stand-in for a replicate; a closure, so that it travels to workers by value."""
    no_failures = FAILURE_SCHEMA.empty_table()

    def live(scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
        log = simulate(scenario, replicate).plan_log
        number = pa.array([replicate] * len(log), pa.int32())
        sums = [float(batch.plans.attributes.sum()) for batch in log]
        table = pa.table({"replicate": number, "sum": sums})
        kept = dict.fromkeys(("estimates", "summaries", "flow", "truth"), table)
        return {**kept, "failures": no_failures}

    return live


@contextmanager
def serve(served: Scenario) -> Iterator[RecommenderServer]:
    def build(opening):
        seeded = served.model_copy(update={"seed": opening.seed})
        return recommender_alone(seeded, opening.replicate)

    with RecommenderServer("127.0.0.1", 0, Service(build, load_catalogue())) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
