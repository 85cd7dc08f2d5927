"""ADAE: a row a harm or adverse event that was reported."""

import numpy as np
import pyarrow as pa

from scenarios.schema import Scenario
from sim.export.adam.dataset import YES_OR_NO, Dataset, Variable, dates, yes
from sim.export.adam.subjects import Subjects, identifying, in_arms

TERM = "Adverse event"
"""Of all of them: which harm it was is not simulated."""


def adae(table: pa.Table, scenario: Scenario, who: Subjects) -> Dataset:
    """Return ADAE, which may have no rows.

    Parameters
    ----------
    table
        Of adverse events.
    scenario
        Whose trial it is of.
    who
        See :func:`sim.export.adam.subjects.subjects`.
    """
    frame = table.to_pandas().sort_values(["participant", "reported_day"], ignore_index=True)
    rows = frame["participant"].to_numpy(int) - 1
    number = frame.groupby("participant").cumcount().to_numpy(float) + 1.0
    reported = frame["reported_day"].to_numpy(float)
    opens = scenario.trial.opens
    variables = [
        *identifying(who, rows, sites=True),
        *in_arms(scenario, who.arms[rows], (("TRTA", "Actual Treatment", "TRT01A of ADSL."),)),
        Variable("AESEQ", "Sequence Number", "integer", number, "Derived",
                 "Number of the event of a participant."),
        Variable("AETERM", "Reported Term for the Adverse Event", "text", [TERM] * len(frame),
                 "Assigned", "The same of all events: which harm it was is not simulated."),
        Variable("AEDECOD", "Dictionary-Derived Term", "text", [TERM] * len(frame), "Assigned",
                 "AETERM: no dictionary was used."),
        Variable("AESER", "Serious Event", "text", _yes_or_no(frame["serious"].to_numpy(bool)),
                 "Assigned", "Whether the event was serious.", YES_OR_NO),
        Variable("AREL", "Analysis Causality", "text", _yes_or_no(frame["related"].to_numpy(bool)),
                 "Assigned", "Whether the event was related to the treatment.", YES_OR_NO),
        dates("ASTDT", "Analysis Start Date", opens, reported, "Day on which it was reported."),
        Variable("ASTDY", "Analysis Start Relative Day", "integer",
                 np.floor(reported) - who.randomized[rows] + 1.0, "Derived", "ASTDT - TRTSDT + 1."),
        dates("REVDT", "Date of Review", opens, frame["reviewed_day"].to_numpy(float),
              "Day of the meeting that reviewed it; missing: not reviewed."),
        yes("TRTEMFL", "Treatment Emergent Analysis Flag", np.ones(len(frame), dtype=bool),
            "All are reported after randomization.", always=True),
    ]  # fmt: skip
    return Dataset(
        "ADAE", "Adverse Event Analysis Dataset", "One record per subject and adverse event",
        "OCCURRENCE DATA STRUCTURE", ("STUDYID", "USUBJID", "AESEQ"), tuple(variables),
    )  # fmt: skip


def _yes_or_no(met: np.ndarray) -> list[str]:
    return ["Y" if each else "N" for each in met]
