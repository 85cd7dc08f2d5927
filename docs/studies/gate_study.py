"""Error rates of the gate, for docs/guides/gate.md.

``python docs/studies/gate_study.py --runs 200 --jobs 2`` runs the gate many times on recommenders
whose true loss is known, writes ``gate/*.csv`` beside it and puts the tables into
``docs/guides/gate.md``. ``--normal-only`` remakes the part on normal differences alone.

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
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from marks import insert
from statsmodels.stats.proportion import proportion_confint

from analysis.report.markdown import markdown_table
from analysis.sequential.joint import JointTest
from analysis.sequential.probability_ratio import ProbabilityRatioTest
from scenarios.loading.load import load_scenario
from scenarios.plugins import look_in
from scenarios.schema import Scenario
from sim.study.executors import JoblibExecutor, make_executor
from sim.study.gate.baseline import Terms
from sim.study.gate.criteria import Margins
from sim.study.gate.defaults import (
    ADDED_MARGIN,
    ALPHA,
    BETWEEN,
    FIRST,
    LEAST_REPLICATES,
    MARGIN,
    POWER,
    RARE,
    REPLICATES,
    RIVAL,
    WITHHELD,
)
from sim.study.gate.gate import record_baseline, run_gate
from sim.study.gate.measures import default_margins
from sim.study.gate.paired_replicates import simulate_both_arms

STUDIES = Path(__file__).parent
RECORDS = STUDIES / "gate"
COMMAND = "python docs/studies/gate_study.py"
SCENARIO = "selfback_2021"
BASELINE = Path("results/baselines/selfback_2021.json")
BETA = 1.0 - POWER
VERDICTS = ("fail", "pass", "inconclusive")
ERROR = 0.2
SHIPPED = "as shipped"
FULL = "tailoring_share = 1"
SCENARIOS = {SHIPPED: (), FULL: ("pathway.tailoring_share=1.0",)}
"""As shipped a part of the effect of a plan does not depend on its fit, so that no plan, however
bad, loses half of the effect. With a tailoring share of 1, a plan without any fit has no effect."""
LOSSES = {0.0: SHIPPED, 0.1: SHIPPED, 0.25: SHIPPED, 0.5: FULL}
"""Shares of the whole effect that are lost by spoiling plans."""
NAMES = {
    0.0: "unchanged, other code seed",
    0.1: "a tenth of the effect lost",
    0.25: "a quarter of the effect lost",
    0.5: "a half of the effect lost",
}
LEVEL = "a tenth of the load"
OTHERS = ("random", "guideline", LEVEL)
"""Recommenders whose loss is what it is, in the scenario as shipped."""
SPOILED = (0.0, 0.25, 0.5, 0.75, 1.0)
TESTS = 6
"""Tests of the joint rule on normal differences: as many as the gate has by default."""


def noisy(
    variant: str, seed: int, code_seed: int, spoiled: float, *, level: float = 1.0
) -> Scenario:
    """Return the scenario with a recommender of :mod:`gate_recommenders`."""
    settings = (
        f"{{code_seed = {code_seed}, error = {ERROR}, spoiled = {float(spoiled)!r}, "
        f"level = {level!r}}}"
    )
    return _scenario(
        variant,
        seed,
        "recommender.kind=gate_recommenders:Noisy",
        f"recommender.plugin.settings={settings}",
    )


def _scenario(variant: str, seed: int, *changes: str) -> Scenario:
    seeded = f"seed={load_scenario(SCENARIO).seed + seed}"
    return load_scenario(SCENARIO, [*SCENARIOS[variant], seeded, *changes])


@dataclass(frozen=True)
class MeanEffect:
    """Simulates one replicate of the calibration; a task of a worker."""

    def __call__(self, task: tuple[str, float, int]) -> tuple[str, float, int, float]:
        """Return the task (scenario, share of spoiled plans, replicate) and the true effect."""
        look_in(STUDIES)
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
        look_in(STUDIES)
        alone = JoblibExecutor(1)
        terms = Terms(MARGIN, ADDED_MARGIN, default_margins(), RIVAL)
        margins = Margins(MARGIN, ADDED_MARGIN, default_margins())
        rows = []
        for variant, recommenders in self._recommenders(run).items():
            baseline = record_baseline(
                noisy(variant, run, 0, 0.0), SCENARIO, (), None, terms=terms,
                rival=_scenario(variant, run, f"recommender.kind={RIVAL}"),
                replicates=self.replicates, executor=alone, on_progress=_silent,
            )  # fmt: skip
            for name, scenario in recommenders.items():
                found = run_gate(
                    baseline, scenario, margins=margins, alpha=ALPHA, beta=BETA, splits=(),
                    executor=alone, on_progress=_silent,
                )  # fmt: skip
                decision = found.decision
                if decision is None or found.joint is None or found.compared is None:
                    raise RuntimeError(f"run {run}: {found.failure}")
                failed = [k for k, d in found.joint.decisions.items() if d.verdict == "fail"]
                rows.append(
                    {
                        "run": run,
                        "recommender": name,
                        "verdict": found.verdict,
                        "failed": " ".join(failed),
                        "replicates": decision.n,
                        "margin": found.criteria[0].margin,
                        "before": found.compared["effect"].baseline,
                        "added_before": found.added_before,
                        "loss": decision.mean,
                        "lower": decision.lower,
                        "upper": decision.upper,
                    }
                )
        return rows

    def _recommenders(self, run: int) -> dict[str, dict[str, Scenario]]:
        """Return the scenarios with the recommenders to test, by variant and name."""
        found: dict[str, dict[str, Scenario]] = {SHIPPED: {}}
        for loss, variant in LOSSES.items():
            if loss == 0.0 or run <= self.worse:
                spoiled = self.spoiled[loss]
                found.setdefault(variant, {})[NAMES[loss]] = noisy(variant, run, run, spoiled)
        if run <= self.worse:
            for name in OTHERS:
                found[SHIPPED][name] = (
                    noisy(SHIPPED, run, run, 0.0, level=0.1)
                    if name == LEVEL
                    else _scenario(SHIPPED, run, f"recommender.kind={name}")
                )
        return found


def _silent(done: int, total: int) -> None:
    """Report nothing."""


def share_of(count: int, total: int) -> str:
    """Return a proportion with Wilson's 95% interval."""
    lower, upper = proportion_confint(count, total, method="wilson")
    return f"{count / total:.3f} ({lower:.3f} to {upper:.3f})"


def runs_table(runs: pd.DataFrame, spoiled: dict[float, float]) -> str:
    """Return the table of verdicts on each recommender."""
    heads = (
        "recommender", "proportion of plans spoiled", "proportion of effect lost",
        "proportion of added lost", "runs", *VERDICTS, "replicates",
    )  # fmt: skip
    rows = []
    shares = {NAMES[loss]: f"{share:.3f}" for loss, share in spoiled.items()}
    for name in (*NAMES.values(), *OTHERS):
        of = runs[runs["recommender"] == name]
        ratio = of["loss"] / -of["before"].mean()
        added = of["loss"] / of["added_before"].mean()
        verdicts = [
            share_of(int((of["verdict"] == verdict).sum()), len(of)) for verdict in VERDICTS
        ]
        cells = [
            name, shares.get(name, ""), f"{ratio.mean():.4f} ({ratio.sem():.4f})",
            f"{added.mean():.3f} ({added.sem():.3f})", str(len(of)), *verdicts,
            f"{of['replicates'].mean():.1f}",
        ]  # fmt: skip
        rows.append(cells)
    unchanged = runs[runs["recommender"] == NAMES[0.0]]
    covered = int(((unchanged["lower"] <= 0.0) & (unchanged["upper"] >= 0.0)).sum())
    held = share_of(covered, len(unchanged))
    level = f"{1 - 2 * ALPHA:.0%}"
    below = f"Coverage of the {level} interval with the unchanged recommender: {held}."
    return f"{markdown_table(heads, rows)}\n\n{below}"


Draw = Callable[[np.random.Generator, float], np.ndarray]


def _normal(loss: float) -> Draw:
    return lambda draws, sd: draws.normal(loss, sd, REPLICATES)


def _rare(share: float, loss: float) -> Draw:
    """Return losses of some replicates only, that amount to the margin on average."""
    return lambda draws, sd: (
        draws.normal(0.0, sd, REPLICATES) + loss * (draws.random(REPLICATES) < share)
    )


DIFFERENCES = {
    "none": _normal(0.0),
    "1 in each": _normal(1.0),
    "5 in 20%": _rare(0.2, 5.0),
    "10 in 10%": _rare(0.1, 10.0),
}
"""Losses in margins; all but the first are 1 on average."""
RULES = ("one test, no minimum", "one test", f"{TESTS} tests")
"""Ways to decide: as version 0.1 did, as now with one measure, and with as many as by default.

Of several, the first loses and the others do not."""


def normal_table(runs: int) -> pd.DataFrame:
    """Return the verdicts on normal differences, by rule, by their SD in margins and the loss."""
    rows = []
    for rule in RULES:
        for sd in (0.1, 0.5, 1.0, 2.0):
            for loss, draw in DIFFERENCES.items():
                draws = np.random.default_rng(len(rows))
                counts, used = dict.fromkeys(VERDICTS, 0), 0
                for _ in range(runs):
                    verdict, n = _decided(rule, draws, sd, draw)
                    counts[verdict] += 1
                    used += n
                shares = {verdict: count / runs for verdict, count in counts.items()}
                rows.append(
                    {"rule": rule, "sd": sd, "loss": loss, **shares, "replicates": used / runs}
                )
    return pd.DataFrame(rows)


def _decided(rule: str, draws: np.random.Generator, sd: float, draw: Draw) -> tuple[str, int]:
    """Return a verdict on drawn differences, and after how many replicates."""
    tests = TESTS if rule == RULES[-1] else 1
    names = [str(test) for test in range(tests)]
    joint = JointTest(
        dict.fromkeys(names, 1.0), ALPHA, BETA, FIRST, BETWEEN, REPLICATES, RARE, WITHHELD
    )
    losses = {name: (draw if name == "0" else DIFFERENCES["none"])(draws, sd) for name in names}
    if rule == RULES[0]:
        old = ProbabilityRatioTest(1.0, ALPHA, BETA, FIRST)
        for n in joint.looks:
            decision = old.decide(losses["0"][:n])
            if decision.verdict != "inconclusive":
                break
        return decision.verdict, decision.n
    for n in joint.looks:
        found = joint.decide({name: of[:n] for name, of in losses.items()})
        if found.verdict != "inconclusive":
            break
    return found.verdict, found.n


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


def study_runs(given: argparse.Namespace, spoiled: dict[float, float]) -> pd.DataFrame:
    """Return every run of the gate, a row a run and recommender."""
    rows: list[dict[str, object]] = []
    task = RunGates(spoiled, given.replicates, given.worse)
    started = time.monotonic()
    runs_of = make_executor("joblib", given.jobs).run(task, range(1, given.runs + 1))
    for done, found in enumerate(runs_of, start=1):
        rows += found
        if done % 10 == 0:
            print(f"{done} runs in {time.monotonic() - started:.0f} s", flush=True)
    return pd.DataFrame(rows).sort_values(["run", "recommender"])


def main() -> None:
    """Run the study and write its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument(
        "--worse", type=int, default=100, help="runs that also test worse recommenders"
    )
    parser.add_argument(
        "--replicates", type=int, default=LEAST_REPLICATES, help="replicates of each baseline"
    )
    parser.add_argument(
        "--calibration", type=int, default=30, help="replicates for each share spoiled"
    )
    parser.add_argument("--normal", type=int, default=20_000, help="runs on normal differences")
    parser.add_argument("--normal-only", action="store_true", help="leave all other parts as is")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path, help="write the tables here, not into the document")
    given = parser.parse_args()
    records = given.out or RECORDS
    records.mkdir(parents=True, exist_ok=True)
    frames = {"normal": normal_table(given.normal)}
    filled = {
        "normal_command": f"`{COMMAND} --normal-only --normal {given.normal}`",
        "normal": written(frames["normal"]),
    }
    if not given.normal_only:
        filled["time"] = timed()
        calibration = calibrate(given.calibration, given.jobs)
        spoiled = {loss: spoiled_for(loss, calibration) for loss in LOSSES}
        print(f"plans to spoil: {spoiled}", flush=True)
        runs = study_runs(given, spoiled)
        frames |= {"runs": runs, "calibration": calibration}
        filled |= {
            "command": f"`{COMMAND} --runs {given.runs} --worse {given.worse} "
            f"--replicates {given.replicates} --calibration {given.calibration} "
            f"--normal {given.normal}`",
            "runs": runs_table(runs, spoiled),
            "calibration": written(calibration),
        }
    for name, frame in frames.items():
        frame.round(6).to_csv(records / f"{name}.csv", index=False, lineterminator="\n")
    if given.out:
        for name, text in filled.items():
            (records / f"{name}.md").write_text(text + "\n", encoding="utf-8")
    else:
        insert(STUDIES.parent / "guides" / "gate.md", filled)


if __name__ == "__main__":
    main()
