import time
from dataclasses import replace

import numpy as np
import pytest

from recommender.catalogue import load_catalogue
from recommender.own.conformance import conformance, rows
from recommender.protocol import FEATURES
from scenarios.errors import InputError

CATALOGUE = load_catalogue()
LIMITS = np.array([[0.0] * len(FEATURES), [100.0] * len(FEATURES)])


def problems(make, requests, n: int = 12, seconds: float = 5.0) -> dict[str, str]:
    found = conformance(make, requests(n), LIMITS, CATALOGUE, seconds=seconds)
    return {finding.check: finding.problem for finding in found if finding.problem}


def test_one_that_conforms(requests, by_draws):
    findings = list(conformance(by_draws, requests(12), LIMITS, CATALOGUE, seconds=5.0))
    assert len(findings) == 15
    assert [finding for finding in findings if finding.problem] == []


def changed(by_draws, change):
    """Return a recommender that spoils the plans of one that conforms."""

    class Changed(by_draws):
        def recommend(self, requests):
            return change(self, requests, super().recommend(requests))

    return Changed


def with_attributes(change):
    def spoil(_, requests, plans):
        attributes = change(requests, plans.attributes.copy())
        return replace(plans, attributes=attributes)

    return spoil


def unknown_as_nan(requests, attributes):
    attributes[:, 0] = np.clip(requests.features[:, 0] / 100.0, 0.0, 1.0)
    return attributes


def with_rank(requests, attributes):
    attributes[:, 0] = np.arange(len(attributes)) / 1000.0
    return attributes


def with_mean(requests, attributes):
    attributes[:, 0] = requests.draws[:, 0].mean() if len(requests) else 0.0
    return attributes


def with_memory(recommender, requests, plans):
    recommender.calls = getattr(recommender, "calls", 0) + 1
    return replace(plans, step_goal=plans.step_goal + recommender.calls)


def with_chance(recommender, requests, plans):
    seed = getattr(recommender, "seed", None) or np.random.default_rng().integers(2**60)
    recommender.seed = seed
    return replace(plans, attributes=plans.attributes * 0.0 + seed / 2**60)


def meddling(recommender, requests, plans):
    requests.recent_steps[:] = 0.0
    return plans


def raising_on_none(recommender, requests, plans):
    return replace(plans, step_goal=plans.step_goal + 0.0 * requests.draws.max())


@pytest.mark.parametrize(
    ("change", "check", "problem"),
    [
        (lambda r, q, p: None, "one request", "the answer is NoneType, not Plans"),
        (lambda r, q, p: type(p)(*(getattr(p, f)[1:] for f in p.__dataclass_fields__)),
         "one request", "0 answers to 1 requests"),
        (with_attributes(lambda q, a: a + 1.0), "one request", "must be 0 to 1"),
        (with_attributes(lambda q, a: a * np.nan), "one request", "attribute load nan"),
        (lambda r, q, p: replace(p, exercises=p.exercises + 1000), "one request", "the catalogue"),
        (with_attributes(unknown_as_nan), "all features unknown", "attribute load nan"),
        (meddling, "does not change its arguments", "changes recent_steps of the requests"),
        (with_memory, "same requests twice, same plans", "another plan the second time: step_goal"),
        (with_chance, "created again, same plans", "another plan when created again: load"),
        (with_attributes(with_rank), "order of the requests does not matter", "in another order"),
        (with_attributes(with_mean), "other requests do not matter", "asked alone"),
        (raising_on_none, "no request", "raises ValueError"),
    ],
)  # fmt: skip
def test_problems_are_described(requests, by_draws, change, check, problem):
    assert problem in problems(changed(by_draws, change), requests)[check]


def test_one_that_cannot_be_created(requests):
    def make():
        raise InputError("recommender mine: there is no module 'mine'")

    assert problems(make, requests) == {
        "can be created": "recommender mine: there is no module 'mine'"
    }


def test_one_that_cannot_learn(requests, by_draws):
    class Mute(by_draws):
        def learn(self, experience):
            raise RuntimeError("what?")

    assert problems(Mute, requests) == {"learns": "raises RuntimeError: what?"}


def test_one_that_is_slow(requests, by_draws):
    class Slow(by_draws):
        def recommend(self, requests):
            time.sleep(0.03 * (len(requests) > 1))
            return super().recommend(requests)

    found = problems(Slow, requests, seconds=0.02)
    assert found["answers within 0.02 s"].startswith("took 0.0")


def test_one_that_hangs(requests, by_draws):
    class Hanging(by_draws):
        def recommend(self, requests):
            time.sleep(0.5 * (len(requests) == 0))
            return super().recommend(requests)

    found = problems(Hanging, requests, seconds=0.05)
    assert found["no request"] == "no answer within 0.1 s"
    assert set(found) == {"no request", "answers within 0.05 s"}


def test_rows_are_taken_whole(requests):
    all_of_them = requests(5)
    some = rows(all_of_them, np.array([3, 0]))
    assert some.participant.tolist() == [3, 0]
    np.testing.assert_array_equal(some.features, all_of_them.features[[3, 0]])
