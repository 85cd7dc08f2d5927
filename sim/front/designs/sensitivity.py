"""``sensitivity``: which parameters move the true effect, and how far."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from math import inf
from pathlib import Path
from typing import Any, ClassVar, Unpack

import numpy as np
import pandas as pd
from rich.console import Console

from analysis.figures.drawn import Drawn, save
from analysis.figures.formats import figure_file
from analysis.figures.tornado import draw_tornado
from analysis.report.checklists.facts import study_facts
from analysis.report.checklists.words.study import kind_of_source
from analysis.report.checklists.words.study import parameters as used
from analysis.report.numbers import NONE, fixed, significant
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.checks.multiplicity import unknown
from scenarios.errors import InputError, nearest
from scenarios.loading.keys import Path as Key
from scenarios.loading.labels import key_label
from scenarios.loading.layers import Merged, merge
from scenarios.loading.load import validate
from scenarios.loading.partial import json_of
from scenarios.loading.provenance import Parameter, parameters_of
from scenarios.moved import LeftOut, Move, can_move, moves_of
from scenarios.schema import Scenario
from sim.front.results import Saved, Shown
from sim.front.scenario import Changes, Source, named, overrides
from sim.replicates.moved_effects import lives_alike
from sim.study.designs.sensitivity import (
    EFFECTS,
    SENSITIVITY,
    SIDES,
    Moved,
    Sensitivity,
    run_sensitivity,
)
from sim.study.setting import How, set_up
from sim.study.store.place import Place

ASSUMPTION = "assumption"
"""Kind of a source that says that nothing published gives the parameter."""
FIGURE = "sensitivity"
MOST_SHOWN = 20
"""Parameters that are printed; the files have all."""
HEADS = ("parameter", "value: down / up", "effect, down", "effect, up", "share")
HOW_MOVED = (
    "A value is multiplied by {down} and by {up}; of a number between 0 and 1 the odds are, of one "
    "between -1 and 1 Fisher's z; whole numbers are rounded and move by at least 1; the numbers of "
    "a list are moved together."
)


@dataclass(frozen=True, slots=True)
class SensitivityResult(Shown, Saved):
    """What moving parameters one at a time does to the true effect.

    Attributes
    ----------
    found
        As the study has it.
    place
        Of the study; see ``directory``.
    """

    made: ClassVar[tuple[str, ...]] = (EFFECTS, SENSITIVITY)
    figures: ClassVar[tuple[str, ...]] = (FIGURE,)

    found: Sensitivity = field(repr=False)
    place: Place

    @property
    def parameters(self) -> pd.DataFrame:
        """A row a parameter; see :class:`sim.study.designs.sensitivity.Sensitivity`."""
        return self.found.parameters

    def print_to(self, console: Console) -> None:
        """Print the parameters that move the effect most, and what is not among them."""
        print_table(moved_table(self.found, MOST_SHOWN), console)
        for line in remarks(self.found, MOST_SHOWN):
            console.print(f"\n{line}")

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return {"directory": self.where, **self.found.to_dict()}


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
    few = f"The {shown} that move it most are shown. " if len(found.moving) > (shown or inf) else ""
    yield (
        f"{few}The effect is {significant(found.effect, 3)} "
        f"({significant(found.effect_error, 2)}), the mean of {found.reference} "
        f"{significant(found.reference_mean, 3)} ({significant(found.reference_error, 2)}), over "
        f"{found.replicates} trials of {found.participants} participants. In brackets: Monte Carlo "
        "standard errors, of changes paired by trial. Share: the larger change, of the effect."
    )
    yield HOW_MOVED.format(down=f"{1.0 - found.by:g}", up=f"{1.0 + found.by:g}")
    if len(only := found.moving_reference):
        yield (
            f"{_count(only, 'changes', 'change')} the mean of {found.reference} alone: "
            f"{_listed(only['key'])}."
        )
    if len(same := found.unmoving):
        sure = int((~same["simulated"].astype(bool)).sum())
        known = (
            f", {sure} of them known without a trial, since nothing before the answers reads them"
        )
        yield (
            f"{_count(same, 'changes', 'change')} nothing in any trial{known if sure else ''}: "
            f"{_listed(same['key'])}."
        )
    kinds: dict[str, list[LeftOut]] = {}
    for each in found.left_out:
        kinds.setdefault(each.reason.partition(":")[0], []).append(each)
    for kind, those in kinds.items():
        _, _, more = those[0].reason.partition(": ")
        first = f"; first: {more}" if more else ""
        yield f"Not moved: {_listed([each.key for each in those])}: {kind}{first}."


def sensitivity(
    scenario: Source,
    changes: Changes = (),
    *,
    keys: Sequence[str] = (),
    every: bool = False,
    by: float = 0.1,
    arm: str = "",
    replicates: int = 4,
    **how: Unpack[How],
) -> SensitivityResult:
    """Show which parameters move the true effect, each by itself.

    Everybody is simulated in all arms, in the scenario as it is and with each parameter moved down
    and up, on common random numbers.

    Parameters
    ----------
    scenario, changes
        See :func:`sim.front.scenario.scenario`. Which parameters are assumptions is in the comments
        of its file: a dictionary and a scenario have none, so say ``keys`` or ``every``.
    keys
        Patterns as of a shell, such as ``app.*``, of the parameters to move; those that are
        assumptions by default.
    every
        Whether to move every numeric parameter.
    by
        Share of its value by which each is moved, above 0 and below 1; how, see
        :mod:`scenarios.moved`.
    arm
        Name of the arm that is compared with the reference; the last one by default.
    replicates
        Trials of each scenario.
    how
        See :class:`sim.study.setting.How`.

    Raises
    ------
    InputError
        If there is no such arm, no parameter to move, or the folder cannot be written.
    """
    if not 0.0 < by < 1.0:
        raise InputError(f"by = {by:g} is not allowed: must be above 0 and below 1")
    if keys and every:
        raise InputError("--keys with --all is not allowed: they choose in two ways")
    setting = set_up(how)
    with named(scenario) as name:
        merged = merge(name, overrides(changes))
        read = validate(merged)
    arm = _known_arm(arm or read.arm_names[-1], read)
    chosen = _chosen(merged, read, tuple(keys), every=every)
    moved, left_out = _planned(merged, read, chosen, by)
    if not moved:
        raise InputError(
            f"{read.name}: none of {len(chosen)} parameters can be moved, first: "
            f"{left_out[0].key}: {left_out[0].reason}"
        )
    found = run_sensitivity(
        read, json_of(merged.data), moved, left_out, setting,
        arm=arm, by=by, replicates=replicates,
        finish=partial(_draw, figure_format=setting.figure_format),
    )  # fmt: skip
    return SensitivityResult(found, setting.place)


def sensitivity_figure(found: Sensitivity) -> Drawn:
    """Return the figure of what moves the effect."""
    return draw_tornado(
        found.moving,
        title=title_of(found),
        unit=found.outcome_unit,
        effect=found.effect,
        replicates=found.replicates,
    )


def _draw(found: Sensitivity, folder: Path, figure_format: str) -> None:
    save(sensitivity_figure(found), folder / figure_file(FIGURE, figure_format))


def _known_arm(arm: str, scenario: Scenario) -> str:
    reference, *others = scenario.arm_names
    if arm == reference:
        raise InputError(
            f"--arm {arm}: is the reference, with which arms are compared: must be "
            f"{' or '.join(others)}"
        )
    if arm not in others:
        raise InputError(f"--arm {arm}: {unknown(arm, others, 'arm')}")
    return arm


def _chosen(
    merged: Merged, scenario: Scenario, patterns: tuple[str, ...], *, every: bool
) -> list[tuple[Key, Parameter]]:
    """Return the numeric parameters that are asked for, of those that the scenario uses."""
    known = parameters_of(merged)
    in_use = used(scenario, study_facts(parameters=tuple(known.values())))
    keys = {each.key for each in in_use}
    numeric = {p: each for p, each in known.items() if each.key in keys and can_move(p, each)}
    if patterns:
        for pattern in patterns:
            _check_pattern(pattern, [each.key for each in numeric.values()], sorted(keys))
        return [
            (path, each)
            for path, each in numeric.items()
            if any(_fits(each.key, pattern) for pattern in patterns)
        ]
    found = [
        (path, each)
        for path, each in numeric.items()
        if every or kind_of_source(each.source) == ASSUMPTION
    ]
    if not found:
        raise InputError(
            f"{scenario.name}: no number in it is said to be an {ASSUMPTION}: choose with --keys, "
            "or --all for every numeric parameter"
        )
    return found


def _fits(key: str, pattern: str) -> bool:
    # A key may have a position in brackets, which are a choice of letters in a pattern.
    return key == pattern or fnmatchcase(key, pattern)


def _check_pattern(pattern: str, numeric: Sequence[str], keys: Sequence[str]) -> None:
    """Refuse a pattern of no numeric parameter."""
    if any(_fits(key, pattern) for key in numeric):
        return
    if any(_fits(key, pattern) for key in keys):
        raise InputError(f"--keys {pattern}: no number is among what it fits: only these are moved")
    sections = list(dict.fromkeys(f"{key.rpartition('.')[0]}.*" for key in numeric if "." in key))
    begins = next((each for each in sections if each.startswith(f"{pattern}.")), None)
    whole = f"{pattern}.*" if begins else None
    close = whole or nearest(pattern, [*numeric, *sections])
    hint = f"did you mean {close}?" if close else "write a key or a pattern such as trial.*"
    raise InputError(f"--keys {pattern}: fits no parameter that is used: {hint}")


def _planned(
    merged: Merged, scenario: Scenario, chosen: Sequence[tuple[Key, Parameter]], by: float
) -> tuple[list[Moved], list[LeftOut]]:
    moved: list[Moved] = []
    left_out: list[LeftOut] = []
    for each in moves_of(merged, chosen, by):
        if isinstance(each, Move):
            moved.append(_planned_one(each, merged, scenario))
        else:
            left_out.append(each)
    return moved, left_out


def _planned_one(each: Move, merged: Merged, scenario: Scenario) -> Moved:
    parameter = each.parameter
    return Moved(
        parameter.key, each.path, parameter.unit, key_label(parameter.key, merged.data),
        each.scale, parameter.value, each.down, each.up,
        not all(lives_alike(scenario, other) for other in each.scenarios),
    )  # fmt: skip


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


def _listed(keys: Iterable[str], most: int = 6) -> str:
    every = list(keys)
    shown = every[:most]
    more = len(every) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
