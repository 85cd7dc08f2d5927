import json
import subprocess
import sys

import numpy as np
import pytest

from recommender.adapters.http import HttpRecommender
from recommender.protocol import Plans
from scenarios.errors import InputError
from scenarios.schema import Scenario
from sim.replicates.analysed import run_trial
from sim.simulate import simulate
from sim.study.executors import JoblibExecutor

SELFBACK = (sys.executable, "-m", "sim")


def over_http(run: Scenario, url: str, **changes: object) -> Scenario:
    settings = run.recommender
    http = settings.http.model_copy(update={"url": url, "retries": 0, **changes})
    return run.model_copy(
        update={"recommender": settings.model_copy(update={"kind": "http", "http": http})}
    )


def test_over_http_the_trial_is_the_same_bit_for_bit(scenario, serving):
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
def test_over_http_every_plan_is_the_same_bit_for_bit(kind, scenario, serving):
    run = scenario(kind)
    with serving(run) as server:
        there = simulate(over_http(run, server.url, batch_size=1), 0)
    here = simulate(run, 0)
    for ours, theirs in zip(here.plan_log, there.plan_log, strict=True):
        for name in Plans.__dataclass_fields__:
            one, other = getattr(ours.plans, name), getattr(theirs.plans, name)
            assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), name


def test_a_server_killed_in_mid_trial_leaves_the_rows_promised(
    tmp_path, monkeypatch, scenario, study, quick
):
    run = scenario("cbr")
    quickly = [f"--set={change}" for change in quick]
    command = [*SELFBACK, "recommender", "serve", *quickly, "--json", "--stop-after", "60"]
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


def test_a_missing_server_is_reported_before_any_replicate(tmp_path, scenario, study):
    run = over_http(scenario("cbr"), "http://127.0.0.1:9")
    with pytest.raises(InputError, match="recommender http: cannot be created: http://127"):
        study(tmp_path / "study", run, JoblibExecutor(1))
    assert not (tmp_path / "study").exists()
