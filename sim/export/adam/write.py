"""Writes the ADaM-like datasets with their define.xml, codebook and scripts."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from scenarios.schema import Scenario
from sim.export.adam.dataset import DATE_FORMAT, Dataset
from sim.export.adam.define import write_define
from sim.export.adam.events import adae
from sim.export.adam.scores import adqs, parameters
from sim.export.adam.subjects import adsl, covariate_names, subjects, written_levels
from sim.export.scripts.r_reading import Adam
from sim.export.scripts.write import write_scripts
from sim.export.transport import transport_names, write_transport
from sim.replicates.analysed import AnalysedTrial
from sim.tables.codebook import Entry, codebook, write_entries
from sim.tables.truth_tables import TRUTH

ESTIMATES = "estimates"
"""The table that is written beside the datasets, as CSV: what the analysis found."""


def write_adam(folder: Path, tables: Mapping[str, pa.Table], found: AnalysedTrial) -> None:
    """Write ADSL, ADQS and ADAE, define.xml, codebook, scripts and the estimates.

    Parameters
    ----------
    folder
        Where to.
    tables
        The tables of the trial, by name.
    found
        The trial, and its analysis.
    """
    scenario, participants = found.trial.scenario, tables["participants"]
    who = subjects(participants, scenario)
    datasets = (
        adsl(participants, found, who),
        adqs(tables["visits"], scenario, who),
        adae(tables["adverse_events"], scenario, who),
    )
    for dataset in datasets:
        write_transport(
            dataset.frame,
            {each.name: each.label for each in dataset.variables},
            folder / f"{dataset.name.lower()}.xpt",
            label=dataset.label,
            formats={each.name: DATE_FORMAT for each in dataset.variables if each.kind == "date"},
        )
    write_define(folder, datasets, scenario)
    csv.write_csv(tables[ESTIMATES], folder / f"{ESTIMATES}.csv")
    estimates = codebook({ESTIMATES: tables[ESTIMATES].column_names}, scenario)
    entries = [*_entries(datasets), *estimates]
    truth = {name: table for name, table in tables.items() if name.startswith(TRUTH)}
    called = [entry.column for entry in entries]
    called += [name for table in truth.values() for name in transport_names(table).values()]
    entries += codebook({name: table.column_names for name, table in truth.items()}, scenario)
    write_entries(folder, entries, scenario, called if truth else None)
    names = {name: tables[name].column_names for name in ("participants", "visits")}
    write_scripts(folder, scenario, found.data.visits, "adam", names, adam_names(tables, scenario))


def adam_names(tables: Mapping[str, pa.Table], scenario: Scenario) -> Adam:
    """Return what scripts need to know of the names in the datasets."""
    columns = covariate_names(scenario, tables["participants"].column_names)
    levels = {name: written_levels(scenario, name) for name in columns if name in scenario.levels}
    return Adam(parameters(scenario, tables["visits"]), columns, levels)


def _entries(datasets: Sequence[Dataset]) -> list[Entry]:
    found = []
    for dataset in datasets:
        row = dataset.structure[:1].lower() + dataset.structure[1:]
        for each in dataset.variables:
            items = {} if each.codes is None else each.codes.items
            codes = "; ".join(
                value if value == meaning else f"{value} {meaning}"
                for value, meaning in items.items()
            )
            meaning = f"{each.label}. {each.says}" if each.says else each.label
            unit = "days since 1960-01-01" if each.kind == "date" else ""
            found.append(Entry(dataset.name.lower(), row, each.name, meaning, unit, codes, ""))
    return found
