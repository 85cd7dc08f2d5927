import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recommender.adapters.http import HttpRecommender
from recommender.adapters.server import RecommenderServer, Service
from recommender.catalogue import load_catalogue
from recommender.protocol import Plans
from scenarios.errors import InputError
from scenarios.load import load_scenario
from scenarios.schema import Scenario
from sim.app_tables import replaced_plans
from sim.cli import call
from sim.replicate import FAILURE_SCHEMA, run_trial
from sim.study.executors import DaskExecutor, JoblibExecutor
from sim.study.runner import run_study
from sim.trial import recommender_alone, simulate

SELFBACK = (sys.executable, "-m", "sim")
QUICK = ("trial.sample_size=20", "followup.missingness=mcar")
QUICKLY = [option for key in QUICK for option in ("--set", key)]

MODULE = """
import time
from dataclasses import replace
import numpy as np
from recommender.rivals import random

class Own:
    def __init__(self, settings, catalogue, generator):
        self.settings, self.generator = settings, generator
        self.inner = random(settings)
    def recommend(self, requests):
        return self.change(self.inner.recommend(requests))
    def change(self, plans):
        return plans
    def learn(self, experience):
        pass

class Shifted(Own):
    def __init__(self, *told):
        super().__init__(*told)
        self.shift = self.generator.random()
    def change(self, plans):
        return replace(plans, attributes=plans.attributes * self.shift)

class Raises(Own):
    def change(self, plans):
        raise LookupError("no\\nidea")

class Late(Own):
    def change(self, plans):
        time.sleep(1.0)

class Unknown(Own):
    def change(self, plans):
        return replace(plans, attributes=plans.attributes * np.nan)

class Outside(Own):
    def change(self, plans):
        return replace(plans, exercises=plans.exercises + 10_000)

class TooFew(Own):
    def change(self, plans):
        return type(plans)(*(getattr(plans, f)[1:] for f in plans.__dataclass_fields__))

class Nothing(Own):
    def change(self, plans):
        return None

class CannotLearn(Own):
    def learn(self, experience):
        raise LookupError("too hard")

def broken(settings, catalogue, generator):
    raise LookupError("not today")
"""
FAILURES = {
    "Raises": "making plans: recommend raised LookupError: no idea",
    "Late": "making plans: recommend: no answer within 0.1 s",
    "Unknown": "has attribute load nan, must be 0 to 1",
    "Outside": "but the catalogue has 0 to",
    "TooFew": "attributes: 0 answers to 1 requests",
    "Nothing": "the answer is NoneType, not Plans",
}


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


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A folder with a module of recommenders, in which the command is run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "recommenders_of_a_team", raising=False)
    (tmp_path / "recommenders_of_a_team.py").write_text(MODULE, encoding="utf-8")
    return tmp_path


def scenario(kind: str, *more: str) -> Scenario:
    return load_scenario("selfback_2021", [*QUICK, f"recommender.kind={kind}", *more])


def team(name: str, *more: str) -> Scenario:
    return scenario(f"recommenders_of_a_team:{name}", *more)


def study(out: Path, run: Scenario, executor, replicates: int = 2) -> dict[str, pa.Table]:
    run_study(run, replicates=replicates, executor=executor, out=out, replicate=plans_made())
    return {path.stem: pq.read_table(path) for path in out.glob("*.parquet")}


def test_a_module_of_the_folder_is_found_by_every_worker(folder):
    run = team("Shifted")
    alone = study(folder / "alone", run, JoblibExecutor(1), 6)
    assert alone["failures"].num_rows == 0
    mean = alone["estimates"].to_pandas().groupby("replicate")["sum"].mean()
    assert mean.nunique() == 6  # each replicate has a generator of its own
    for executor in (JoblibExecutor(2), DaskExecutor(1)):
        assert study(folder / executor.name, run, executor, 6) == alone


@pytest.mark.parametrize(("name", "reason"), FAILURES.items())
def test_a_failure_is_a_row_with_its_reason_and_the_study_goes_on(folder, name, reason):
    run = team(name, "recommender.plugin.timeout=0.1")
    failures = study(folder / "study", run, JoblibExecutor(1))["failures"].to_pylist()
    assert [(row["replicate"], row["stage"]) for row in failures] == [
        (0, "recommender"),
        (1, "recommender"),
    ]
    assert reason in failures[0]["reason"]
    assert "\n" not in failures[0]["reason"]


@pytest.mark.parametrize("name", FAILURES)
def test_the_fallback_plans_for_who_fails_and_is_counted(folder, name):
    fallback = "recommender.on_failure=fallback"
    trial = simulate(team(name, fallback, "recommender.plugin.timeout=0.1"), 0)
    guideline = simulate(scenario("guideline"), 0)
    assert replaced_plans(trial) == sum(len(batch.rows) for batch in trial.plan_log) > 0
    for ours, theirs in zip(trial.plan_log, guideline.plan_log, strict=True):
        assert (ours.plans.attributes == theirs.plans.attributes).all()
        assert (ours.plans.exercises == theirs.plans.exercises).all()


def test_the_fallbacks_are_in_the_summaries(folder):
    trial = run_trial(team("Raises", "recommender.on_failure=fallback", "trial.sample_size=60"), 0)
    rows = [row for row in trial.summaries if row[0] == "plans by the fallback"]
    assert [row[4] for row in rows] == [replaced_plans(trial.trial)]


def test_who_cannot_learn_fails_or_does_without(folder):
    failures = study(folder / "study", team("CannotLearn"), JoblibExecutor(1))["failures"]
    assert "learning: learn raised LookupError: too hard" in failures["reason"][0].as_py()
    trial = simulate(team("CannotLearn", "recommender.on_failure=fallback"), 0)
    assert replaced_plans(trial) == 0


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("no_module_of_ours:Mine", "there is no module 'no_module_of_ours'"),
        ("recommenders_of_a_team:Mine", "recommenders_of_a_team has no 'Mine'"),
        ("recommenders_of_a_team:broken", "cannot be made: LookupError: not today"),
        ("recommenders_of_a_team:time.sleep", "cannot be made: TypeError"),
        ("recommenders_of_a_team:np.pi", "is float, a class or function is needed"),
        ("recommenders_of_a_team:dict", "recommenders_of_a_team has no 'dict'"),
    ],
)
def test_what_cannot_be_had_is_told_before_any_replicate(folder, kind, reason):
    for on_failure in ("fail", "fallback"):
        run = scenario(kind, f"recommender.on_failure={on_failure}")
        with pytest.raises(InputError, match=reason) as caught:
            study(folder / "study", run, JoblibExecutor(2))
        assert "\n" not in str(caught.value)
    assert not (folder / "study").exists()


def test_a_built_in_recommender_imports_nobody_elses_code(folder, monkeypatch):
    monkeypatch.setattr("sim.own_recommenders.find_factory", pytest.fail)
    simulate(scenario("guideline"), 0)
    assert "recommenders_of_a_team" not in sys.modules


@contextmanager
def serving(served: Scenario) -> Iterator[RecommenderServer]:
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


def over_http(run: Scenario, url: str, **changes: object) -> Scenario:
    settings = run.recommender
    http = settings.http.model_copy(update={"url": url, "retries": 0, **changes})
    return run.model_copy(
        update={"recommender": settings.model_copy(update={"kind": "http", "http": http})}
    )


def test_over_http_the_trial_is_the_same_bit_for_bit():
    run = scenario("cbr", "trial.sample_size=60", "recommender.retain_above=0.6")
    with serving(run) as server:
        there = run_trial(over_http(run, server.url), 0)
    here = run_trial(run, 0)
    learned = np.concatenate([batch.plans.cases.ravel() for batch in here.trial.plan_log])
    assert learned.max() >= run.recommender.seed_cases  # the server learned as well
    expected = {**here.data_tables(), **here.result_tables()}
    found = {**there.data_tables(), **there.result_tables()}
    assert expected["plans"].num_rows > 0
    for name, table in expected.items():
        assert found[name].equals(table, check_metadata=True), name


@pytest.mark.parametrize("kind", ["nearest", "static", "random", "guideline"])
def test_over_http_every_plan_is_the_same_bit_for_bit(kind):
    run = scenario(kind)
    with serving(run) as server:
        there = simulate(over_http(run, server.url, batch_size=1), 0)
    here = simulate(run, 0)
    for ours, theirs in zip(here.plan_log, there.plan_log, strict=True):
        for name in Plans.__dataclass_fields__:
            one, other = getattr(ours.plans, name), getattr(theirs.plans, name)
            assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), name


def test_a_server_killed_in_mid_trial_leaves_the_rows_promised(tmp_path, monkeypatch):
    run = scenario("cbr")
    command = [*SELFBACK, "recommender", "serve", *QUICKLY, "--json", "--stop-after", "60"]
    recommend, asked = HttpRecommender.recommend, []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        url = json.loads(server.stdout.readline())["url"]

        def kill_in_the_third(self, requests):
            asked.append(self._session)
            sessions = list(dict.fromkeys(asked))
            if len(sessions) == 3 and asked.count(sessions[2]) == 10:
                server.kill()
                server.wait()
            return recommend(self, requests)

        monkeypatch.setattr(HttpRecommender, "recommend", kill_in_the_third)
        tables = study(tmp_path / "there", over_http(run, url), JoblibExecutor(1), 5)
    rows = tables["failures"].to_pylist()
    assert [(row["replicate"], row["stage"]) for row in rows] == [
        (number, "recommender") for number in (2, 3, 4)
    ]
    assert all(f"{url}/" in row["reason"] and "no connection" in row["reason"] for row in rows)
    here = study(tmp_path / "here", run, JoblibExecutor(1), 2)
    assert tables["estimates"].equals(here["estimates"])


def test_a_server_that_is_not_there_is_told_before_any_replicate(tmp_path):
    run = over_http(scenario("cbr"), "http://127.0.0.1:9")
    with pytest.raises(InputError, match="recommender http: cannot be had: http://127"):
        study(tmp_path / "study", run, JoblibExecutor(1))
    assert not (tmp_path / "study").exists()


def said(capsys, *arguments: str) -> tuple[int, str, str]:
    code = call(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_check_says_what_is_wrong_and_sets_the_exit_code(folder, capsys):
    code, out, _ = said(capsys, "recommender", "check", "recommenders_of_a_team:Own")
    assert (code, out.splitlines()[-1]) == (0, "recommenders_of_a_team:Own conforms.")
    code, out, _ = said(capsys, "recommender", "check", "recommenders_of_a_team:Unknown", "--json")
    told = json.loads(out)
    assert code == 1
    assert not told["conforms"]
    problem = {row["check"]: row["problem"] for row in told["checks"]}["one request"]
    assert problem == "the plan of participant 0 has attribute load nan, must be 0 to 1"


def test_check_asks_a_server(capsys):
    with serving(scenario("guideline")) as server:
        code, out, _ = said(capsys, "recommender", "check", server.url)
    assert (code, out.splitlines()[-1]) == (0, f"{server.url} conforms.")


@pytest.mark.parametrize("kind", ["cbr", "guideline", "nearest", "random", "static"])
def test_the_built_in_ones_conform(capsys, kind):
    code, out, _ = said(capsys, "recommender", "check", kind)
    assert (code, out.splitlines()[-1]) == (0, f"{kind} conforms.")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["recommender", "check", "recommenders_of_a_team:Mine"], "has no 'Mine'"),
        (["recommender", "check", "cbrr"], "selfback: recommender.kind: 'cbrr' is not allowed"),
        (["recommender", "check", "none"], "recommender none: there is none"),
        (["recommender", "check", "oracle"], "recommender oracle: knows what it is not told"),
        (["recommender", "check", "http://"], "'http://' is not allowed"),
        (["recommender", "check", "cbr", "--seconds", "0"], "--seconds 0 is not allowed"),
        (["recommender", "check", "cbr", "--set", "sed=3"], "--set: sed is unknown"),
        (["recommender", "serve", "--host", ""], "--host '' is not allowed"),
        (["recommender", "serve", "--port", "65536"], "--port 65536 is not allowed"),
        (["recommender", "serve", "--host", "256.0.0.1"], "--host 256.0.0.1 --port 0 cannot be h"),
        (["recommender", "serve", "--stop-after", "never"], "--stop-after never is not allowed"),
        (["recommender", "serve", "--set", "recommender.kind=none"], "there is none"),
        (["trial", "selfback_2021", "--set", "recommender.kind=no_module_here:X"], "no module"),
        (["run", "selfback_2021", "--set", "recommender.kind=no_module_here:X"], "no module"),
    ],
)
def test_a_mistake_is_told_in_one_line(folder, capsys, arguments, line):
    code, out, err = said(capsys, *arguments)
    assert (code, out) == (2, "")
    told = [row for row in err.splitlines() if not row.startswith("simulating")]
    assert len(told) == 1
    assert told[0].startswith("selfback: ")
    assert line in told[0]


def test_a_trial_whose_recommender_fails_says_so_and_leaves_nothing(folder, capsys):
    kind = ("--set", "recommender.kind=recommenders_of_a_team:Raises")
    code, out, err = said(capsys, "trial", "selfback_2021", *QUICKLY, *kind, "--out", "trial0")
    assert (code, out) == (1, "")
    assert err.startswith("selfback: replicate 0 failed: the recommender failed in making plans")
    assert err.count("\n") == 1
    assert not (folder / "trial0").exists()


def test_serve_stops_when_it_is_idle(capsys):
    code, out, _ = said(capsys, "recommender", "serve", "planned_2018", "--stop-after", "0.2")
    assert code == 0
    assert out.startswith("cbr of planned_2018 at http://127.0.0.1:")
