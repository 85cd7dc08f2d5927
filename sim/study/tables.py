"""Which tables a study has; :mod:`sim.tables.codebook` says what they and their columns mean."""

from dataclasses import dataclass

import pyarrow as pa

from analysis.data.estimates import SCHEMA as ESTIMATES_SCHEMA
from analysis.describe.summaries import SUMMARY_SCHEMA
from analysis.plan.family import FAMILY_SCHEMA
from analysis.sequential.looks import LOOKS_SCHEMA
from sim.replicates.analysed import FAILURE_SCHEMA
from sim.replicates.between_visits import BETWEEN_VISITS_SCHEMA
from sim.replicates.component_effects import COMPONENTS_SCHEMA
from sim.replicates.moved_effects import MOVED, MOVED_SCHEMA
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
    key
        Columns that tell the rows of a replicate apart.
    complete
        Whether each replicate has a row, unless it failed.
    """

    name: str
    schema: pa.Schema
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
            ("analysis", "outcome", "visit", "contrast"),
        ),
        StudyTable(
            "summaries",
            SUMMARY_SCHEMA,
            ("quantity", "outcome", "visit", "arm"),
        ),
        StudyTable("flow", FLOW_SCHEMA, ("stage",)),
        StudyTable("failures", FAILURE_SCHEMA, complete=False),
        StudyTable(
            "truth",
            TRUTH_SCHEMA,
            ("population", "contrast", "outcome", "visit"),
        ),
        StudyTable("looks", LOOKS_SCHEMA, ("analysis", "contrast", "look")),
        StudyTable("family", FAMILY_SCHEMA, ("hypothesis",)),
        StudyTable("costs", COSTS_SCHEMA, ("cost",)),
        StudyTable(
            "subgroups",
            SUBGROUPS_SCHEMA,
            ("contrast", "trait", "subgroup"),
        ),
        StudyTable("components", COMPONENTS_SCHEMA, ("component",)),
        StudyTable(MOVED, MOVED_SCHEMA),
        StudyTable(
            "between_visits",
            BETWEEN_VISITS_SCHEMA,
            ("figure",),
        ),
    )
}
