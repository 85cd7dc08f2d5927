"""Writes the data of a trial into a folder, in one of the formats, with codebook and scripts."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from scenarios.schema import Scenario
from sim.export.adam.write import write_adam
from sim.export.formats import SUFFIX
from sim.export.names import stata_names
from sim.export.scripts.write import write_scripts
from sim.export.stata import write_stata
from sim.export.transport import transport_names, write_table
from sim.export.variables import Variable, variables
from sim.replicates.analysed import AnalysedTrial
from sim.tables.codebook import Exported, write_codebook
from sim.tables.truth_tables import TRUTH


def write_export(
    folder: Path, tables: Mapping[str, pa.Table], found: AnalysedTrial, export: str
) -> None:
    """Write tables, their codebook, and scripts that rerun the primary analysis.

    Parameters
    ----------
    folder
        Where to; names of tables may have a folder of their own.
    tables
        Name to table.
    found
        The trial they are of, and its analysis.
    export
        One of :data:`sim.export.formats.FORMATS`.
    """
    scenario = found.trial.scenario
    if export == "adam":
        write_adam(folder, tables, found)
        tables = {name: table for name, table in tables.items() if name.startswith(TRUTH)}
    described = variables(tables, scenario)
    for name, table in tables.items():
        path = folder / f"{name}.{SUFFIX.get(export, export)}"
        path.parent.mkdir(exist_ok=True)
        _write(table, described[name], scenario, path)
    if export == "adam":
        return
    names = {name: table.column_names for name, table in tables.items()}
    write_codebook(folder, names, scenario, _exported(tables, described, export))
    write_scripts(folder, scenario, found.data.visits, export, names)


def _write(table: pa.Table, described: list[Variable], scenario: Scenario, path: Path) -> None:
    match path.suffix:
        case ".csv":
            csv.write_csv(table, path)
        case ".parquet":
            pq.write_table(table, path)
        case ".dta":
            write_stata(table, described, scenario, path)
        case ".xpt":
            write_table(table, described, path)


def _exported(
    tables: Mapping[str, pa.Table], described: Mapping[str, list[Variable]], export: str
) -> dict[tuple[str, str], Exported]:
    """Return what is otherwise in the files than in the tables: names, and codes of categories."""
    if export not in {"dta", "xpt"}:
        return {}
    found = {}
    for table, columns in described.items():
        own = tables[table]
        names = stata_names(own.column_names) if export == "dta" else transport_names(own)
        for each in columns:
            codes = (f"{code} {level}" for code, level in enumerate(each.levels))
            # A transport file has no value labels: its categories are texts.
            coded = each.levels and (export == "dta" or pa.types.is_boolean(own[each.column].type))
            found[table, each.column] = Exported(
                names[each.column], "; ".join(codes) if coded else each.entry.codes
            )
    return found
