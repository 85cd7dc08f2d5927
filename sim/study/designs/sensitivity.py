"""A study of which parameters move the true effect: one at a time, on common random numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from scenarios.errors import InputError
from scenarios.loading.keys import Path as Key
from scenarios.loading.load import scenario_hash
from scenarios.loading.toml_text import toml_text
from scenarios.moved import LeftOut
from scenarios.schema import Scenario
from sim.replicates.moved_effects import MOVED, Change, MovedEffects
from sim.study.frame import open_study
from sim.study.runner import run_part
from sim.study.setting import Setting
from sim.study.store.reading import KeptStudy

KIND = "sensitivity"
"""What a manifest calls such a study."""
SENSITIVITY, EFFECTS = "sensitivity.json", "sensitivity.parquet"
SIDES = ("down", "up")
CHANGED = ("effect", "reference")
"""What may change: the true effect, and the mean score in the reference."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A parameter that is moved.

    Attributes
    ----------
    key, path, unit, label
        Which, in what it is measured, and what it is in words.
    scale
        On which it is moved, see :mod:`scenarios.moved`.
    value, down, up
        As it is and as it is moved to, as in TOML.
    simulated
        False where it is certain that nothing changes, so that no trial is needed.
    """

    key: str
    path: Key
    unit: str
    label: str
    scale: str
    value: Any
    down: Any
    up: Any
    simulated: bool


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What moving parameters changes.

    Attributes
    ----------
    scenario, scenario_hash, seed
        Of what is moved.
    arm, reference, outcome, outcome_label, outcome_unit, visit
        Of which the effect is.
    by
        Share of its value by which each parameter is moved.
    participants, replicates, moved
        Of a trial; trials of each scenario; parameters that were moved in them.
    effect, effect_error, reference_mean, reference_error
        Of the scenario as it is: means over its trials and Monte Carlo standard errors.
    parameters
        A row a parameter, that which moves the effect most first: ``key``, ``label``, ``unit``,
        ``scale``; ``value``, ``down``, ``up``, as in TOML; the changes ``effect_down``,
        ``effect_up``, ``reference_down`` and ``reference_up``, with their Monte Carlo standard
        errors in ``..._error``, paired by trial; ``largest``, the larger size of the two changes of
        the effect; ``share``, its ratio to the effect's size; whether it was ``simulated``.
    left_out
        What was not moved, and why.
    failed, first_failure
        Trials that could not be simulated, and why the first could not, '' for none.
    """

    scenario: str
    scenario_hash: str
    seed: int
    arm: str
    reference: str
    outcome: str
    outcome_label: str
    outcome_unit: str
    visit: str
    by: float
    participants: int
    replicates: int
    moved: int
    effect: float
    effect_error: float
    reference_mean: float
    reference_error: float
    parameters: pd.DataFrame
    left_out: tuple[LeftOut, ...]
    failed: int
    first_failure: str

    @property
    def trials(self) -> int:
        """How many trials were simulated, those that failed included."""
        return self.replicates * (1 + len(SIDES) * self.moved)

    @property
    def moving(self) -> pd.DataFrame:
        """The rows of the parameters that change the effect in any trial."""
        return self.parameters[self._changes("effect")]

    @property
    def moving_reference(self) -> pd.DataFrame:
        """The rows of those that change the mean in the reference, and not the effect."""
        return self.parameters[self._changes("reference") & ~self._changes("effect")]

    @property
    def unmoving(self) -> pd.DataFrame:
        """The rows of those that change neither."""
        return self.parameters[~self._changes("effect") & ~self._changes("reference")]

    def _changes(self, what: str) -> pd.Series:
        columns = [f"{what}_{side}{error}" for side in SIDES for error in ("", "_error")]
        changes: pd.Series = (self.parameters[columns].fillna(0.0) != 0.0).any(axis=1)
        return changes

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            **found,
            "parameters": self.parameters.to_dict("records"),
            "left_out": [asdict(each) for each in self.left_out],
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return what :meth:`to_dict` made plain; no number is NaN again."""
        numbers: dict[str, Any] = {
            key: np.nan if value is None else value
            for key, value in content.items()
            if key in {each.name for each in fields(cls)}
        }
        table = pd.DataFrame(content["parameters"], columns=COLUMNS)
        table[NUMBERS] = table[NUMBERS].astype(float)
        left_out = tuple(LeftOut(**each) for each in content["left_out"])
        return cls(**{**numbers, "parameters": table, "left_out": left_out})


ROUNDING = 1e-12
"""Relative changes that are those of floating point."""
NUMBERS = [
    *(f"{what}_{side}{error}" for what in CHANGED for side in SIDES for error in ("", "_error")),
    "largest", "share",
]  # fmt: skip
COLUMNS = ["key", "label", "unit", "scale", "value", "down", "up", *NUMBERS, "simulated"]


def run_sensitivity(
    scenario: Scenario,
    content: str,
    moved: Sequence[Moved],
    left_out: Sequence[LeftOut],
    setting: Setting,
    *,
    arm: str,
    by: float,
    replicates: int,
    finish: Callable[[Sensitivity, Path], None],
) -> Sensitivity:
    """Simulate a scenario as it is and with each parameter moved, on the same random numbers.

    Parameters
    ----------
    scenario, content
        As it is, and its tables and keys as JSON.
    moved, left_out
        What is moved, in order, and what is not.
    setting
        How it is run.
    arm
        Name of the arm that is compared with the reference.
    by
        Share by which parameters are moved.
    replicates
        Trials of each scenario, from 0.
    finish
        Called with what was found and the folder when the table is safe, to add to it.

    Raises
    ------
    InputError
        If the folder cannot be written, or no trial of the scenario as it is can be simulated.
    """
    simulated = [each for each in moved if each.simulated]
    changes = [Change(each.path, getattr(each, side)) for each in simulated for side in SIDES]
    task = MovedEffects(content, tuple(changes), arm)
    asked = {KIND: {"by": by, **task.describe()}}
    with open_study(scenario, setting, replicates=replicates, study=asked) as study:
        label = f"{scenario.name}, {len(simulated)} parameters moved"
        with setting.progress(f"simulating {label}") as advance:
            part = run_part(
                study, "trials", scenario, replicates=replicates * task.variants, replicate=task,
                on_progress=advance, label=scenario.name, stays=False,
            )  # fmt: skip
        kept = KeptStudy(part)
        trials = kept[MOVED].to_pandas()
        failed = (
            kept["failures"]
            .to_pandas()
            .assign(place=lambda rows: rows["replicate"] % task.variants)
        )
        effects = _effects(trials, simulated)
        table = pa.Table.from_pandas(effects, preserve_index=False).replace_schema_metadata(None)
        pq.write_table(table, study.folder / EFFECTS)
        found = _summary(scenario, arm, by, replicates, effects, moved, left_out, failed)
        study.write_result(SENSITIVITY, found.to_dict())
        study.afterwards(lambda folder: finish(found, folder))
    return found


def _effects(trials: pd.DataFrame, simulated: Sequence[Moved]) -> pd.DataFrame:
    """Return a row a trial: what is moved in it and where to, effect and mean in the reference."""
    told = [
        ("", "", ""),
        *((m.key, side, toml_text(getattr(m, side))) for m in simulated for side in SIDES),
    ]
    named = pd.DataFrame(told, columns=["key", "side", "value"]).iloc[trials["place"]]
    found = pd.concat(
        [trials[["trial"]].reset_index(drop=True), named.reset_index(drop=True),
         trials[["effect", "reference_mean", "n"]].reset_index(drop=True)], axis=1,
    )  # fmt: skip
    return found.rename(columns={"trial": "replicate"})


def _summary(
    scenario: Scenario,
    arm: str,
    by: float,
    replicates: int,
    effects: pd.DataFrame,
    moved: Sequence[Moved],
    left_out: Sequence[LeftOut],
    failed: pd.DataFrame,
) -> Sensitivity:
    by_change = {
        (str(key), str(side)): rows.set_index("replicate")
        for (key, side), rows in effects.groupby(["key", "side"])
    }
    reasons = failed.groupby("place")["reason"].first().to_dict()
    base = by_change.get(("", ""))
    if base is None:
        raise InputError(f"{scenario.name}: every trial as it is failed, first: {reasons[0]}")
    effect, effect_error = _mean(base["effect"])
    mean, mean_error = _mean(base["reference_mean"])
    rows, without, place = [], list(left_out), 0
    for each in moved:
        place += 2 * each.simulated
        row = _row(each, by_change, base)
        if not np.isfinite(row["largest"]):
            places = (place - 1, place)
            reason = next((reasons[place] for place in places if place in reasons), "")
            without.append(LeftOut(each.key, f"its trials failed: {reason}"))
            continue
        row["share"] = row["largest"] / abs(effect) if effect else np.nan
        rows.append(row)
    table = pd.DataFrame(rows, columns=COLUMNS)
    table = table.sort_values("largest", ascending=False, kind="stable", ignore_index=True)
    outcome = scenario.primary_outcome
    first = str(failed["reason"].iloc[0]) if len(failed) else ""
    return Sensitivity(
        scenario.name, scenario_hash(scenario), scenario.seed, arm, scenario.arm_names[0],
        outcome.name, outcome.label, outcome.unit, scenario.analysis.primary_visit, by,
        scenario.trial.sample_size,
        replicates, sum(each.simulated for each in moved), effect, effect_error, mean, mean_error,
        table, tuple(without), len(failed), first,
    )  # fmt: skip


def _row(
    each: Moved, by_change: Mapping[tuple[str, str], pd.DataFrame], base: pd.DataFrame
) -> dict[str, Any]:
    """Return what moving a parameter changes; nothing where no trial is needed to know."""
    row: dict[str, Any] = {
        "key": each.key, "label": each.label, "unit": each.unit, "scale": each.scale,
        "value": each.value, "down": each.down, "up": each.up,
        "simulated": each.simulated,
    }  # fmt: skip
    for side in SIDES:
        # Without any trial of its own nothing is left of the difference.
        mine = by_change.get((each.key, side), base.iloc[:0]) if each.simulated else base
        for what, column in zip(CHANGED, ("effect", "reference_mean"), strict=True):
            name = f"{what}_{side}"
            change = (mine[column] - base[column]).dropna()
            # The same participants' mean of differences may differ in its last digits.
            same = change.abs() <= ROUNDING * base[column].abs().max()
            row[name], row[f"{name}_error"] = _mean(change.mask(same, 0.0))
    row["largest"] = float(np.max([abs(row[f"effect_{side}"]) for side in SIDES]))
    return row


def _mean(values: pd.Series) -> tuple[float, float]:
    """Return a mean over trials and its Monte Carlo standard error."""
    found = values.to_numpy(float)
    if not len(found):
        return np.nan, np.nan
    error = found.std(ddof=1) / np.sqrt(len(found)) if len(found) > 1 else np.nan
    return float(found.mean()), float(error)
