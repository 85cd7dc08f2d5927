"""Recommenders of one's own before a trial: checked for conformance, served over HTTP."""

from collections.abc import Callable, Sequence

from recommender.adapters import messages
from recommender.adapters.server import RecommenderServer, Service
from recommender.catalogue import load_catalogue
from recommender.own.conformance import Finding, conformance
from recommender.protocol import Recommender
from scenarios.errors import InputError
from scenarios.schema import Scenario
from sim.core.streams import Streams
from sim.recommenders.own import let_go, own_maker
from sim.recommenders.typical_requests import feature_limits, typical_requests
from sim.simulate import recommender_alone

REQUESTS = 200
"""Patients that a recommender is checked with."""


def check(scenario: Scenario, *, seconds: float) -> Sequence[Finding]:
    """Return what was checked of a scenario's recommender, and what is wrong with it.

    Parameters
    ----------
    seconds
        Longest time for an answer.

    Raises
    ------
    InputError
        If there is no such recommender.
    """
    find = own_maker if scenario.mechanisms.recommender.is_own else _built_in_maker
    make = find(scenario, Streams(scenario.seed, 0))
    requests = typical_requests(scenario, REQUESTS)
    limits = feature_limits(scenario)
    return list(conformance(make, requests, limits, load_catalogue(), seconds=seconds))


def make_server(scenario: Scenario, host: str, port: int) -> RecommenderServer:
    """Return a server of a scenario's recommender; ``port`` 0 is any free one.

    Raises
    ------
    InputError
        If the recommender cannot be served, or the address is not available.
    """
    if not host.strip():
        raise InputError(f"--host {host!r} is not allowed: must be an address, such as 127.0.0.1")

    def build(opening: messages.Opening) -> Recommender:
        seeded = scenario.model_copy(update={"seed": opening.seed})
        return recommender_alone(seeded, opening.replicate)

    let_go(recommender_alone(scenario, 0))  # what is wrong with it is told here
    try:
        return RecommenderServer(host, port, Service(build, load_catalogue()))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"--host {host} --port {port} is not available: {reason}") from error


def _built_in_maker(scenario: Scenario, streams: Streams) -> Callable[[], Recommender]:
    recommender_alone(scenario, streams.replicate)
    return lambda: recommender_alone(scenario, streams.replicate)
