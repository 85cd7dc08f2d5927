"""Compares mixed models on the same trials: type I error, standard errors, variance, sample size.

``python docs/studies/honest_errors.py null_effect selfback_2021`` simulates trials of a scenario
without an effect. The primary outcome of each is fitted with covariate effects that are common to
all visits and with effects by visit, with the model's own errors and with errors that are robust to
participants. Normal reference for the random intercept's own errors, Kenward and Roger for the
unstructured model's. Sample sizes are for the true effect of the second scenario. It leaves
``honest_errors.csv`` and ``honest_errors.md`` in ``docs/studies/performance``.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special

from analysis.plan.analyse import analyse
from analysis.replicates.performance import performance
from analysis.report.markdown import markdown_table
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from sim.core.streams import Mechanism, Streams
from sim.simulate import counterfactual_unasked, simulate
from sim.tables.trial_tables import trial_data
from sim.tables.true_effects import gains

RECORDS = Path(__file__).parent / "performance"
PRIMARY, REFERENCE = "clda", "mmrm"
MODELS = ("clda robust", "mmrm", "mmrm robust")
COMMON, BY_VISIT = "common", "by visit"
ALONE = (
    "analysis.sensitivity=[]", "analysis.responder_points=[]", "analysis.secondary_response={}",
    "analysis.secondary_level={}", 'analysis.small_sample="kenward-roger"',
    f"analysis.alternatives={list(MODELS)}".replace("'", '"'),
)  # fmt: skip
KEYS = ("effects", "analysis", "visit")
KEPT = ("bias", "empirical_se", "model_se", "relative_error_model_se", "rejected", "convergence")
POWER = 0.9
_AGAIN = 1000


def fitted(name: str, overrides: list[str], replicates: Iterable[int]) -> pd.DataFrame:
    """Simulate the trials of a scenario and fit all models to each: a row an estimate."""
    outcome = load_scenario(name, overrides).analysis.primary_outcome
    plans = {
        effects: load_scenario(
            name,
            [*overrides, *ALONE, f'analysis.continuous=["{outcome}"]',
             f'analysis.covariate_effects="{effects}"'],
        )
        for effects in (COMMON, BY_VISIT)
    }  # fmt: skip
    return pd.DataFrame([row for replicate in replicates for row in _of_one(plans, replicate)])


def _of_one(plans: Mapping[str, Scenario], replicate: int) -> Iterator[dict[str, object]]:
    scenario = plans[COMMON]
    data = trial_data(simulate(scenario, replicate))
    for effects, planned in plans.items():
        rng = Streams(scenario.seed, replicate).generator(Mechanism.IMPUTATION)
        for row in analyse(data, planned.analysis, rng, (PRIMARY, *MODELS)).estimates:
            yield {
                "replicate": replicate, "effects": effects, "analysis": row.analysis,
                "visit": row.visit, "estimate": row.estimate, "se": row.se, "lower": row.lower,
                "upper": row.upper, "decision": row.decision, "converged": row.converged,
            }  # fmt: skip


def report(null: pd.DataFrame, effect: float, size: int, visit: str) -> list[str]:
    """Return the lines of the page: type I error, variances, sample sizes for one visit."""
    measures = measured(null)
    lines = ["Rejections of a true null at P < .05, in % (Monte Carlo standard error).", ""]
    lines += [_by_visit(measures, "rejected", 100.0), ""]
    lines += ["Relative error of the standard error, in % (Monte Carlo standard error).", ""]
    lines += [_by_visit(measures, "relative_error_model_se", 1.0), ""]
    lines += [f"Variance of `{PRIMARY}` over that of another model (Monte Carlo standard error)."]
    lines += ["", _variances(null), ""]
    lines.append(
        f"Participants for {POWER:.0%} power at {visit}, where P < .05 rejects, and where what "
        "does so in 5% of the trials without an effect rejects: from the empirical and the model "
        "standard error, which go with the square root of the size, and an effect of "
        f"{effect:.3f} (Monte Carlo standard error, without that of the effect)."
    )
    return [*lines, "", _sizes(null, effect, size, visit)]


def measured(null: pd.DataFrame) -> pd.DataFrame:
    """Return the measures of each model with their Monte Carlo standard errors."""
    measures = performance(null, 0.0, by=KEYS)
    return measures[measures["measure"].isin(KEPT)].round({"value": 6, "mcse": 6})


def _by_visit(measures: pd.DataFrame, measure: str, percent: float) -> str:
    chosen = measures[measures["measure"] == measure]
    visits = list(dict.fromkeys(chosen["visit"]))
    rows = []
    for (effects, analysis), group in chosen.groupby(["effects", "analysis"], sort=False):
        cells = group.set_index("visit")[["value", "mcse"]].loc[visits].to_numpy() * percent
        rows.append((effects, analysis, *(f"{value:.1f} ({error:.1f})" for value, error in cells)))
    return markdown_table(("covariate effects", "analysis", *visits), rows)


def _variances(null: pd.DataFrame) -> str:
    wide = null.pivot_table(index="replicate", columns=list(KEYS), values="estimate")
    visits = list(dict.fromkeys(null["visit"]))
    rows = []
    for effects, analysis in ((COMMON, REFERENCE), (BY_VISIT, PRIMARY), (BY_VISIT, REFERENCE)):
        cells = []
        for visit in visits:
            one, other = wide[COMMON, PRIMARY, visit], wide[effects, analysis, visit]
            ratio = float(one.var() / other.var())
            # Of two correlated normal samples: var(log ratio) = 4 (1 - r^2) / (n - 1).
            spread = 2.0 * np.sqrt((1.0 - float(one.corr(other)) ** 2) / (len(wide) - 1))
            cells.append(f"{ratio:.2f} ({ratio * spread:.2f})")
        rows.append((effects, analysis, *cells))
    return markdown_table(("covariate effects", "over", *visits), rows)


def _sizes(null: pd.DataFrame, effect: float, size: int, visit: str) -> str:
    rows = []
    for effects, analysis in (
        (COMMON, PRIMARY), (COMMON, "clda robust"), (COMMON, REFERENCE), (BY_VISIT, "clda robust"),
        (BY_VISIT, REFERENCE),
    ):  # fmt: skip
        fits = null[(null[list(KEYS)] == [effects, analysis, visit]).all(axis=1)]
        found = fits[["estimate", "se"]].to_numpy()
        needed = size * _relative_size(found, effect)
        # The trials drawn again with replacement: what the sizes owe to these trials.
        again = np.random.default_rng(1).integers(0, len(found), (_AGAIN, len(found)))
        errors = size * np.std([_relative_size(found[rows], effect) for rows in again], axis=0)
        cells = (f"{n:.0f} ({error:.0f})" for n, error in zip(needed, errors, strict=True))
        rows.append((effects, analysis, *cells))
    return markdown_table(("covariate effects", "analysis", "nominal 5%", "true 5%"), rows)


def _relative_size(found: np.ndarray, effect: float) -> np.ndarray:
    """Return the sizes for P < .05 and for a true 5%, in units of the size of the trials."""
    estimate, se = found.T
    model = np.sqrt(np.mean(se**2))
    critical = np.array([-special.ndtri(0.025), np.quantile(np.abs(estimate) / se, 0.95)])
    reach = critical * model + special.ndtri(POWER) * estimate.std(ddof=1)
    return np.asarray((reach / effect) ** 2)


def true_effect(name: str, overrides: list[str], replicates: Iterable[int]) -> float:
    """Return the mean true effect on the primary outcome at the primary visit, over trials."""
    scenario = load_scenario(name, overrides)
    plan = scenario.analysis
    visits = [visit.name for visit in scenario.trial.visits]
    effects = []
    for replicate in replicates:
        trial = simulate(scenario, replicate)
        gain = gains((trial, counterfactual_unasked(trial)))[plan.primary_outcome]
        effects.append(gain[:, visits.index(plan.primary_visit)].mean())
    return float(np.mean(effects))


def main() -> None:
    """Record the comparison for the scenarios named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("null", help="scenario without an effect")
    parser.add_argument("effect", help="the same with an effect")
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--with-effect", type=int, default=100, help="trials for the true effect")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    given = parser.parse_args()
    null = fitted(given.null, given.set, range(given.replicates))
    effect = true_effect(given.effect, given.set, range(given.with_effect))
    scenario = load_scenario(given.null, given.set)
    options = "".join(f" --set {override}" for override in given.set)
    command = f"python docs/studies/honest_errors.py {given.null} {given.effect}{options}"
    counts = f"{given.replicates} trials without an effect, {given.with_effect} for the effect"
    lines = [f"`{command}`, seed {scenario.seed}: {counts}.", ""]
    lines += report(null, effect, scenario.trial.sample_size, scenario.analysis.primary_visit)
    RECORDS.mkdir(exist_ok=True)
    measured(null).to_csv(RECORDS / "honest_errors.csv", index=False, lineterminator="\n")
    (RECORDS / "honest_errors.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
