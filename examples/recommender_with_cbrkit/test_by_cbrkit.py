"""The recommender conforms, its similarities are those by hand, and a trial runs with it."""

import sys
from pathlib import Path

import numpy as np
import pytest

import selfback as sb
from recommender.protocol import FEATURES
from sim.cli import call
from sim.core.streams import Streams
from sim.recommenders.own import own_maker
from sim.recommenders.typical_requests import typical_requests
from sim.simulate import simulate

HERE = Path(__file__).parent
KIND = "by_cbrkit:by_cbrkit"


@pytest.fixture
def scenario(monkeypatch):
    monkeypatch.chdir(HERE)
    monkeypatch.setattr(sys, "path", [*sys.path, str(HERE)])
    return sb.scenario(
        "selfback_2021",
        {
            "recommender.kind": KIND, "trial.sample_size": 40, "followup.missingness": "mcar",
            "followup.reasons": {},
        },
    )  # fmt: skip


@pytest.mark.usefixtures("scenario")
def test_it_conforms(capsys):
    assert call(["recommender", "check", KIND]) == 0
    assert f"{KIND} conforms." in capsys.readouterr().out


def test_similarities_are_those_by_hand(scenario):
    plans = own_maker(scenario, Streams(1, 0))().recommend(asked := typical_requests(scenario, 20))
    import by_cbrkit  # noqa: PLC0415 - it is in this folder

    names, ranges, weights = ["pain", "fear", "age"], [10.0, 24.0, 72.0], [2.0, 1.0, 1.0]
    cases = np.array([[case[name] for name in names] for case in by_cbrkit.CASES.values()])
    known = asked.features[:, [FEATURES.index(name) for name in names]]
    known = np.where(np.isnan(known), np.median(cases, axis=0), known)
    alike = 1.0 - np.abs(known[:, None] - cases) / ranges
    mean = alike @ np.array(weights) / sum(weights)
    best = np.argsort(-mean, axis=1, kind="stable")
    np.testing.assert_array_equal(plans.cases, best)
    np.testing.assert_allclose(plans.similarities, np.take_along_axis(mean, best, axis=1))


def test_a_trial_runs_with_it(scenario):
    trial = simulate(scenario, 0)
    loads = np.concatenate([batch.plans.attributes[:, 0] for batch in trial.plan_log])
    assert len(loads) > 100
    assert len(np.unique(loads)) > 10
