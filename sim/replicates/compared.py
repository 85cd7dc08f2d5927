"""One replicate with all that published numbers are compared with."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

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
        Whether to have figures of the life between visits, which take some time.
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
        if self.between_visits:
            tables[BETWEEN_VISITS] = between_visits_table(found.trial)
        return tables
