"""Compares designs on common random numbers: each is a study of its own on the same seeds."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.contrasts.labels import kind_of, name_of
from analysis.contrasts.planned import primary_labels
from analysis.decision.rule import AGAINST, IN_FAVOUR
from analysis.plan.longitudinal import DIFFERENCE
from analysis.replicates.paired_differences import Quantity, paired_differences
from scenarios.analyses.plan import AnalysisPlan
from scenarios.analyses.register import primary_contrast
from scenarios.design.outcomes import LOWER, Outcome
from scenarios.errors import InputError
from scenarios.loading.load import scenario_hash
from scenarios.schema import Scenario
from sim.replicates.analysed import PickedAnalyses
from sim.study.frame import open_study
from sim.study.runner import run_part
from sim.study.setting import Setting
from sim.study.store.reading import KeptStudy
from sim.tables.costs import COST_UNITS, FOLLOWED_UP
from sim.tables.true_effects import ALL

TRUE_EFFECT, ESTIMATE, BIAS = "true effect", "estimate", "bias"
DECISIONS = {IN_FAVOUR: "rejected in favour", AGAINST: "rejected against"}
PAIRED, COMPARISON = "paired.parquet", "comparison.json"


@dataclass(frozen=True, slots=True)
class Design:
    """A scenario under comparison: its letter, what was set in it alone, and the scenario."""

    letter: str
    overrides: tuple[str, ...]
    scenario: Scenario

    @property
    def label(self) -> str:
        """What tables and figures call it."""
        return ", ".join((f"{self.letter}: {self.scenario.name}", *self.overrides))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Designs beside one another.

    Attributes
    ----------
    designs
        In order; the first is the reference.
    replicates
        Of each.
    failed
        By letter, replicates that raised an exception; a failure is no rejection.
    differences
        See :func:`analysis.replicates.paired_differences.paired_differences`.
    """

    designs: tuple[Design, ...]
    replicates: int
    failed: dict[str, int]
    differences: pd.DataFrame

    def to_dict(self) -> dict[str, object]:
        """Return plain numbers and texts, ready for JSON."""
        return {
            "seed": self.designs[0].scenario.seed,
            "replicates": self.replicates,
            "designs": [
                {
                    "design": design.letter,
                    "scenario": design.scenario.name,
                    "overrides": list(design.overrides),
                    "hash": scenario_hash(design.scenario),
                    "failed_replicates": self.failed[design.letter],
                }
                for design in self.designs
            ],
            "differences": self.differences.to_dict("records"),
        }


def make_designs(scenarios: Sequence[tuple[Scenario, Sequence[str]]]) -> tuple[Design, ...]:
    """Return designs with letters, all with the first one's seed and with the truth.

    Raises
    ------
    InputError
        If they differ in their primary outcome, so that effects have no difference.
    """
    first = scenarios[0][0]
    designs = []
    for letter, (scenario, overrides) in zip("ABCD", scenarios, strict=False):
        mine, theirs = scenario.analysis.primary_outcome, first.analysis.primary_outcome
        if mine != theirs:
            raise InputError(
                f"{letter} {scenario.name}: analysis.primary_outcome = {mine!r} is not allowed: "
                f"A has {theirs!r}, and effects on different scales cannot be compared"
            )
        same = {"seed": first.seed, "truth": True}
        designs.append(Design(letter, tuple(overrides), scenario.model_copy(update=same)))
    return tuple(designs)


def run_comparison(
    designs: Sequence[Design],
    setting: Setting,
    *,
    replicates: int,
    finish: Callable[[Comparison, Path], None],
) -> Comparison:
    """Run every design on the same replicates, and compare them.

    Parameters
    ----------
    designs
        As :func:`make_designs` returns them.
    setting
        How it is run. The folder gets a study's folder for each design, named by its letter, and
        the paired table.
    replicates
        Of each, from 0.
    finish
        Called with the comparison and the folder when its tables are safe, to add to it.

    Raises
    ------
    InputError
        If the folder cannot be written, the executor cannot be reached, or every replicate of a
        design failed.
    """
    failed: dict[str, int] = {}
    columns: dict[str, pd.Series] = {}
    first = designs[0].scenario
    asked = {"compare": {design.letter: scenario_hash(design.scenario) for design in designs}}
    with open_study(first, setting, replicates=replicates, study=asked) as study:
        for design in designs:
            before = study.failed
            with setting.progress(f"simulating {design.label}") as advance:
                part = run_part(
                    study,
                    design.letter,
                    design.scenario,
                    replicates=replicates,
                    replicate=PickedAnalyses(
                        (design.scenario.analysis.primary_analysis,), costs=True
                    ),
                    on_progress=advance,
                    label=design.label,
                )
            failed[design.letter] = study.failed - before
            columns[design.letter] = _quantities(part, design.scenario)
        values = pd.DataFrame(columns).sort_index(level="replicate", sort_remaining=False)
        table = values.reset_index()
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), study.folder / PAIRED)
        differences = paired_differences(table, [design.letter for design in designs])
        found = Comparison(tuple(designs), replicates, failed, differences)
        study.write_result(COMPARISON, found.to_dict())
        study.notes["designs"] = {d.letter: d.scenario.model_dump(mode="json") for d in designs}
        study.afterwards(lambda folder: finish(found, folder))
    return found


def quantities_of(
    names: Iterable[str], outcome: Outcome, primary_analysis: str
) -> dict[str, Quantity]:
    """Return in what designs are compared, by the names of the quantities.

    Parameters
    ----------
    names
        As the table of differences has them; of several contrasts each is named behind a comma.
    outcome
        The primary one.
    primary_analysis
        Its name: it estimates a difference, or the logarithm of a ratio.
    """
    difference = "share" if outcome.kind == "binary" else outcome.unit
    kind = primary_contrast(primary_analysis)
    estimate = difference if kind == DIFFERENCE else kind
    known = {
        TRUE_EFFECT: Quantity(difference, outcome.direction),
        ESTIMATE: Quantity(estimate, outcome.direction),
        BIAS: Quantity(estimate),
        **{each: Quantity("share of trials") for each in DECISIONS.values()},
        **{
            cost: Quantity(unit, "" if cost in FOLLOWED_UP else LOWER)
            for cost, unit in COST_UNITS.items()
        },
    }
    return {name: known.get(name.partition(", ")[0], Quantity()) for name in names}


def _quantities(folder: Path, scenario: Scenario) -> pd.Series:
    """Return what a study yielded, indexed by quantity and replicate; failed fits are missing."""
    study = KeptStudy(folder)
    found = quantities_by_contrast(study, scenario)
    costs = study["costs"].to_pandas()
    for name, group in costs.groupby("cost", sort=False):
        found[str(name)] = group.set_index("replicate")["amount"]
    quantities: pd.Series = pd.concat(found, names=["quantity", "replicate"])
    return quantities


def quantities_by_contrast(study: KeptStudy, scenario: Scenario) -> dict[str, pd.Series]:
    """Return what each replicate yielded of the primary contrasts, by quantity.

    Estimates and decisions; true effects and bias, too, where the study has the truth.

    Parameters
    ----------
    study
        Of many trials.
    scenario
        That was simulated.
    """
    plan, found = scenario.analysis, dict[str, pd.Series]()
    for label in primary_labels(plan, scenario.arms):
        found |= _of_contrast(study, plan, label)
    return found


def _of_contrast(study: KeptStudy, plan: AnalysisPlan, label: str) -> dict[str, pd.Series]:
    """Return what there is of one contrast, by quantity; of several contrasts each is named."""
    name = name_of(label)
    asked = {"outcome": plan.primary_outcome, "visit": plan.primary_visit}
    fits = _by_replicate(
        study["estimates"], {**asked, "analysis": plan.primary_analysis, "contrast": label}
    )
    numbers = fits.index.union(pd.Index(study.failed))
    found = {ESTIMATE: fits["estimate"]}
    if "truth" in study:
        pair = {"contrast": name} if name else {}
        truth = _by_replicate(study["truth"], {**asked, **pair, "population": ALL})["effect"]
        numbers = numbers.union(truth.index)
        found = {TRUE_EFFECT: truth, **found}
        if kind_of(label) == DIFFERENCE:  # with the truth, a difference, no ratio can be compared
            found[BIAS] = fits["estimate"] - truth
    for decision, quantity in DECISIONS.items():
        rejected = fits["decision"] == decision
        found[quantity] = rejected.reindex(numbers, fill_value=False).astype(float)
    return {f"{quantity}, {name}" if name else quantity: each for quantity, each in found.items()}


def _by_replicate(found: pa.Table, select: dict[str, str]) -> pd.DataFrame:
    table: pd.DataFrame = found.to_pandas()
    for column, value in select.items():
        table = table[table[column] == value]
    return table.set_index("replicate")
