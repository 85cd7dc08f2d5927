"""The service conforms, plans as the class in Python does, and a trial runs with it."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import pytest

import selfback as sb
from recommender.catalogue import load_catalogue
from recommender.protocol import Experience
from sim.cli import call
from sim.core.streams import Streams
from sim.recommenders.own import own_maker
from sim.recommenders.typical_requests import typical_requests
from sim.simulate import simulate

HERE = Path(__file__).parent
SMALL = {"trial.sample_size": 40, "followup.missingness": "mcar", "followup.reasons": {}}


@pytest.fixture
def service(monkeypatch):
    monkeypatch.syspath_prepend(HERE)
    import graded_service  # noqa: PLC0415 - it is in this folder

    return graded_service


@pytest.fixture
def url(service):
    server = service.make_server(0)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def over_http(url):
    return sb.scenario(
        "selfback_2021", {**SMALL, "recommender.kind": "http", "recommender.http.url": url}
    )


def test_it_conforms(url, capsys):
    assert call(["recommender", "check", url]) == 0
    assert f"{url} conforms." in capsys.readouterr().out


def test_its_plans_have_the_numbers_of_the_class_in_python(url, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path, str(HERE.parent / "own_recommender")])
    in_python = sb.scenario("selfback_2021", {**SMALL, "recommender.kind": "graded:GradedActivity"})
    asked = typical_requests(in_python, 60)
    n = len(asked)
    told = Experience(
        asked.participant, asked.arm, asked.features, np.full_like(asked.previous, 0.5),
        np.full(n, -1), np.full(n, np.nan), np.linspace(0.0, 1.0, n),
    )  # fmt: skip
    first = replace(asked, previous=np.full_like(asked.previous, np.nan))
    again = replace(asked, previous=np.full_like(asked.previous, 0.5))
    plans = []
    for scenario in (in_python, over_http(url)):
        recommender = own_maker(scenario, Streams(1, 0))()
        before = recommender.recommend(first).attributes
        recommender.learn(told)
        plans.append((before, recommender.recommend(again).attributes))
    (before, after), (before_http, after_http) = plans
    np.testing.assert_array_equal(before_http, before)
    np.testing.assert_array_equal(after_http, after)
    assert len(np.unique(after[:, 0])) == 2  # one week went well, another did not


def test_what_it_asks_for_is_what_the_catalogue_says(service):
    catalogue = {item.code: (item.minutes, set(item.loads)) for item in load_catalogue().exercises}
    for code, minutes, loads in service.EXERCISES:
        assert catalogue[code] == (minutes, set(loads))


@pytest.mark.slow
def test_a_trial_runs_with_it(url):
    trial = simulate(over_http(url), 0)
    loads = np.concatenate([batch.plans.attributes[:, 0] for batch in trial.plan_log])
    assert len(loads) > 100
    assert len(np.unique(loads)) > 10


def test_what_it_cannot_answer_is_told(url):
    asked = Request(  # noqa: S310 - our own server
        f"{url}/recommend", data=b'{"session": "none", "number": 1}', method="POST"
    )
    with pytest.raises(HTTPError) as told:
        urlopen(asked)  # noqa: S310 - our own server
    assert told.value.code == 400
    assert "none" in json.load(told.value)["error"]
    told.value.close()
