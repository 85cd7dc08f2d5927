"""What a power grid simulates: its cells and what is without effect, each scenario once."""

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.loading.load import scenario_hash
from scenarios.schema import Scenario
from sim.replicates.analysed import PickedAnalyses
from sim.study.designs.grid import Cell
from sim.study.frame import OpenStudy
from sim.study.progress import Advance
from sim.study.runner import run_part


@dataclass(frozen=True, slots=True)
class Part:
    """What is simulated for one cell, or for several that are the same.

    Attributes
    ----------
    name
        Of its folder.
    scenario
        Of the cell.
    label
        What a message calls it.
    planned, null
        Whether power is read off it, and type I error; it may be both.
    """

    name: str
    scenario: Scenario
    label: str
    planned: bool
    null: bool


def parts_of(
    cells: Sequence[Cell], planned: Sequence[Scenario], nulls: Sequence[Scenario]
) -> dict[str, Part]:
    """Return what is simulated, each scenario once, by its hash."""
    at = {scenario_hash(mine): cell for mine, cell in zip(planned, cells, strict=True)}
    without = {scenario_hash(null) for null in nulls}
    wanted = {scenario_hash(scenario): scenario for scenario in (*planned, *nulls)}
    return {
        key: Part(
            f"cell {number}",
            scenario,
            f"{scenario.name} {at[key].point if key in at else 'without effect'}",
            planned=key in at,
            null=key in without,
        )
        for number, (key, scenario) in enumerate(wanted.items())
    }


def run_parts(
    study: OpenStudy,
    parts: Sequence[Part],
    analyses: Sequence[str],
    replicates: int,
    on_progress: Advance,
) -> None:
    """Simulate as many replicates of each part, one part after the other."""
    for number, part in enumerate(parts):
        run_part(
            study,
            part.name,
            part.scenario,
            replicates=replicates,
            on_progress=after(on_progress, replicates * number, replicates * len(parts)),
            replicate=PickedAnalyses(tuple(analyses)),
            label=part.label,
            stays=False,
        )


def after(on_progress: Advance, before: int, total: int) -> Advance:
    """Return what tells of one part, when so many replicates of others are done."""
    return lambda done, _of: on_progress(before + done, total)
