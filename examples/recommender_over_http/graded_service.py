"""Graded activity as a service: the rules of examples/own_recommender, in plain Python.

``python graded_service.py --port 8000``. It takes nothing but Python's standard library, nothing
of this project: a service in another language would be written in the same way. The messages are
described by ``selfback recommender schema``.
"""

import argparse
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from threading import Lock
from typing import Any

STEP, FLARE, HIGHEST_FEAR = 0.1, 7.0, 24.0
"""Change of load in a week; pain (0 to 10) from which the load is cut; the most fear there is."""
EXERCISES = (
    ("S2", 4, ()), ("F1", 3, ()), ("S3", 4, ("knee",)), ("F2", 3, ("flexion",)), ("S7", 5, ()),
    ("F6", 4, ()),
)  # fmt: skip
"""What this service may ask for: code in the catalogue, minutes, loads that it puts on the body."""


class Trial:
    """What is remembered of one simulated trial: trials must not learn from each other."""

    def __init__(self, opening: dict[str, Any]) -> None:
        self.messages = opening["messages"]
        self.outcomes: dict[int, float] = {}
        self.number, self.answer = 0, {}
        self.lock = Lock()

    def once(self, path: str, message: dict[str, Any]) -> dict[str, Any]:
        """Answer a message; one that is repeated, as its answer was lost, gets the same answer."""
        with self.lock:
            if message["number"] > self.number:
                self.answer = (
                    self.recommend(message) if path == "/recommend" else self.learn(message)
                )
                self.number = message["number"]
            return self.answer

    def recommend(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return a plan for every request, in the same order."""
        return {"plans": [self.plan(request) for request in message["requests"]]}

    def learn(self, message: dict[str, Any]) -> dict[str, Any]:
        """Remember how the last week of each participant went, 0 to 1."""
        for told in message["experience"]:
            self.outcomes[told["participant"]] = told["outcome"]
        return {}

    def plan(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the plan of one participant. An unknown number is None."""
        features, before = request["features"], request["previous"]
        pain = 5.0 if features["pain"] is None else features["pain"]
        fear = HIGHEST_FEAR / 2.0 if features["fear"] is None else features["fear"]
        went_well = self.outcomes.get(request["participant"], 0.0) >= 0.5
        in_flare = features["pain"] is not None and pain >= FLARE
        if before is None:
            load = within(0.1, 0.8 - pain / 10.0, 0.8)
        else:
            rises = went_well and not in_flare
            load = within(0.0, before["load"] + (STEP if rises else -STEP), 1.0)
        steps = [each for each in request["recent_steps"] if each is not None]
        usual = sum(steps) / len(steps) if steps else 5000.0
        return {
            "attributes": {
                "load": load,
                "strength_share": 0.5,
                "reassurance": within(0.0, fear / HIGHEST_FEAR, 1.0),
                "progression": 0.6 if went_well else 0.3,
            },
            "exercises": exercises(request),
            "messages": [self.messages[request["week"] % len(self.messages)]],
            "tools": [],
            "step_goal": usual if in_flare else 1.1 * usual,
            # Of a recommender without cases there is nothing to say here.
            "similarity": None, "cases": [], "similarities": [], "weights": [], "revised": [],
        }  # fmt: skip


def within(low: float, value: float, high: float) -> float:
    """Return a value, moved to the nearer bound if it is outside."""
    return min(max(value, low), high)


def exercises(request: dict[str, Any]) -> list[str]:
    """Return what fits into the participant's time and is not contraindicated."""
    chosen, left = [], request["available_minutes"]
    for code, minutes, loads in EXERCISES:
        if minutes <= left and not set(loads) & set(request["contraindications"]):
            chosen.append(code)
            left -= minutes
    return chosen


class Handler(BaseHTTPRequestHandler):
    """Reads a message, answers it, and says what is wrong with one that cannot be answered."""

    protocol_version = "HTTP/1.1"  # the connection stays open
    trials: dict[str, Trial]

    def do_POST(self) -> None:
        """Answer one of the four paths."""
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            status, answer = 200, self.answer(message)
        except (KeyError, TypeError) as error:
            status, answer = 400, {"error": f"cannot be answered: {error!r}"}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a message."""
        if self.path == "/open":
            session = token_hex(16)
            self.trials[session] = Trial(message)
            return {"session": session}
        if self.path == "/close":
            del self.trials[message["session"]]
            return {}
        return self.trials[message["session"]].once(self.path, message)

    def log_message(self, *_what: object) -> None:
        """Print nothing: a trial sends many messages."""


def make_server(port: int) -> ThreadingHTTPServer:
    """Return a server that listens on this machine only; port 0 is any that is free."""
    handler = type("OfThisServer", (Handler,), {"trials": {}})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    server = make_server(parser.parse_args().port)
    print(f"listening at http://127.0.0.1:{server.server_port}, Ctrl-C ends it", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
