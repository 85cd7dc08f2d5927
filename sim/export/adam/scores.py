"""ADQS: a row a participant, outcome and visit that was answered."""

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.data.trial_data import BASELINE
from scenarios.design.outcomes import Outcome
from scenarios.schema import Scenario
from sim.export.adam.dataset import (
    Codelist,
    Dataset,
    ValueLevel,
    Variable,
    dates,
    texts_as_they_are,
    yes,
)
from sim.export.adam.subjects import Subjects, identifying, in_arms
from sim.export.names import sas_names

EVENT = Codelist("Event", {"0": "No", "1": "Yes"}, number=True)


def parameters(scenario: Scenario, table: pa.Table) -> dict[str, str]:
    """Return the parameter code of each outcome that the table of visits has."""
    there = [each.name for each in scenario.outcomes if each.name in table.column_names]
    return sas_names(there)


def adqs(table: pa.Table, scenario: Scenario, who: Subjects) -> Dataset:
    """Return ADQS.

    Parameters
    ----------
    table
        Of visits.
    scenario
        Whose trial it is of.
    who
        See :func:`sim.export.adam.subjects.subjects`.
    """
    codes, outcomes = parameters(scenario, table), scenario.scales
    long = _long(table, scenario, list(codes))
    labels = _labels([outcomes[name] for name in codes])
    rows = long["participant"].to_numpy(int) - 1
    number = long["outcome"].to_numpy(int)
    paramcd = list(codes.values())
    visits = _visit_names(scenario)
    visit = long["visit"].to_numpy(int)
    day = long["day"].to_numpy(float)
    score, start = long["score"].to_numpy(float), long["start"].to_numpy(float)
    parameter = Codelist("Parameter Code", dict(zip(paramcd, labels, strict=True)))
    visit_codes = {str(code): name for code, name in enumerate(visits)}
    variables = [
        *identifying(who, rows, sites=True),
        *in_arms(scenario, who.arms[rows], (
            ("TRTP", "Planned Treatment", "TRT01P of ADSL."),
            ("TRTA", "Actual Treatment", "TRT01A of ADSL."),
        )),
        yes("ITTFL", "Intent-To-Treat Population Flag", np.ones(len(long), dtype=bool),
            "ITTFL of ADSL."),
        Variable("PARAM", "Parameter", "text", [labels[each] for each in number], "Assigned",
                 "Label and unit of the outcome.", texts_as_they_are("Parameter", labels)),
        Variable("PARAMCD", "Parameter Code", "text", [paramcd[each] for each in number],
                 "Assigned", "Name of the outcome, cut to 8 characters.", parameter),
        Variable("PARAMN", "Parameter (N)", "integer", number + 1.0, "Assigned",
                 "Number of the outcome, in the order of the scenario."),
        Variable("AVISIT", "Analysis Visit", "text", [visits[each] for each in visit], "Assigned",
                 "Visit at which the questionnaire was due.",
                 texts_as_they_are("Analysis Visit", visits)),
        Variable("AVISITN", "Analysis Visit (N)", "integer", visit.astype(float), "Assigned",
                 "Number of the visit, 0 for the baseline.",
                 Codelist("Analysis Visit (N)", visit_codes, number=True)),
        dates("ADT", "Analysis Date", scenario.trial.opens, who.randomized[rows] + np.floor(day),
              "Day of the answer."),
        Variable("ADY", "Analysis Relative Day", "integer", np.floor(day) + 1.0, "Derived",
                 "ADT - TRTSDT + 1."),
        Variable("AVAL", "Analysis Value", "float", score, "Assigned", "Score."),
        Variable("BASE", "Baseline Value", "float", start, "Derived",
                 "AVAL of the same parameter where ABLFL is Y; missing: it was not asked then."),
        Variable("CHG", "Change from Baseline", "float",
                 np.where(visit > 0, score - start, np.nan), "Derived",
                 "AVAL - BASE after the baseline."),
        yes("ABLFL", "Baseline Record Flag", visit == 0, "Y at the baseline.", always=True),
        yes("ANL01FL", "Analysis Flag 01", np.ones(len(long), dtype=bool),
            "The one record of a participant, parameter and visit.", always=True),
    ]  # fmt: skip
    levels = tuple(
        _level(outcomes[name], paramcd, label)
        for (name, paramcd), label in zip(codes.items(), labels, strict=True)
    )
    return Dataset(
        "ADQS", "Questionnaire Analysis Dataset",
        "One record per subject, parameter and analysis visit that was answered",
        "BASIC DATA STRUCTURE", ("STUDYID", "USUBJID", "PARAMCD", "AVISITN"), tuple(variables),
        {"AVAL": levels},
    )  # fmt: skip


def _long(table: pa.Table, scenario: Scenario, outcomes: list[str]) -> pd.DataFrame:
    """Return scores that were answered, by participant, outcome and visit."""
    frame = table.to_pandas()
    order = {BASELINE: 0}
    order |= {visit.name: code for code, visit in enumerate(scenario.trial.visits, start=1)}
    parts = []
    for number, name in enumerate(outcomes):
        part = pd.DataFrame({
            "participant": frame["participant"], "outcome": number,
            "visit": frame["visit"].map(order), "day": frame["answered_after_days"],
            "score": frame[name].astype(float),
        })  # fmt: skip
        first = part[part["visit"] == 0].set_index("participant")["score"]
        part["start"] = part["participant"].map(first)
        parts.append(part[part["score"].notna()])
    long = pd.concat(parts)
    return long.sort_values(["participant", "outcome", "visit"], ignore_index=True)


def _visit_names(scenario: Scenario) -> list[str]:
    names = (BASELINE, *(visit.name for visit in scenario.trial.visits))
    return [name[:1].upper() + name[1:] for name in names]


def _labels(outcomes: list[Outcome]) -> list[str]:
    """Return the labels of parameters, each once."""
    labels = [f"{each.label} ({each.unit})" if each.unit else each.label for each in outcomes]
    return [
        label if labels.count(label) == 1 else f"{label} [{outcome.name}]"
        for label, outcome in zip(labels, outcomes, strict=True)
    ]


def _level(outcome: Outcome, paramcd: str, label: str) -> ValueLevel:
    whole = outcome.grain is not None and float(outcome.grain).is_integer()
    ends = (outcome.lowest, outcome.highest)
    scale = f"{ends[0]:g} to {ends[1]:g}" if np.isfinite(ends).all() else ""
    codes = EVENT if outcome.kind == "binary" else None
    kind = "integer" if whole or codes else "float"
    return ValueLevel(paramcd, label, kind, outcome.unit, scale, codes)  # type: ignore[arg-type]
