"""Cells of a power grid that go on together until power is precise enough in each of them.

All have as many replicates, since they share their random numbers. They end at the first size at
which the largest Monte Carlo standard error of any cell and analysis is as small as was asked for.
:mod:`analysis.replicates.precision` has those sizes and errors, and why they hardly bias a share.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.decision.rule import primary_rule
from analysis.replicates.power import Power, power_of
from analysis.replicates.precision import is_reached, share_error, sizes
from scenarios.errors import InputError
from sim.replicates.analysed import PickedAnalyses
from sim.study.designs.power_parts import Part, after
from sim.study.frame import UNTIL, OpenStudy, open_part
from sim.study.identity import described
from sim.study.missing import Work, failures_of, take_whole
from sim.study.primary_difference import COLUMNS, ESTIMATES, FAMILY, primary_rows, series_of
from sim.study.progress import Advance
from sim.study.until import OPTION, check_measures, reached

TYPE_I_ERROR = "type_i_error"
MEASURES = ("power", "power_converged", "against", "convergence", TYPE_I_ERROR)
"""Measures of a cell whose precision may be asked for."""


@dataclass(slots=True)
class PowerUntil:
    """Precision of a power grid: what is asked for, and what there is.

    Attributes
    ----------
    asked
        Measure of :data:`MEASURES` to its Monte Carlo standard error at most.
    errors
        The largest of any cell and analysis, at the last look.
    """

    asked: Mapping[str, float]
    errors: dict[str, float] = field(default_factory=dict)

    def check(self, *, null: bool) -> None:
        """Refuse measures that there are not.

        Parameters
        ----------
        null
            Whether trials without effect are simulated.

        Raises
        ------
        InputError
            With the first.
        """
        check_measures(self.asked, MEASURES)
        if TYPE_I_ERROR in self.asked and not null:
            raise InputError(
                f"{OPTION} {TYPE_I_ERROR} needs trials without effect: leave out --no-null"
            )

    def describe(self, most: int) -> dict[str, Any]:
        """Return as plain data what was asked for."""
        return {"asked": dict(self.asked), "most": most}

    def is_reached(self, cells: Sequence["_Cell"], analyses: Sequence[str], size: int) -> bool:
        """Return whether the first replicates of all cells, so many, are precise enough."""
        self.errors = dict.fromkeys(self.asked, 0.0)
        for cell in cells:
            cell.look(size, analyses)
            for name in self.asked:
                powers = cell.nulls(analyses) if name == TYPE_I_ERROR else cell.powers(analyses)
                errors = [self.errors[name], *(_error(power, name) for power in powers)]
                self.errors[name] = max(errors)
        return is_reached(self.errors, self.asked)


def _error(power: Power, measure: str) -> float:
    """Return the Monte Carlo standard error of a measure, infinite where there is none."""
    n = power.converged if measure == "power_converged" else power.replicates
    hits = {"against": power.against, "convergence": power.converged}.get(measure, power.rejected)
    return float(share_error(hits, n)) if n else np.inf


@dataclass(slots=True)
class _Cell:
    """A cell under way, and what was looked at of its replicates so far."""

    part: Part
    work: Work
    seen: int = 0
    rows: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=[*COLUMNS]))

    def look(self, size: int, analyses: Sequence[str]) -> None:
        """Look at the first replicates, so many, as far as they are new."""
        found = [self.rows]
        for record in self.work.shards:
            if record.numbers.stop > self.seen and record.numbers.start < size:
                tables = record.tables()
                if ESTIMATES in tables:  # not where all failed
                    new = {
                        name: _between(tables[name].to_pandas(), self.seen, size)
                        for name in (ESTIMATES, FAMILY)
                        if name in tables
                    }
                    found.append(primary_rows(new, self.part.scenario, analyses))
        self.seen, self.rows = size, pd.concat(found)

    def powers(self, analyses: Sequence[str]) -> list[Power]:
        """Return the power of each analysis, none if that is not asked of this cell."""
        return self._shares(analyses, either=False) if self.part.planned else []

    def nulls(self, analyses: Sequence[str]) -> list[Power]:
        """Return the type I error of each analysis, none if that is not asked of this cell."""
        scenario = self.part.scenario
        both = primary_rule(scenario.analysis, scenario.scales).sides == 2
        return self._shares(analyses, either=both) if self.part.null else []

    def _shares(self, analyses: Sequence[str], *, either: bool) -> list[Power]:
        rows = self.rows
        return [
            power_of(rows[rows["analysis"] == name], self.seen, either=either)
            for name in series_of(self.part.scenario, analyses)
        ]


def _between(table: pd.DataFrame, first: int, stop: int) -> pd.DataFrame:
    return table[(table["replicate"] >= first) & (table["replicate"] < stop)]


def run_parts_until(
    whole: OpenStudy,
    parts: Sequence[Part],
    analyses: Sequence[str],
    until: PowerUntil,
    *,
    fewest: int,
    most: int,
    on_progress: Advance,
) -> None:
    """Simulate all parts of a grid, size by size; the whole has then as many replicates as each.

    Parameters
    ----------
    whole
        The grid.
    parts
        Of the grid.
    analyses
        Their names.
    until
        When it ends.
    fewest, most
        Replicates that a cell must have in any case, and that it may have.
    on_progress
        Called with the replicates done in all parts, and those until the next look.

    Raises
    ------
    InputError
        If every replicate of a part failed.
    """
    replicate = PickedAnalyses(tuple(analyses))
    said = until.describe(most)
    with ExitStack() as stack:
        opened = [
            stack.enter_context(
                open_part(
                    whole, whole.part(part.name, stays=False), part.scenario, replicates=most,
                    first=0, study={"replicate": described(replicate)}, precise=said,
                )
            )
            for part in parts
        ]  # fmt: skip
        made = [study for study in opened if study.whole]
        for study in made:
            take_whole(study)
        cells = [
            _Cell(part, Work(study, replicate, up_to=True))
            for part, study in zip(parts, opened, strict=True)
            if not study.whole
        ]
        if made:  # they ended together
            ends = made[0].replicates
            until.errors = dict(made[0].notes.get(UNTIL, {}).get("mcse", {}))
            _simulate(cells, ends, 0, on_progress)
        else:
            ends = 0
            for size in sizes(most):
                if size >= fewest:
                    _simulate(cells, size, ends, on_progress)
                    ends = size
                    if until.is_reached(cells, analyses, size):
                        break
        note = {**said, "mcse": until.errors}
        for cell in cells:
            cell.work.write(ends)
            part = cell.work.study
            part.notes[UNTIL] = note
            part.failed, reason = failures_of(part.folder)
            whole.count(part.failed, ends, reason, cell.part.label)
        whole.replicates, whole.notes[UNTIL] = ends, note
    each = f"{ends} replicates of each cell"
    whole.setting.tell(f"{whole.folder}: {reached(until.errors, until.asked, each)}")


def _simulate(cells: Sequence[_Cell], size: int, before: int, on_progress: Advance) -> None:
    """Simulate the first replicates of all cells, so many, of which some were there before."""
    for number, cell in enumerate(cells):
        others = size * number + before * (len(cells) - number - 1)
        cell.work.on_progress = after(on_progress, others, size * len(cells))
        cell.work.simulate(size)
