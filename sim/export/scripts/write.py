"""Writes the scripts of the primary analysis beside exported data."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from scenarios.schema import Scenario
from sim.export.scripts.layout import layout_of
from sim.export.scripts.r_reading import Adam
from sim.export.scripts.r_script import R_SCRIPT, r_script
from sim.export.scripts.stata_do import DO_FILE, do_file


def write_scripts(
    folder: Path,
    scenario: Scenario,
    visits: tuple[str, ...],
    export: str,
    tables: Mapping[str, Sequence[str]],
    adam: Adam | None = None,
) -> None:
    """Write a script for R and one for Stata.

    Parameters
    ----------
    folder
        Where the data are.
    scenario
        With the plan.
    visits
        That the analysis has, the baseline first.
    export
        Format of the data.
    tables
        Columns of the tables of participants and visits.
    adam
        Names in the datasets, where the format is ADaM.
    """
    layout = layout_of(scenario, visits, tables["participants"])
    stata = do_file(layout, export, tables, adam)
    (folder / DO_FILE).write_text(stata, encoding="utf-8")
    (folder / R_SCRIPT).write_text(r_script(layout, export, tables, adam), encoding="utf-8")
