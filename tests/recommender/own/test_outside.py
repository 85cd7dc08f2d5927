import threading
import time
from contextlib import closing

import numpy as np
import pytest

from recommender.own.outside import OutsideRecommender
from recommender.own.own_thread import LateAnswerError, OwnThread
from recommender.protocol import Experience, RecommenderError

SOON = 0.05


def went(requests) -> Experience:
    n = len(requests)
    return Experience(
        requests.participant, requests.arm, requests.features, requests.draws,
        np.full(n, -1), np.full(n, np.nan), np.ones(n),
    )  # fmt: skip


def test_it_is_created_called_and_closed_in_one_thread(requests, by_draws):
    threads = []

    class Noting(by_draws):
        def __init__(self):
            threads.append(threading.current_thread())

        def recommend(self, requests):
            threads.append(threading.current_thread())
            return super().recommend(requests)

        def close(self):
            threads.append("closed")

    with closing(OutsideRecommender(Noting, seconds=5.0)) as recommender:
        recommender.recommend(requests(2))
        recommender.learn(went(requests(2)))
    assert threads == [threads[0], threads[0], "closed"]
    assert threads[0] is not threading.current_thread()
    threads[0].join(timeout=5.0)
    assert not threads[0].is_alive()


def test_it_cannot_change_its_arguments(requests, by_draws):
    class Meddler(by_draws):
        def recommend(self, requests):
            requests.features[:] = 0.0
            return super().recommend(requests)

        def learn(self, experience):
            experience.outcome[:] = 0.0

    asked, told = requests(3), went(requests(3))
    with closing(OutsideRecommender(Meddler, seconds=5.0)) as recommender:
        recommender.recommend(asked)
        recommender.learn(told)
    np.testing.assert_array_equal(asked.features, requests(3).features)
    assert told.outcome.tolist() == [1.0] * 3


def test_plans_have_the_built_in_number_types(requests, plans):
    class Small:
        def recommend(self, requests):
            found = plans(requests.draws.astype(np.float32))
            return type(found)(
                found.attributes, found.exercises.astype(np.int8), found.messages, found.tools,
                found.step_goal.astype(np.float32), found.similarity, found.cases,
                found.similarities, found.weights, found.revised.astype(np.uint8),
            )  # fmt: skip

    with closing(OutsideRecommender(Small, seconds=5.0)) as recommender:
        found = recommender.recommend(requests(3))
    assert found.attributes.dtype == found.step_goal.dtype == np.float64
    assert found.exercises.dtype == found.revised.dtype == np.int64


class Raising:
    def recommend(self, requests):
        raise KeyError("no\nplan")

    def learn(self, experience):
        raise SystemExit(1)


class Slow:
    def recommend(self, requests):
        time.sleep(20.0 * SOON)

    def learn(self, experience):
        """Be quick."""


def slow_to_make():
    time.sleep(20.0 * SOON)


def never_made():
    raise RecommenderError("no server")


@pytest.mark.parametrize(
    ("make", "method", "reason"),
    [
        (Raising, "recommend", "recommend raised KeyError: 'no"),
        (Raising, "learn", "learn raised SystemExit: 1"),
        (Slow, "recommend", "recommend: no answer within 0.05 s"),
        (slow_to_make, "recommend", "cannot be created: no answer within 0.05 s"),
        (never_made, "learn", "cannot be created: no server"),
    ],
)
def test_failures_are_reported_in_one_line(requests, make, method, reason):
    asked = requests(1) if method == "recommend" else went(requests(1))
    with (
        closing(OutsideRecommender(make, seconds=SOON)) as recommender,
        pytest.raises(RecommenderError) as caught,
    ):
        getattr(recommender, method)(asked)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_late_recommender_is_not_called_again(requests):
    with closing(OutsideRecommender(Slow, seconds=SOON)) as recommender:
        with pytest.raises(LateAnswerError, match="no answer within"):
            recommender.recommend(requests(1))
        started = time.monotonic()
        for _ in range(100):
            with pytest.raises(LateAnswerError, match="not called again"):
                recommender.recommend(requests(1))
        assert time.monotonic() - started < 100 * SOON  # it waited for none of them


def test_a_users_code_cannot_interrupt_a_study():
    def interrupt() -> None:
        raise KeyboardInterrupt

    with closing(OwnThread()) as thread:
        with pytest.raises(RecommenderError, match="raised KeyboardInterrupt"):
            thread.call(interrupt, 5.0)
        assert thread.call(lambda: "still there", 5.0) == "still there"
