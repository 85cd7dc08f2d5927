"""Tests of the example: it follows its rules, conforms, and a trial runs with it."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recommender.catalogue import load_catalogue
from recommender.own.conformance import conformance
from recommender.protocol import FEATURES, Experience
from scenarios.loading.load import load_scenario
from scenarios.plugins import look_in
from scenarios.schema import Scenario
from sim.core.streams import Streams
from sim.recommenders.own import own_maker
from sim.recommenders.typical_requests import feature_limits, typical_requests
from sim.simulate import simulate

FOLDER = Path(__file__).parent
PAIN = FEATURES.index("pain")


@pytest.fixture
def scenario(monkeypatch) -> Scenario:
    monkeypatch.setattr(sys, "path", list(sys.path))
    look_in(FOLDER)
    return load_scenario(
        "selfback_2021",
        [
            "recommender.kind=graded:GradedActivity",
            "recommender.plugin.settings.step=0.2",
            "trial.sample_size=40",
            "followup.missingness=mcar",
            "followup.reasons={}",
        ],
    )


def test_it_conforms(scenario):
    findings = conformance(
        own_maker(scenario, Streams(1, 0)),
        typical_requests(scenario, 30),
        feature_limits(scenario),
        load_catalogue(),
        seconds=5.0,
    )
    assert [finding for finding in findings if finding.problem] == []


def test_the_load_follows_how_the_week_went(scenario):
    recommender = own_maker(scenario, Streams(1, 0))()
    asked = typical_requests(scenario, 3)
    asked.features[:, PAIN] = [3.0, 3.0, 9.0]
    asked = replace(asked, previous=np.full_like(asked.previous, 0.5))
    n = len(asked)
    recommender.learn(
        Experience(
            asked.participant, asked.arm, asked.features, asked.previous, np.full(n, -1),
            np.full(n, np.nan), np.array([0.9, 0.1, 0.9]),
        )
    )  # fmt: skip
    np.testing.assert_allclose(recommender.recommend(asked).attributes[:, 0], [0.7, 0.3, 0.3])


def test_a_trial_runs_with_it(scenario):
    trial = simulate(scenario, 0)
    loads = np.concatenate([batch.plans.attributes[:, 0] for batch in trial.plan_log])
    assert len(loads) > 100
    assert len(np.unique(loads)) > 10
