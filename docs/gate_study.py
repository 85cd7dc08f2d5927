"""Error rates of the gate, for docs/gate.md.

``python docs/gate_study.py --runs 200 --jobs 2`` runs the gate many times on recommenders whose
true loss is known, writes ``docs/gate/*.csv`` and puts the tables into ``docs/gate.md``.

Every run has its own seed, hence its own patients and baseline: runs are independent. Within a run
all recommenders are compared with the same baseline.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from marks import insert
from statsmodels.stats.proportion import proportion_confint

from analysis.report.markdown import markdown_table
from analysis.sequential.probability_ratio import ProbabilityRatioTest
from scenarios.loading.load import load_scenario
from scenarios.plugins import look_in
from scenarios.schema import Scenario
from sim.study.executors import JoblibExecutor, make_executor
from sim.study.gate.defaults import ALPHA, MARGIN, POWER, REPLICATES
from sim.study.gate.gate import BETWEEN, FIRST, record_baseline, run_gate
from sim.study.gate.paired_replicates import simulate_both_arms

DOCS = Path(__file__).parent
RECORDS = DOCS / "gate"
SCENARIO = "selfback_2021"
BASELINE = Path("results/baselines/selfback_2021.json")
BETA = 1.0 - POWER
VERDICTS = ("fail", "pass", "inconclusive")
ERROR = 0.2
SHIPPED = "as shipped"
FULL = "tailoring_share = 1"
SCENARIOS = {SHIPPED: (), FULL: ("pathway.tailoring_share=1.0",)}
"""As shipped half of the effect of a plan does not depend on its fit, so that no plan, however bad,
loses half of the effect. With a tailoring share of 1, a plan without any fit has no effect."""
LOSSES = {0.0: SHIPPED, 0.1: SHIPPED, 0.25: SHIPPED, 0.5: FULL}
NAMES = {
    0.0: "unchanged, other code seed",
    0.1: "a tenth lost",
    0.25: "a quarter lost",
    0.5: "a half lost",
}
SPOILED = (0.0, 0.25, 0.5, 0.75, 1.0)


def noisy(variant: str, seed: int, code_seed: int, spoiled: float) -> Scenario:
    """Return the scenario with a recommender of :mod:`gate_recommenders`."""
    settings = f"{{code_seed = {code_seed}, error = {ERROR}, spoiled = {float(spoiled)!r}}}"
    return load_scenario(
        SCENARIO,
        [
            *SCENARIOS[variant],
            f"seed={load_scenario(SCENARIO).seed + seed}",
            "recommender.kind=gate_recommenders:Noisy",
            f"recommender.plugin.settings={settings}",
        ],
    )


@dataclass(frozen=True)
class MeanEffect:
    """Simulates one replicate of the calibration; a task of a worker."""

    def __call__(self, task: tuple[str, float, int]) -> tuple[str, float, int, float]:
        """Return the task (scenario, share of spoiled plans, replicate) and the true effect."""
        look_in(DOCS)
        variant, spoiled, number = task
        numbers = range(number, number + 1)
        (scores,) = simulate_both_arms(
            noisy(variant, 0, 0, spoiled), numbers, (), JoblibExecutor(1), lambda: None
        )
        return *task, scores.effect


def calibrate(replicates: int, jobs: int) -> pd.DataFrame:
    """Return the share of the effect that is lost, by the share of plans that are spoiled.

    The replicates have a seed that no run uses.
    """
    tasks = [
        (variant, spoiled, number)
        for variant in SCENARIOS
        for spoiled in SPOILED
        for number in range(replicates)
    ]
    done = list(make_executor("joblib", jobs).run(MeanEffect(), tasks))
    found = pd.DataFrame(done, columns=["scenario", "spoiled", "replicate", "effect"])
    means = found.groupby(["scenario", "spoiled"], sort=True)["effect"].mean().reset_index()
    whole = means[means["spoiled"] == 0.0].set_index("scenario")["effect"]
    means["lost"] = 1.0 - means["effect"] / means["scenario"].map(whole)
    return means


def spoiled_for(loss: float, calibration: pd.DataFrame) -> float:
    """Return the share of plans to spoil so that a share of the effect is lost."""
    of_scenario = calibration[calibration["scenario"] == LOSSES[loss]]
    if of_scenario["lost"].max() < loss:
        raise SystemExit(f"no share of spoiled plans loses {loss:g} of the effect")
    return float(np.interp(loss, of_scenario["lost"], of_scenario["spoiled"]))


@dataclass(frozen=True)
class RunGates:
    """Runs the gate on recommenders, against a new baseline; a task of a worker.

    The first ``worse`` runs test all recommenders, the others only the unchanged one.
    """

    spoiled: dict[float, float]
    replicates: int
    worse: int

    def __call__(self, run: int) -> list[dict[str, object]]:
        """Return one row for each recommender."""
        look_in(DOCS)
        alone = JoblibExecutor(1)
        rows = []
        losses = [loss for loss in LOSSES if loss == 0.0 or run <= self.worse]
        for variant in dict.fromkeys(LOSSES[loss] for loss in losses):
            baseline = record_baseline(
                noisy(variant, run, 0, 0.0), SCENARIO, (), None,
                margin=MARGIN, replicates=self.replicates, executor=alone, on_progress=_silent,
            )  # fmt: skip
            for loss in (loss for loss in losses if LOSSES[loss] == variant):
                found = run_gate(
                    baseline, noisy(variant, run, run, self.spoiled[loss]), share=MARGIN,
                    alpha=ALPHA, beta=BETA, splits=(), executor=alone, on_progress=_silent,
                )  # fmt: skip
                decision = found.decision
                if decision is None:
                    raise RuntimeError(f"run {run}: {found.failure}")
                rows.append(
                    {
                        "run": run,
                        "recommender": NAMES[loss],
                        "verdict": decision.verdict,
                        "replicates": decision.n,
                        "margin": found.test.margin,
                        "before": found.effect_before,
                        "loss": decision.mean,
                        "lower": decision.lower,
                        "upper": decision.upper,
                    }
                )
        return rows


def _silent(done: int, total: int) -> None:
    """Report nothing."""


def share_of(count: int, total: int) -> str:
    """Return a proportion with Wilson's 95% interval."""
    lower, upper = proportion_confint(count, total, method="wilson")
    return f"{count / total:.3f} ({lower:.3f} to {upper:.3f})"


def runs_table(runs: pd.DataFrame, spoiled: dict[float, float]) -> str:
    """Return the table of verdicts on each recommender."""
    heads = (
        "recommender", "proportion of plans spoiled", "proportion of effect lost", "runs",
        *VERDICTS, "replicates",
    )  # fmt: skip
    rows = []
    for loss, name in NAMES.items():
        of = runs[runs["recommender"] == name]
        ratio = of["loss"] / -of["before"].mean()
        verdicts = [
            share_of(int((of["verdict"] == verdict).sum()), len(of)) for verdict in VERDICTS
        ]
        cells = [
            name, f"{spoiled[loss]:.3f}", f"{ratio.mean():.4f} ({ratio.sem():.4f})", str(len(of)),
            *verdicts, f"{of['replicates'].mean():.1f}",
        ]  # fmt: skip
        rows.append(cells)
    unchanged = runs[runs["recommender"] == NAMES[0.0]]
    covered = int(((unchanged["lower"] <= 0.0) & (unchanged["upper"] >= 0.0)).sum())
    held = share_of(covered, len(unchanged))
    level = f"{1 - 2 * ALPHA:.0%}"
    below = f"Coverage of the {level} interval with the unchanged recommender: {held}."
    return f"{markdown_table(heads, rows)}\n\n{below}"


def normal_table(runs: int) -> pd.DataFrame:
    """Return the verdicts on normal differences, by their SD in margins and the true loss."""
    looks = [*range(FIRST, REPLICATES, BETWEEN), REPLICATES]
    test = ProbabilityRatioTest(1.0, ALPHA, BETA, FIRST)
    rows = []
    for sd in (0.1, 0.5, 1.0, 2.0):
        for loss in (0.0, 1.0):
            draws = np.random.default_rng(len(rows))
            counts = dict.fromkeys(VERDICTS, 0)
            used = 0
            for _ in range(runs):
                losses = draws.normal(loss, sd, REPLICATES)
                decided = next(
                    (d for n in looks if (d := test.decide(losses[:n])).verdict != "inconclusive"),
                    None,
                )
                counts["inconclusive" if decided is None else decided.verdict] += 1
                used += REPLICATES if decided is None else decided.n
            shares = {verdict: count / runs for verdict, count in counts.items()}
            rows.append({"sd": sd, "loss": loss, **shares, "replicates": used / runs})
    return pd.DataFrame(rows)


def written(frame: pd.DataFrame) -> str:
    """Return a frame of numbers as Markdown."""
    rows = (
        [f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in row]
        for row in frame.itertuples(index=False)
    )
    return markdown_table(frame.columns, rows)


def timed() -> str:
    """Return the time from the start of the command to the verdict, with two workers.

    Processor seconds are those of the command and its workers.
    """
    rows = []
    for kind in ("cbr", "random"):
        command = [
            sys.executable, "-m", "sim", "gate", "--baseline", str(BASELINE), "--recommender", kind,
            "--jobs", "2",
        ]  # fmt: skip
        started, before = time.monotonic(), _processor_seconds()
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        seconds, busy = time.monotonic() - started, _processor_seconds() - before
        if done.returncode not in {0, 1, 3}:
            raise SystemExit(done.stderr)
        verdict = done.stdout.strip().splitlines()[-1].split(":")[0]
        rows.append([f"`{kind}`", verdict, f"{seconds:.0f}", f"{busy:.0f}"])
    return markdown_table(("recommender", "verdict", "seconds", "processor seconds"), rows)


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Run the study and write its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument(
        "--worse", type=int, default=100, help="runs that also test worse recommenders"
    )
    parser.add_argument("--replicates", type=int, default=FIRST, help="replicates of each baseline")
    parser.add_argument(
        "--calibration", type=int, default=30, help="replicates for each share spoiled"
    )
    parser.add_argument("--normal", type=int, default=20_000, help="runs on normal differences")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path, help="write the tables here, not into the document")
    given = parser.parse_args()
    records = given.out or RECORDS
    records.mkdir(parents=True, exist_ok=True)
    filled = {"time": timed()}
    calibration = calibrate(given.calibration, given.jobs)
    spoiled = {loss: spoiled_for(loss, calibration) for loss in LOSSES}
    print(f"plans to spoil: {spoiled}", flush=True)
    rows: list[dict[str, object]] = []
    task = RunGates(spoiled, given.replicates, given.worse)
    started = time.monotonic()
    runs_of = make_executor("joblib", given.jobs).run(task, range(1, given.runs + 1))
    for done, found in enumerate(runs_of, start=1):
        rows += found
        if done % 10 == 0:
            print(f"{done} runs in {time.monotonic() - started:.0f} s", flush=True)
    runs = pd.DataFrame(rows).sort_values(["run", "recommender"])
    normal = normal_table(given.normal)
    for name, frame in (("runs", runs), ("calibration", calibration), ("normal", normal)):
        frame.round(6).to_csv(records / f"{name}.csv", index=False, lineterminator="\n")
    filled |= {
        "command": f"`python docs/gate_study.py --runs {given.runs} --worse {given.worse} "
        f"--replicates {given.replicates} --calibration {given.calibration} "
        f"--normal {given.normal}`",
        "runs": runs_table(runs, spoiled),
        "normal": written(normal),
        "calibration": written(calibration),
    }
    if given.out:
        for name, text in filled.items():
            (records / f"{name}.md").write_text(text + "\n", encoding="utf-8")
    else:
        insert(DOCS / "gate.md", filled)


if __name__ == "__main__":
    main()
