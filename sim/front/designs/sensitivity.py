"""``sensitivity``: which parameters move the true effect, and how far."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Unpack

import pandas as pd
from rich.console import Console

from analysis.figures.drawn import Drawn, save
from analysis.figures.formats import figure_file
from analysis.figures.tornado import draw_tornado
from analysis.report.report_trial import print_table
from scenarios.checks.multiplicity import unknown
from scenarios.errors import InputError
from scenarios.loading.layers import merge
from scenarios.loading.load import validate
from scenarios.loading.partial import json_of
from scenarios.schema import Scenario
from sim.front.designs.chosen_parameters import chosen_parameters, planned_moves
from sim.front.designs.moved_parameters import moved_table, remarks, title_of
from sim.front.results import Saved, Shown
from sim.front.scenario import Changes, Source, named, overrides
from sim.study.designs.sensitivity import EFFECTS, SENSITIVITY, Sensitivity, run_sensitivity
from sim.study.setting import How, set_up
from sim.study.store.place import Place

FIGURE = "sensitivity"
MOST_SHOWN = 20
"""Parameters that are printed; the files have all."""


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
    chosen = chosen_parameters(merged, read, tuple(keys), every=every)
    moved, left_out = planned_moves(merged, read, chosen, by)
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
