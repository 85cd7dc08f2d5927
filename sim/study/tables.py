"""Which tables a study has: the one list of their names, columns and meaning."""

from dataclasses import dataclass

import pyarrow as pa

from analysis.data.estimates import SCHEMA as ESTIMATES_SCHEMA
from analysis.describe.summaries import SUMMARY_SCHEMA
from analysis.sequential.looks import LOOKS_SCHEMA
from sim.replicates.analysed import FAILURE_SCHEMA
from sim.replicates.between_visits import BETWEEN_VISITS_SCHEMA
from sim.replicates.subgroup_effects import SUBGROUPS_SCHEMA
from sim.tables.costs import COSTS_SCHEMA
from sim.tables.trial_tables import FLOW_SCHEMA
from sim.tables.true_effects import TRUTH_SCHEMA


@dataclass(frozen=True, slots=True)
class StudyTable:
    """A table of a study, with rows of all its replicates.

    Attributes
    ----------
    name
        Of the table, and of its file without the suffix.
    schema
        Columns; the first is the replicate.
    about
        What a row is.
    key
        Columns that tell the rows of a replicate apart.
    complete
        Whether each replicate has a row, unless it failed.
    """

    name: str
    schema: pa.Schema
    about: str
    key: tuple[str, ...] = ()
    complete: bool = True

    @property
    def file(self) -> str:
        """Name of its file in the study's folder."""
        return f"{self.name}.parquet"


STUDY_TABLES = {
    table.name: table
    for table in (
        StudyTable(
            "estimates",
            ESTIMATES_SCHEMA,
            "an estimate, or the reason why there is none",
            ("analysis", "outcome", "visit", "contrast"),
        ),
        StudyTable(
            "summaries",
            SUMMARY_SCHEMA,
            "a descriptive number of a trial",
            ("quantity", "outcome", "visit", "arm"),
        ),
        StudyTable("flow", FLOW_SCHEMA, "a count of the CONSORT flow diagram", ("stage",)),
        StudyTable(
            "failures", FAILURE_SCHEMA, "a replicate that failed, with the reason", complete=False
        ),
        StudyTable(
            "truth",
            TRUTH_SCHEMA,
            "a true average effect, where the scenario asks for it",
            ("population", "outcome", "visit"),
        ),
        StudyTable(
            "looks", LOOKS_SCHEMA, "an interim look, where the trial has any", ("analysis", "look")
        ),
        StudyTable(
            "costs", COSTS_SCHEMA, "an amount used by a trial, in comparisons of designs", ("cost",)
        ),
        StudyTable(
            "subgroups",
            SUBGROUPS_SCHEMA,
            "a subgroup's effect, true and estimated",
            ("trait", "subgroup"),
        ),
        StudyTable(
            "between_visits",
            BETWEEN_VISITS_SCHEMA,
            "a figure of the life between visits, where it is compared with other studies",
            ("figure",),
        ),
    )
}
