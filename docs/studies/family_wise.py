"""Records the family-wise error and power of procedures for several hypotheses, for guides/arms.md.

``python docs/studies/family_wise.py --jobs 2`` simulates trials of three arms with a plain course
(``arms/three_doses.toml``): without any effect, and with one in one arm alone. Each trial is
analysed once, and all procedures judge the same estimates. The table goes to
``arms/family_wise.md`` and, between two marks, into ``docs/guides/arms.md``.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
from pathlib import Path

import joblib
import pandas as pd
from marks import insert

from analysis.decision.rule import IN_FAVOUR, NEITHER
from analysis.plan.analyse import analyse
from analysis.plan.family import family_of
from analysis.replicates.family_wise import decisions_by_replicate, family_wise
from analysis.report.markdown import markdown_table
from scenarios.analyses.multiplicity import Multiplicity
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from sim.batches.plain import trials_at_once
from sim.core.streams import Mechanism, Streams

HERE = Path(__file__).parent
SCENARIO, RECORD = HERE / "arms" / "three_doses.toml", HERE / "arms" / "family_wise.md"
LOW, HIGH = "low - control", "high - control"
PROCEDURES = {
    "none": Multiplicity(procedure="bonferroni"),  # by the P values before adjustment
    "Bonferroni": Multiplicity(procedure="bonferroni"),
    "Holm": Multiplicity(procedure="holm"),
    "Hochberg": Multiplicity(procedure="hochberg"),
    "Dunnett": Multiplicity(procedure="dunnett"),
    "Dunnett, step-down": Multiplicity(procedure="dunnett step-down"),
    "fixed sequence, high dose first": Multiplicity(procedure="fixed sequence", order=(HIGH, LOW)),
    "graph, 3/4 to the high dose": Multiplicity(
        procedure="graph",
        weights={HIGH: 0.75, LOW: 0.25},
        transitions={HIGH: {LOW: 1.0}, LOW: {HIGH: 1.0}},
    ),
}
EFFECTS = {"no effect": (0.0, 0.0), "effect of the high dose alone": (0.0, -2.0)}
AT_ONCE = 50


def scenario_of(low: float, high: float) -> Scenario:
    """Return the trial with stated effects of either dose, points."""
    doses = [f'arms.{at}.overrides={{"course.effect_size"={x}}}' for at, x in ((1, low), (2, high))]
    return load_scenario(SCENARIO, doses)


def judged(scenario: Scenario, numbers: tuple[int, ...]) -> pd.DataFrame:
    """Return a row a replicate, procedure and hypothesis, with the decision."""
    rows = []
    for number, data in zip(numbers, trials_at_once(scenario, numbers), strict=True):
        rng = Streams(scenario.seed, number).generator(Mechanism.IMPUTATION)
        found = analyse(data, scenario.analysis, rng, ("clda",))
        for name, procedure in PROCEDURES.items():
            plan = scenario.analysis.model_copy(update={"multiplicity": procedure})
            family = family_of(found.estimates, found.joint, plan, scenario.arms, scenario.scales)
            for row in family:
                decision = row.decision
                if name == "none":
                    favour = IN_FAVOUR if (row.estimate or 0.0) < 0.0 else "against"
                    decision = favour if (row.p or 1.0) < plan.alpha else NEITHER
                rows.append((number, name, row.hypothesis, decision))
    return pd.DataFrame(rows, columns=["replicate", "procedure", "hypothesis", "decision"])


def main() -> None:
    """Simulate, and record the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    cells: dict[str, list[str]] = {name: [] for name in PROCEDURES}
    for effects in EFFECTS.values():
        scenario = scenario_of(*effects)
        parts = joblib.Parallel(given.jobs)(
            joblib.delayed(judged)(scenario, numbers) for numbers in _parts(given.replicates)
        )
        table = pd.concat(parts)
        truth = {
            name: IN_FAVOUR if effect else NEITHER
            for name, effect in zip((LOW, HIGH), effects, strict=True)
        }
        for name, rows in table.groupby("procedure", sort=False):
            said = decisions_by_replicate(rows, given.replicates, by=("hypothesis",))
            said.columns = [key if isinstance(key, str) else key[0] for key in said.columns]
            measures = family_wise(said, truth).set_index("measure")
            cells[str(name)].append(_percent(measures.loc["family_wise_error"]))
            if any(effects):
                cells[str(name)].append(_percent(measures.loc["disjunctive_power"]))
    heads = (
        "procedure", "error without effect", "error, effect of the high dose alone",
        "power for the high dose",
    )  # fmt: skip
    text = markdown_table(heads, [(name, *row) for name, row in cells.items()])
    command = f"`python docs/studies/family_wise.py --replicates {given.replicates}`"
    RECORD.write_text(
        f"{command}: percentages of trials (Monte Carlo standard error).\n\n{text}\n", "utf-8"
    )
    insert(HERE.parent / "guides" / "arms.md", {"family-wise": text})


def _parts(replicates: int) -> list[tuple[int, ...]]:
    numbers = range(replicates)
    return [tuple(numbers[first : first + AT_ONCE]) for first in range(0, replicates, AT_ONCE)]


def _percent(measure: pd.Series) -> str:
    return f"{100.0 * measure['value']:.1f} ({100.0 * measure['mcse']:.1f})"


if __name__ == "__main__":
    main()
