"""Runs studies and records the performance of the analyses, for docs/background/performance.md.

``python docs/studies/record_performance.py null_ar1 null_random_slopes`` records how often each
analysis rejects; with ``--truth`` also bias and coverage of the true effects. Each study leaves two
files in ``performance`` beside it: ``SCENARIO.csv`` with every measure and its Monte Carlo standard
error, and ``SCENARIO.md`` with the table that is quoted.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.plan.longitudinal import DIFFERENCE
from analysis.plan.responses.ratios import LOG_ODDS_RATIO, RISK_DIFFERENCE
from analysis.replicates.performance import performance
from analysis.report.markdown import markdown_table
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from sim.study.executors import make_executor
from sim.study.runner import run_study
from sim.study.store.reading import KeptStudy
from sim.study.truth import study_estimates

RECORDS = Path(__file__).parent / "performance"
BETWEEN_ARMS = (DIFFERENCE, LOG_ODDS_RATIO, RISK_DIFFERENCE)
KEPT = (
    "bias", "empirical_se", "model_se", "relative_error_model_se", "coverage", "rejected",
    "convergence",
)  # fmt: skip
CAPTIONS = {
    "coverage": "Coverage of 95% intervals, in % (Monte Carlo standard error).",
    "rejected": "Rejections at P < .05, on either side, in % (Monte Carlo standard error).",
    "relative_error_model_se": "Relative error of the model standard error, in % "
    "(Monte Carlo standard error).",
}


def record(name: str, overrides: list[str], replicates: int, jobs: int, *, truth: bool) -> None:
    """Run one study and write its two files."""
    scenario = load_scenario(name, [*overrides, f"truth={str(truth).lower()}"])
    with tempfile.TemporaryDirectory() as scratch:
        study = Path(scratch) / "study"
        run_study(
            scenario,
            replicates=replicates,
            executor=make_executor("joblib", jobs, None),
            out=study,
        )
        kept = KeptStudy(study)
        manifest = kept.manifest
        estimates, effects = study_estimates(kept)
    between = estimates["contrast"].isin(BETWEEN_ARMS)
    measures = performance(estimates[between], effects[between])
    measures = measures[measures["measure"].isin(KEPT)].dropna(subset=["value"])
    RECORDS.mkdir(exist_ok=True)
    rounded = measures.round({"value": 6, "mcse": 6})
    rounded.to_csv(RECORDS / f"{scenario.name}.csv", index=False, lineterminator="\n")
    shown = "coverage" if truth else "rejected"
    options = "".join(f" --set {override}" for override in overrides) + truth * " --truth"
    command = f"python docs/studies/record_performance.py {name} --replicates {replicates}{options}"
    counts = f"{manifest['replicates']} trials, {manifest['failed']} failed"
    lines = [f"`{command}`, seed {scenario.seed}: {counts}. {CAPTIONS[shown]}", ""]
    lines += [_table(measures[measures["measure"] == shown])]
    if shown == "rejected":
        lines += ["", CAPTIONS["relative_error_model_se"], ""]
        lines += [_table(measures[measures["measure"] == "relative_error_model_se"], percent=1.0)]
    (RECORDS / f"{scenario.name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _table(measures: pd.DataFrame, percent: float = 100.0) -> str:
    """Return a Markdown table: a row for each analysis and outcome, a column for each visit."""
    visits = list(dict.fromkeys(measures["visit"]))
    rows = []
    for (analysis, outcome), group in measures.groupby(["analysis", "outcome"], sort=False):
        by_visit = group.set_index("visit")
        rows.append((analysis, outcome, *(_cell(by_visit, visit, percent) for visit in visits)))
    return markdown_table(("analysis", "outcome", *visits), rows)


def _cell(by_visit: pd.DataFrame, visit: str, percent: float) -> str:
    if visit not in by_visit.index:
        return ""
    value, error = percent * by_visit.loc[visit, ["value", "mcse"]].to_numpy(dtype=np.float64)
    return f"{value:.1f} ({error:.1f})"


def main() -> None:
    """Record the studies named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="+")
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument(
        "--truth", action="store_true", help="store counterfactual outcomes, report coverage"
    )
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    given = parser.parse_args()
    for name in given.scenario:
        try:
            record(name, given.set, given.replicates, given.jobs, truth=given.truth)
        except InputError as error:
            parser.error(str(error))
        print(f"recorded {name}")


if __name__ == "__main__":
    main()
