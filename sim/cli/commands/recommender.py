"""``selfback recommender``: check one's own recommender, serve one of ours, print the schema."""

import json
from collections.abc import Callable, Sequence

from rich.table import Table
from rich.text import Text

from recommender.adapters import messages
from recommender.adapters.server import RecommenderServer, Service
from recommender.catalogue import load_catalogue
from recommender.own.conformance import Finding, conformance
from recommender.protocol import Recommender
from scenarios.devices.own_recommender import HTTP
from scenarios.errors import InputError, ScenarioError
from scenarios.loading.layers import SET
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from sim.cli.output import print_json, say, stdout_console
from sim.core.streams import Streams
from sim.recommenders.own import let_go, own_maker
from sim.recommenders.typical_requests import feature_limits, typical_requests
from sim.simulate import recommender_alone

REQUESTS = 200
"""Patients that a recommender is checked with."""


def check(
    target: str, scenario: str, overrides: list[str], *, seconds: float, as_json: bool
) -> int:
    """Say what is wrong with a recommender; return 0 if nothing is, 1 otherwise.

    Raises
    ------
    InputError
        If there is no such recommender.
    """
    read = scenario_with(target, scenario, overrides)
    find = own_maker if read.recommender.is_own else _built_in_maker
    make = find(read, Streams(read.seed, 0))
    findings = list(
        conformance(
            make,
            typical_requests(read, REQUESTS),
            feature_limits(read),
            load_catalogue(),
            seconds=seconds,
        )
    )
    wrong = sum(bool(finding.problem) for finding in findings)
    if as_json:
        rows = [
            {"check": f.check, "conforms": not f.problem, "problem": f.problem} for f in findings
        ]
        print_json({"target": target, "conforms": not wrong, "checks": rows})
    else:
        stdout_console().print(_table(target, findings))
        _print(
            f"{target} conforms."
            if not wrong
            else f"{target} does not conform: {wrong} of {len(findings)} checks failed."
        )
    return 1 if wrong else 0


def serve(
    scenario: Scenario, *, host: str, port: int, stop_after: float | None, as_json: bool
) -> int:
    """Serve a scenario's recommender until interrupted, or until it is idle for so long.

    Raises
    ------
    InputError
        If the recommender cannot be served, or the address cannot be had.
    """
    if not host.strip():
        raise InputError(f"--host {host!r} is not allowed: must be an address, such as 127.0.0.1")
    kind = scenario.recommender.kind

    def build(opening: messages.Opening) -> Recommender:
        seeded = scenario.model_copy(update={"seed": opening.seed})
        return recommender_alone(seeded, opening.replicate)

    let_go(recommender_alone(scenario, 0))  # what is wrong with it is told here
    try:
        server = RecommenderServer(host, port, Service(build, load_catalogue()))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"--host {host} --port {port} cannot be had: {reason}") from error
    with server:
        if as_json:
            _print(json.dumps({"url": server.url, "kind": kind, "scenario": scenario.name}))
        else:
            _print(f"{kind} of {scenario.name} at {server.url}")
        try:
            if stop_after is None:
                server.serve_forever()
            else:
                server.serve_until_idle(stop_after)
        except KeyboardInterrupt:
            say("stopped")
    return 0


def schema() -> int:
    """Print the JSON schema of the messages to a recommender behind HTTP."""
    print_json(messages.schema())
    return 0


def scenario_with(target: str, scenario: str, overrides: Sequence[str]) -> Scenario:
    """Read a scenario and put a recommender into it.

    Parameters
    ----------
    target
        A built-in name, module:attribute, an entry point, or the address of a service.

    Raises
    ------
    InputError
        If the scenario cannot be read, or there is no recommender of that name.
    """
    load_scenario(scenario, overrides)
    try:
        return load_scenario(scenario, [*overrides, *_naming(target)])
    except ScenarioError as error:
        raise InputError(str(error).removeprefix(f"{SET}: ")) from None


def _built_in_maker(scenario: Scenario, streams: Streams) -> Callable[[], Recommender]:
    recommender_alone(scenario, streams.replicate)
    return lambda: recommender_alone(scenario, streams.replicate)


def _naming(target: str) -> list[str]:
    """Return the overrides that make a scenario use a recommender."""
    if "://" in target:
        return [f'recommender.kind="{HTTP}"', f"recommender.http.url={json.dumps(target)}"]
    return [f"recommender.kind={json.dumps(target)}"]


def _table(target: str, findings: list[Finding]) -> Table:
    table = Table(title=Text(f"Conformance of {target}"), title_justify="left")
    table.add_column("check")
    table.add_column("result", overflow="fold")
    for finding in findings:
        table.add_row(finding.check, Text(finding.problem or "ok"))
    return table


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the result of the command
