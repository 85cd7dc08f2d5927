"""One replicate with all that published numbers are compared with, at a draw of the posterior."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from scenarios.free_parameters import key_path, set_value
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario
from scenarios.targets import Target
from sim.replicates.analysed import run_trial
from sim.replicates.between_visits import between_visits_table

BETWEEN_VISITS = "between_visits"


@dataclass(frozen=True, slots=True)
class Compared:
    """Replicates with their result tables, and what else targets ask for.

    Attributes
    ----------
    between_visits
        Whether to have figures of the life between visits, which take some time. A plain course
        has none: then there is no such table.
    diagnostics
        Whether to check the primary model.
    """

    between_visits: bool
    diagnostics: bool = True

    @classmethod
    def with_all_of(cls, targets: Sequence[Target], *, diagnostics: bool = True) -> "Compared":
        """Return replicates that have what some targets need."""
        return cls(any(target.table == BETWEEN_VISITS for target in targets), diagnostics)

    def __call__(self, scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
        """Return the tables of one replicate."""
        found = run_trial(scenario, replicate, diagnostics=self.diagnostics)
        tables = found.result_tables()
        if self.between_visits and isinstance(scenario.course, MechanisticCourse):
            tables[BETWEEN_VISITS] = between_visits_table(found.trial)
        return tables


@dataclass(frozen=True, slots=True)
class AtDraws:
    """Replicates that take one parameter set after the other: the posterior predictive.

    Attributes
    ----------
    compared
        What is done for a replicate.
    keys
        Of the parameters.
    draws
        Parameter sets, a value for each key.
    """

    compared: Compared
    keys: tuple[str, ...]
    draws: tuple[tuple[float, ...], ...]

    def scenario(self, scenario: Scenario, replicate: int) -> Scenario:
        """Return a scenario with the parameter set of a replicate.

        Raises
        ------
        KeyError, IndexError, TypeError
            If the scenario has no such parameter.
        ValidationError
            If it does not allow the set.
        """
        data = json.loads(scenario.model_dump_json())
        for key, value in zip(self.keys, self.draws[replicate % len(self.draws)], strict=True):
            set_value(data, key_path(key, data), value)
        return Scenario.model_validate_json(json.dumps(data), strict=True)

    def describe(self) -> dict[str, Any]:
        """Return what tells these replicates from others."""
        content = json.dumps([self.keys, self.draws])
        return {
            "what": type(self).__name__,
            "draws": len(self.draws),
            "sample": hashlib.sha256(content.encode()).hexdigest(),
            **asdict(self.compared),
        }

    def __call__(self, scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
        """Return the tables of one replicate."""
        return self.compared(self.scenario(scenario, replicate), replicate)
