"""What moving parameters does to an effect, as tables and in words."""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

import numpy as np
import pandas as pd

from analysis.report.numbers import NONE, fixed, significant
from analysis.report.tables import TextTable
from scenarios.moved import LeftOut
from scenarios.wording import few
from sim.study.designs.sensitivity import SIDES, Sensitivity

HEADS = ("parameter", "value: down / up", "effect, down", "effect, up", "share")
HOW_MOVED = (
    "A value is multiplied by {down} and by {up}; of a number between 0 and 1 the odds are, of one "
    "between -1 and 1 Fisher's z; whole numbers are rounded and move by at least 1; the numbers of "
    "a list are moved together."
)


def moved_table(found: Sensitivity, most: int | None = None) -> TextTable:
    """Return a row for each parameter that changes the effect, at most so many."""
    rows: list[tuple[str, ...]] = []
    for row in found.moving.head(most or len(found.moving)).to_dict("records"):
        changes = (change_text(row, f"effect_{side}") for side in SIDES)
        share = percent_of_effect(row["share"])
        rows.append((str(row["key"]), values_text(row), *changes, share))
    return TextTable(title_of(found), HEADS, rows)


def further_tables(found: Sensitivity) -> list[TextTable]:
    """Return what the table of effects has no room for; a table without rows is left out."""
    reference: list[tuple[str, ...]] = [
        (
            str(row["key"]), str(row["label"]),
            *(change_text(row, f"reference_{side}") for side in SIDES),
        )
        for rows in (found.moving, found.moving_reference)
        for row in rows.to_dict("records")
    ]  # fmt: skip
    same: list[tuple[str, ...]] = [
        (str(row["key"]), str(row["label"])) for row in found.unmoving.to_dict("records")
    ]
    without: list[tuple[str, ...]] = [(each.key, each.reason) for each in found.left_out]
    mean = f"mean of {found.reference}"
    tables = (
        TextTable(
            f"What they are, and changes of the {mean} ({found.outcome_unit})",
            ("parameter", "what it is", f"{mean}, down", f"{mean}, up"), reference,
        ),
        TextTable(
            "Parameters that change nothing in any trial", ("parameter", "what it is"), same
        ),
        TextTable("Parameters that were not moved", ("parameter", "why"), without),
    )  # fmt: skip
    return [table for table in tables if table.rows]


def title_of(found: Sensitivity) -> str:
    """Return what is moved, and by how much, in words."""
    return (
        f"{found.scenario}, {found.arm} against {found.reference}: change of the true effect on "
        f"{found.outcome_label} at {found.visit} ({found.outcome_unit})"
    )


def remarks(found: Sensitivity, shown: int | None = None) -> Iterator[str]:
    """Yield what is to be said of the table."""
    cut = f"The {shown} that move it most are shown. " if len(found.moving) > (shown or inf) else ""
    yield (
        f"{cut}The effect is {significant(found.effect, 3)} "
        f"({significant(found.effect_error, 2)}), the mean of {found.reference} "
        f"{significant(found.reference_mean, 3)} ({significant(found.reference_error, 2)}), over "
        f"{found.replicates} trials of {found.participants} participants. In brackets: Monte Carlo "
        "standard errors, of changes paired by trial. Share: the larger change, of the effect."
    )
    yield HOW_MOVED.format(down=f"{1.0 - found.by:g}", up=f"{1.0 + found.by:g}")
    if len(only := found.moving_reference):
        yield (
            f"{_count(only, 'changes', 'change')} the mean of {found.reference} alone: "
            f"{few(list(only['key']))}."
        )
    if len(same := found.unmoving):
        sure = int((~same["simulated"].astype(bool)).sum())
        known = (
            f", {sure} of them known without a trial, since nothing before the answers reads them"
        )
        yield (
            f"{_count(same, 'changes', 'change')} nothing in any trial{known if sure else ''}: "
            f"{few(list(same['key']))}."
        )
    kinds: dict[str, list[LeftOut]] = {}
    for each in found.left_out:
        kinds.setdefault(each.reason.partition(":")[0], []).append(each)
    for kind, those in kinds.items():
        _, _, more = those[0].reason.partition(": ")
        first = f"; first: {more}" if more else ""
        yield f"Not moved: {few([each.key for each in those])}: {kind}{first}."


def percent_of_effect(share: float) -> str:
    """Return a share of the effect in per cent, - of no effect."""
    return f"{fixed(100.0 * share, 1)}%" if np.isfinite(share) else NONE


def values_text(row: Mapping[Any, Any]) -> str:
    """Return a parameter's value with those that it is moved to; of a list how many it has."""
    if isinstance(row["value"], list):
        return f"list of {len(row['value'])}"
    value, down, up = (significant(row[name], 3) for name in ("value", *SIDES))
    return f"{value}: {down} / {up}"


def change_text(row: Mapping[Any, Any], name: str) -> str:
    """Return a change with its Monte Carlo standard error."""
    return f"{fixed(row[name], 3)} ({fixed(row[f'{name}_error'], 3)})"


def _count(rows: pd.DataFrame, one: str, many: str) -> str:
    return f"{len(rows)} parameter {one}" if len(rows) == 1 else f"{len(rows)} parameters {many}"
