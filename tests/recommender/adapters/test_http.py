import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from urllib.error import HTTPError

import numpy as np
import pytest

from recommender.adapters import messages, wire
from recommender.adapters.http import HttpRecommender
from recommender.adapters.server import RecommenderServer, Service
from recommender.catalogue import load_catalogue
from recommender.protocol import Experience, RecommenderError
from scenarios.devices.own_recommender import HttpSettings

CATALOGUE = load_catalogue()


class Counting:
    """A recommender whose plans say how much it has learned, and which fails when told to."""

    def __init__(self, plans: Callable) -> None:
        self.plans, self.asked, self.outcomes = plans, [], []

    def recommend(self, requests):
        self.asked.append(len(requests))
        if requests.participant[:1] == 666:
            raise ZeroDivisionError("no plan\nfor 666")
        return self.plans(np.full((len(requests), 4), 0.25 * min(len(self.outcomes), 4)))

    def learn(self, experience):
        self.outcomes.extend(experience.outcome.tolist())


@contextmanager
def serving(answer: Callable[[str, bytes], bytes]) -> Iterator[RecommenderServer]:
    """Serve what a function answers."""
    service = Service(lambda _: pytest.fail("not built"), CATALOGUE)
    service.answer = answer
    with RecommenderServer("127.0.0.1", 0, service) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def built(plans) -> Iterator[tuple[str, list[Counting]]]:
    """A reference server, and the recommenders it has made."""
    made: list[Counting] = []

    def build(opening: messages.Opening) -> Counting:
        made.append(Counting(plans))
        return made[-1]

    with serving(Service(build, CATALOGUE).answer) as server:
        yield server.url, made


def client(url: str, **changes) -> HttpRecommender:
    settings = {
        "url": url, "timeout": 5.0, "retries": 0, "batch_size": 100, "largest_body": 10**7,
        **changes,
    }  # fmt: skip
    return HttpRecommender(
        HttpSettings(**settings), CATALOGUE, scenario="mine", seed=1, replicate=0
    )


def went(requests, outcome: float) -> Experience:
    n = len(requests)
    return Experience(
        requests.participant, requests.arm, requests.features, requests.draws,
        np.full(n, -1), np.full(n, np.nan), np.full(n, outcome),
    )  # fmt: skip


def test_every_trial_has_a_recommender_of_its_own(built, requests):
    url, made = built
    with closing(client(url)) as first, closing(client(url)) as second:
        first.learn(went(requests(3), 0.7))
        assert first.recommend(requests(2)).attributes.tolist() == [[0.75] * 4] * 2
        assert second.recommend(requests(1)).attributes.tolist() == [[0.0] * 4]
    assert [recommender.outcomes for recommender in made] == [[0.7] * 3, []]


def test_large_batches_are_sent_in_parts(built, requests):
    url, made = built
    with closing(client(url, batch_size=4)) as recommender:
        assert len(recommender.recommend(requests(10))) == 10
        assert len(recommender.recommend(requests(0))) == 0
        recommender.learn(went(requests(6), 1.0))
    assert made[0].asked == [4, 4, 2]
    assert len(made[0].outcomes) == 6


def test_a_repeated_message_is_answered_as_before(built, requests):
    url, made = built
    session = post(url, "/open", opening())["session"]
    rows = wire.experience_rows(went(requests(2), 0.5))
    lesson = {
        "session": session,
        "number": 1,
        "experience": json.loads(wire.encode({"r": rows}))["r"],
    }
    asked = json.loads(wire.encode({"r": wire.request_rows(requests(1))}))["r"]
    question = {"session": session, "number": 2, "requests": asked}
    assert [post(url, "/learn", lesson) for _ in range(3)] == [{}] * 3
    answers = [post(url, "/recommend", question) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert made[0].outcomes == [0.5, 0.5]
    assert made[0].asked == [1]


def post(url: str, path: str, message: object) -> dict:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    request = urllib.request.Request(url + path, body)  # noqa: S310 - it is ours
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        return json.loads(answer.read())


def opening(**changes) -> dict:
    exercises, education, tools = wire.codes(CATALOGUE)
    return {
        "version": 3, "scenario": "mine", "seed": 1, "replicate": 0, "exercises": exercises,
        "messages": education, "tools": tools, **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "message", "status", "reason"),
    [
        ("/opn", {}, 404, "unknown path /opn, must be one of /open, /recommend"),
        ("/open", b"no json", 400, "Invalid JSON"),
        ("/open", b"[" * 100_000, 400, "Invalid JSON"),
        ("/open", {"version": 3}, 400, "scenario: Field required"),
        ("/open", opening(version=1), 400, "version: "),
        ("/open", opening(tools=["hammer"]), 409, "catalogue"),
        ("/learn", {"session": "x", "number": 1, "experience": []}, 404, "session is unknown"),
        ("/close", {"session": "x", "more": 1}, 400, "more: Extra inputs"),
    ],
)
def test_the_server_reports_what_is_wrong_with_a_message(built, path, message, status, reason):
    url, _ = built
    with pytest.raises(HTTPError) as caught:
        post(url, path, message)
    with caught.value as answer:
        assert answer.code == status
        told = json.loads(answer.read())["error"]
    assert reason in told
    assert "\n" not in told


def test_the_server_survives_a_failing_recommender(built, requests):
    url, _ = built
    with closing(client(url)) as recommender:
        asked = requests(1)
        asked.participant[:] = 666
        with pytest.raises(
            RecommenderError, match="/recommend: HTTP status 500: ZeroDivisionError"
        ):
            recommender.recommend(asked)
        assert len(recommender.recommend(requests(1))) == 1


def test_an_unknown_session_is_reported(built, requests):
    url, _ = built
    with closing(client(url)) as recommender:
        recommender._ask("/close", {"session": recommender._session}, messages.Done)
        with pytest.raises(RecommenderError, match="404: the session is unknown"):
            recommender.recommend(requests(1))


def test_a_recommender_that_cannot_be_created_leaves_no_thread_behind(built):
    url, _ = built
    with pytest.raises(RecommenderError, match="HTTP status 404: unknown path /here/open"):
        client(f"{url}/here")
    for thread in threading.enumerate():
        if thread.name == "watchdog":
            thread.join(timeout=5.0)
    assert [thread for thread in threading.enumerate() if thread.name == "watchdog"] == []


def plan(**changes) -> dict:
    attributes = dict.fromkeys(messages.Attributes.model_fields, 0.5)
    return {
        "attributes": attributes | changes.pop("attributes", {}),
        "exercises": [], "messages": [], "tools": [], "step_goal": 5000.0, "similarity": None,
        "cases": [], "similarities": [], "weights": [], "revised": [], **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"plans": [plan()]}, "1 answers to 2 requests"),
        ({"plans": [plan()] * 3}, "3 answers to 2 requests"),
        ({"plan": []}, r"the answer\.plans: Field required \(and 1 more\)"),
        (b"", "the answer: Invalid JSON"),
        (b"<html>", "the answer: Invalid JSON"),
        (
            json.dumps({"plans": [plan(attributes={"load": float("nan")})] * 2}).encode(),
            r"the answer\.plans\[0\]\.attributes\.load: Input should be a finite number",
        ),
        (
            {"plans": [plan(), plan(attributes={"load": None})]},
            r"the answer\.plans\[1\]\.attributes\.load: Input should be a valid number",
        ),
        ({"plans": [plan(), plan(step_goal="many")]}, r"plans\[1\]\.step_goal: "),
        ({"plans": [plan(exercises=["handstand"])] * 2}, "'handstand', not in the catalogue"),
        ({"plans": [plan(revised=["all"])] * 2}, r"revised\[0\]: Input should be "),
        ({"plans": [plan(cases=[10**30])] * 2}, r"cases\[0\]: Input should be less than"),
    ],
)
def test_an_invalid_answer_is_reported(requests, answer, reason):
    def respond(path: str, body: bytes) -> bytes:
        if path == "/open":
            return b'{"session": "one"}'
        return answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    with serving(respond) as server:
        recommender = client(server.url)
        with pytest.raises(RecommenderError, match=reason) as caught:
            recommender.recommend(requests(2))
        recommender._exchange.close()
    assert "\n" not in str(caught.value)


def test_the_server_stops_when_it_is_idle(by_draws):
    service = Service(lambda _: by_draws(), CATALOGUE)
    with RecommenderServer("127.0.0.1", 0, service) as server:
        thread = threading.Thread(target=server.serve_until_idle, args=(0.3,))
        thread.start()
        assert post(server.url, "/open", opening())["session"]
        thread.join(timeout=5.0)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    "url",
    ["", "localhost:80", "ftp://a", "http://", "http:///x", "http://a b", "http://a:0", "file:///x",
     "http://a:99999", "http://[::1", "http://u:p@a", "http://a?b=1", "http://a\n"],
)  # fmt: skip
def test_only_addresses_of_http_are_allowed(url):
    with pytest.raises(ValueError, match="is not allowed"):
        HttpSettings(url=url, timeout=1.0, retries=0, batch_size=1, largest_body=1)
