"""``components``: how much of an arm's true effect each of its components carries."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Unpack

import pandas as pd
from rich.console import Console

from analysis.figures.components import draw_components
from analysis.figures.drawn import save
from analysis.figures.formats import figure_file
from analysis.report.numbers import fixed
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.arms.factorial import alias_lines
from scenarios.checks.multiplicity import unknown
from scenarios.errors import InputError
from scenarios.people.plain_course import NormalCourse
from scenarios.schema import Scenario
from sim.front.results import Saved, Shown
from sim.front.scenario import Source
from sim.front.scenario import scenario as read_scenario
from sim.replicates.component_effects import WHOLE, ComponentsReplicate
from sim.replicates.lattice import lattice
from sim.study.designs.components import DESIGNS, summarize_components
from sim.study.runner import run_shown
from sim.study.setting import How, set_up
from sim.study.store.folder import write_json
from sim.study.store.place import Place

SUMMARY, FIGURE = "components.json", "components"
HEADS = ("", "share", "points", "added", "power", "left out", "power", "main effect", "power")


@dataclass(frozen=True, slots=True)
class Components(Shown, Saved):
    """Parts of an arm's true effect.

    Attributes
    ----------
    scenario
        What was simulated.
    arm, outcome, visit
        Of which the effect is.
    table
        See :func:`sim.study.designs.components.summarize_components`.
    failed, first_failure
        How many replicates failed; the reason of the first.
    place
        Of the study; see ``directory``.
    """

    made: ClassVar[tuple[str, ...]] = ("components.parquet", SUMMARY)
    figures: ClassVar[tuple[str, ...]] = (FIGURE,)

    scenario: Scenario
    arm: str
    outcome: str
    visit: str
    table: pd.DataFrame = field(repr=False)
    failed: int
    first_failure: str
    place: Place

    @property
    def title(self) -> str:
        """What the effect is."""
        compared = f"{self.arm} against {self.scenario.arm_names[0]}"
        return f"{self.scenario.name}, {compared}: {self.outcome} at {self.visit}"

    def print_to(self, console: Console) -> None:
        """Print a row a component, that of all of them last."""
        rows: list[tuple[str, ...]] = []
        for row in self.table.to_dict("records"):
            cells = [_percent(row["share"], row["share_error"]), _cell(row, "part")]
            for design in DESIGNS:
                cells += [_cell(row, design), fixed(row[f"{design}_power"], 2)]
            rows.append((row["component"], *cells))
        print_table(TextTable(self.title, HEADS, rows), console)
        size = self.scenario.trial.sample_size
        console.print(
            "\nIn brackets: Monte Carlo standard errors. Points: parts of the true effect "
            "(Shapley), which sum to the whole. Added: to the reference; left out: of the arm; "
            f"main effect: in a factorial of these components. Power: of each in {size} "
            "participants, half with the component, who all answer, from the non-central t "
            "distribution."
        )
        factorial = self.scenario.factorial
        if factorial is not None and (lines := list(alias_lines(factorial))):
            console.print(
                f"The trial itself is a fraction: its contrasts estimate {', '.join(lines)}."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return {
            "directory": self.where,
            "scenario": self.scenario.name,
            "arm": self.arm,
            "reference": self.scenario.arm_names[0],
            "outcome": self.outcome,
            "visit": self.visit,
            "participants": self.scenario.trial.sample_size,
            "components": self.table.to_dict("records"),
        }


def components(
    scenario: Source,
    arm: str = "",
    outcome: str = "",
    visit: str = "",
    replicates: int = 20,
    **how: Unpack[How],
) -> Components:
    """Show how much of an arm's true effect each of its components carries.

    Parameters
    ----------
    scenario
        See :func:`sim.front.scenario.scenario`.
    arm
        Name of an arm, which is compared with the reference; the last one by default.
    outcome, visit
        Of which the effect is; the primary ones by default.
    replicates
        Number of trials; each is simulated anew for every subset of the components.
    how
        See :class:`sim.study.setting.How`.

    Raises
    ------
    InputError
        If there is no such arm, outcome or visit, nothing is known of components, there are more
        than 8, or the folder cannot be written.
    AllFailedError
        If every replicate failed.
    """
    read = read_scenario(scenario)
    plan = read.analysis
    arm = arm or read.arm_names[-1]
    course = read.course
    simulated = course.by_outcome if isinstance(course, NormalCourse) else read.scales
    outcome = _known("--outcome", outcome or plan.primary_outcome, list(simulated), "outcome")
    visits = [each.name for each in read.trial.visits]
    visit = _known("--visit", visit or plan.primary_visit, visits, "visit")
    lattice(read, arm)
    setting = set_up(how)
    size, title = read.trial.sample_size, f"{read.name}: {arm} against {read.arm_names[0]}"

    def finish(folder: Path) -> None:
        table = summarize_components(folder, size, plan.alpha)
        write_json(folder / SUMMARY, table.to_dict("records"))
        parts = table[table["component"] != WHOLE]
        measured = read.outcome(outcome)
        drawn = draw_components(
            list(parts["component"]), list(parts["part"]), list(parts["part_error"]),
            title=f"{title}, {measured.label} at {visit}", unit=measured.unit,
        )  # fmt: skip
        save(drawn, folder / figure_file(FIGURE, setting.figure_format))

    result = run_shown(
        read,
        setting,
        replicates=replicates,
        finish=finish,
        replicate=ComponentsReplicate(arm, outcome, visit),
    )
    table = summarize_components(setting.place.path, size, plan.alpha)
    return Components(
        read, arm, outcome, visit, table, result.failed, result.first_failure, setting.place
    )


def _known(option: str, name: str, allowed: list[str], what: str) -> str:
    if name not in allowed:
        raise InputError(f"{option} {name}: {unknown(name, allowed, what)}")
    return name


def _cell(row: dict[Any, Any], name: str) -> str:
    return f"{fixed(row[name], 3)} ({fixed(row[f'{name}_error'], 3)})"


def _percent(value: float, error: float) -> str:
    return f"{fixed(100.0 * value, 1)}% ({fixed(100.0 * error, 1)})"
