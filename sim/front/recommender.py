"""``check_recommender`` and ``recommender_server``: recommenders before a trial."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from recommender.adapters import messages
from recommender.adapters.server import RecommenderServer
from recommender.own.conformance import Finding
from sim.front.results import Shown
from sim.front.scenario import Changes, Source, overrides, with_recommender
from sim.front.scenario import scenario as read_scenario
from sim.recommenders.checked import check, make_server


@dataclass(frozen=True, slots=True)
class Conformance(Shown):
    """What was checked of a recommender.

    Attributes
    ----------
    target
        The recommender.
    findings
        In order, each with the problem that was found, '' for none.
    """

    target: str
    findings: Sequence[Finding] = field(repr=False)

    @property
    def wrong(self) -> int:
        """How many checks failed."""
        return sum(bool(finding.problem) for finding in self.findings)

    @property
    def checks(self) -> pd.DataFrame:
        """A row a check."""
        return pd.DataFrame(self.to_dict()["checks"])

    def print_to(self, console: Console) -> None:
        """Print a row a check, and the verdict."""
        table = Table(title=Text(f"Conformance of {self.target}"), title_justify="left")
        table.add_column("check")
        table.add_column("result", overflow="fold")
        for finding in self.findings:
            table.add_row(finding.check, Text(finding.problem or "ok"))
        console.print(table)
        verdict = "conforms."
        if self.wrong:
            verdict = f"does not conform: {self.wrong} of {len(self.findings)} checks failed."
        console.print(f"{self.target} {verdict}", soft_wrap=True, markup=False)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        rows = [
            {"check": f.check, "conforms": not f.problem, "problem": f.problem}
            for f in self.findings
        ]
        return {"target": self.target, "conforms": not self.wrong, "checks": rows}


def check_recommender(
    target: str, scenario: str = "selfback_2021", changes: Changes = (), *, seconds: float = 5.0
) -> Conformance:
    """Say in plain words what is wrong with a recommender.

    Parameters
    ----------
    target
        Built-in name, module:attribute, entry point, or address of a service.
    scenario, changes
        Whose patients are used: name in the library or file, and what is changed.
    seconds
        Longest time for an answer.

    Raises
    ------
    InputError
        If there is no such recommender.
    """
    read = with_recommender(target, scenario, overrides(changes))
    return Conformance(target, check(read, seconds=seconds))


def recommender_server(
    scenario: Source, host: str = "127.0.0.1", port: int = 0
) -> RecommenderServer:
    """Return a server of a scenario's recommender; ``port`` 0 is any free one.

    Raises
    ------
    InputError
        If the recommender cannot be served, or the address is not available.
    """
    return make_server(read_scenario(scenario), host, port)


def recommender_schema() -> dict[str, Any]:
    """Return the JSON schema of what a recommender behind HTTP is asked, and answers."""
    return messages.schema()
