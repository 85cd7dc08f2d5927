"""Applies several interim designs to the same simulated trials, for docs/guides/designs.md.

``python docs/studies/interim_studies.py null_exchangeable null_effect planned_2018`` writes two
files to ``interim`` beside it for each scenario: ``SCENARIO.csv`` with every number, and
``SCENARIO.md`` with the table that is quoted. A trial is simulated once; the looks of every
design are applied to it.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.decision.rule import primary_rule
from analysis.replicates.interim_summary import LOOKS, interim_summary
from analysis.report.markdown import markdown_table
from analysis.sequential.looks import looks_table
from scenarios.analyses.register import ADJUSTED
from scenarios.design.interim import Interim
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from sim.replicates.analysed import FAILURE_SCHEMA
from sim.replicates.interim import hold_looks
from sim.simulate import simulate
from sim.study.executors import make_executor
from sim.study.runner import run_study
from sim.study.tables import STUDY_TABLES

RECORDS = Path(__file__).parent / "interim"
HALF, THIRDS = (0.5,), (1 / 3, 2 / 3)
DESIGNS = {
    "O'Brien-Fleming, half": Interim(looks=HALF, boundary="obrien_fleming", futility=0.0),
    "Pocock, half": Interim(looks=HALF, boundary="pocock", futility=0.0),
    "O'Brien-Fleming, thirds": Interim(looks=THIRDS, boundary="obrien_fleming", futility=0.0),
    "Pocock, thirds": Interim(looks=THIRDS, boundary="pocock", futility=0.0),
    "O'Brien-Fleming spending, thirds": Interim(
        looks=THIRDS, boundary="obrien_fleming_spending", futility=0.0
    ),
    "O'Brien-Fleming, half, futility 0.1": Interim(
        looks=HALF, boundary="obrien_fleming", futility=0.1
    ),
}


def hold_all(scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
    """Return the looks of one replicate under every design."""
    trial = simulate(scenario, replicate)
    tables = []
    for name, interim in DESIGNS.items():
        design = scenario.trial.model_copy(update={"interim": interim})
        held = hold_looks(
            replace(trial, scenario=scenario.model_copy(update={"trial": design})), ADJUSTED
        )
        if held is None:
            raise RuntimeError(f"{name} has no looks")
        table = looks_table(held.contrasts, replicate)
        tables.append(table.append_column("design", pa.array([name] * table.num_rows)))
    return {"looks": pa.concat_tables(tables), "failures": FAILURE_SCHEMA.empty_table()}


def record(name: str, replicates: int, jobs: int) -> None:
    """Run one study and write its two files."""
    scenario = load_scenario(name)
    with tempfile.TemporaryDirectory() as scratch:
        study = Path(scratch) / "study"
        result = run_study(
            scenario,
            replicates=replicates,
            executor=make_executor("joblib", jobs, None),
            out=study,
            replicate=hold_all,
        )
        table = pq.read_table(study / STUDY_TABLES[LOOKS].file).to_pandas()
    rows: list[tuple[str, object, str, float]] = []
    lines: list[tuple[str, ...]] = []
    for design, looks in table.groupby("design", sort=False):
        interim = DESIGNS[str(design)]
        found = interim_summary(
            looks, interim, primary_rule(scenario.analysis, scenario.scales), replicates=replicates
        )
        whole = asdict(found)
        for number, look in enumerate(whole.pop("looks"), start=1):
            rows += [(design, number, key, value) for key, value in look.items()]
        for part in ("with_looks", "fixed"):
            rows += [(design, part, key, value) for key, value in whole[part].items()]
        rows += [(design, "gap", key, whole[key]) for key in ("difference", "difference_error")]
        early = found.looks[:-1]
        shares = " + ".join(f"{100 * look.efficacy:.1f}" for look in early)
        theory = " + ".join(f"{100 * look.expected_efficacy:.1f}" for look in early)
        harm = " + ".join(f"{100 * look.harm:.1f}" for look in early)
        futile = " + ".join(f"{100 * look.futility:.1f}" for look in early)
        ending = found.with_looks
        lines.append(
            (
                str(design),
                f"{100 * ending.rejected:.1f} ({100 * ending.rejected_error:.1f})",
                f"{100 * found.difference:+.1f} ({100 * found.difference_error:.1f})",
                f"{100 * ending.against:.1f}",
                shares,
                theory,
                harm,
                futile,
                f"{ending.participants:.0f}",
                f"{ending.days:.0f}",
            )
        )
    RECORDS.mkdir(exist_ok=True)
    frame = pd.DataFrame(rows, columns=["design", "part", "measure", "value"])
    frame.round({"value": 6}).to_csv(RECORDS / f"{name}.csv", index=False, lineterminator="\n")
    fixed = found.fixed
    heading = (
        f"`python docs/studies/interim_studies.py {name} --replicates {replicates}`, "
        f"seed {scenario.seed}: {replicates} trials, {result.failed} failed. Fixed size: rejected "
        f"in favour {100 * fixed.rejected:.1f}% ({100 * fixed.rejected_error:.1f}), against "
        f"{100 * fixed.against:.1f}%, "
        f"{fixed.participants:.0f} randomized, {fixed.days:.0f} days. Percentages of trials; Monte "
        "Carlo standard errors in brackets, paired for differences."
    )
    heads = (
        "design", "in favour", "minus fixed", "against", "stopped for efficacy", "by theory",
        "for harm", "for futility", "randomized", "days",
    )  # fmt: skip
    text = f"{heading}\n\n{markdown_table(heads, lines)}\n"
    (RECORDS / f"{name}.md").write_text(text, encoding="utf-8")


def main() -> None:
    """Record the studies named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="+")
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    for name in given.scenario:
        try:
            record(name, given.replicates, given.jobs)
        except InputError as error:
            parser.error(str(error))
        print(f"recorded {name}")


if __name__ == "__main__":
    main()
