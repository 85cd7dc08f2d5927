"""Studies of the recommender for docs/background/recommender.md: alternatives, cases and learning.

``python docs/studies/recommender_studies.py --jobs 2`` simulates, writes
``recommender/*.csv`` and ``*.png`` beside it, and puts the tables into
``docs/background/recommender.md``, each between two marks; with
``--study`` only some of them.

No questionnaire is sent. Everybody randomized to the app in a trial is also simulated under usual
care with the same random draws, and the effect is the mean difference between the two potential
outcomes on the day the questionnaire would be due. All settings use common random numbers, so that
differences between them are paired; Monte Carlo errors are those of means over replicates.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import joblib
import matplotlib as mpl
import numpy as np
import pandas as pd
from marks import insert

from agents.symptoms import LEAD_IN
from analysis.report.markdown import markdown_table
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from scenarios.targets import load_published
from sim.simulate import counterfactual_unasked, simulate_unasked
from sim.tables.app_tables import regret
from sim.trial import Trial

mpl.use("Agg")
import matplotlib.pyplot as plt

STUDIES = Path(__file__).parent
RECORDS = STUDIES / "recommender"
SCENARIO = "selfback_2021"
OUTCOME, VISITS = "rmdq", ("3 months", "9 months")
Overrides = tuple[str, ...]

RIVALS = (
    "oracle", "static", "cbr", "nearest", "progressed", "guideline", "random", "generic", "none",
)  # fmt: skip
STRENGTHS = (0.0, 0.6, 1.2, 1.8, 2.4)
QUARTER = 91
"""Days after randomization whose exercise sessions are counted."""
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
RETENTION = {
    "frozen": "never",
    "shared": "shared",
    "per arm": "per_arm",
    "per participant": "per_participant",
}
ALSO = {"retention": "learning", "strength": "kept"}
"""Tables that a study makes beside its own."""
REFERENCE = {"rivals": "guideline", "variety": "1 list"}
FEW_CASES, MANY_CASES = (20, 50, 105, 500, 2000), 5000
COLD = ("recommender.seed_cases=10", "recommender.expert_error=0.4")
UNREVISED = ("recommender.largest_step=1.0", "recommender.flare_load=1.0")
GOALLESS = "pathway.capacity_per_steps=0.0"
LASTING = tuple(
    f"recommender.weights.{feature}=0.0" for feature in ("pain", "disability", "steps", "sessions")
)


def settings() -> dict[str, dict[str, Overrides]]:
    """Return the settings of each study by name, the first of each being the reference."""
    return {
        "rivals": {kind: (f"recommender.kind={kind}",) for kind in RIVALS},
        "strength": {
            f"{strength:g}, {kind}": (
                f"app.exercise.per_fit={strength}", f"recommender.kind={kind}",
            )
            for strength in STRENGTHS
            for kind in ("guideline", "cbr", "random", "oracle")
        },
        "variety": {
            "1 list": ("recommender.variety=1",),
            "3 lists": ("recommender.variety=3",),
            "6 lists": ("recommender.variety=6",),
        },
        "static": {
            "static": ("recommender.kind=static",),
            "cbr": (),
            "cbr, without revision": UNREVISED,
            "cbr, frozen": ("recommender.retain=never",),
            "cbr, frozen, stable features": ("recommender.retain=never", *LASTING),
            "static, stable features": ("recommender.kind=static", *LASTING),
            "static, goals without effect": ("recommender.kind=static", GOALLESS),
            "cbr, goals without effect": (GOALLESS,),
            "cbr, frozen, goals without effect": ("recommender.retain=never", GOALLESS),
            "static, stable features, goals without effect": (
                "recommender.kind=static", *LASTING, GOALLESS,
            ),
            "cbr, frozen, stable features, goals without effect": (
                "recommender.retain=never", *LASTING, GOALLESS,
            ),
        },
        "share": {
            f"{share:g}, {kind}": (f"pathway.tailoring_share={share}", f"recommender.kind={kind}")
            for share in SHARES
            for kind in ("cbr", "guideline", "oracle")
        },
        "cases": {
            f"{cases}, {word}": (
                f"recommender.seed_cases={cases}",
                f"recommender.capacity={cases + 295}",
                f"recommender.retain={retain}",
            )
            for cases in FEW_CASES
            for word, retain in (("frozen", "never"), ("shared", "shared"))
        },
        "neighbours": {
            str(k): (f"recommender.neighbours={k}",) for k in (1, 3, 5, 10, 20)
        },
        "retention": {
            f"{source}, {word}": (
                f"recommender.cases_from={source}", f"recommender.retain={retain}",
            )
            for source in ("experts", "pilot")
            for word, retain in RETENTION.items()
        }
        | {
            f"few imprecise, {word}": (*COLD, f"recommender.retain={retain}")
            for word, retain in RETENTION.items()
        }
        | {
            f"experts, {word}, no redundancy check": (
                f"recommender.retain={retain}", "recommender.redundant_above=1.0",
                f"recommender.capacity={MANY_CASES}",
            )
            for word, retain in RETENTION.items()
            if retain in {"shared", "per_participant"}
        },
    }  # fmt: skip


def measure(names: Mapping[str, Overrides], common: Overrides, replicate: int) -> list[dict]:
    """Return effect, fit and regret of each setting in one replicate, whole and by enrolment."""
    no_plans = _scenario((*common, "recommender.kind=none"))
    without = _scores(counterfactual_unasked(simulate_unasked(no_plans, replicate)))
    rows = []
    for name, overrides in names.items():
        trial = simulate_unasked(_scenario((*common, *overrides)), replicate)
        members = trial.cohort.randomized
        app = members[trial.cohort.arm[members] == 1]
        gain = _scores(trial)[app] - without[app]
        third = np.minimum(3 * trial.cohort.number[app] // len(members), 2)
        plan_row, plan_fit = _plans(trial)
        done = trial.records.did("exercised")[app, LEAD_IN : LEAD_IN + QUARTER].sum(axis=1)
        harmed = (np.diff(trial.records.flare[app], axis=1, prepend=0.0) > 0.0).any(axis=1)
        for part in ("all", "first third", "last third"):
            chosen = {"all": third >= 0, "first third": third == 0, "last third": third == 2}[part]
            made = np.isin(plan_row, app[chosen])
            rows.append(
                {"setting": name, "part": part, "replicate": replicate}
                | dict(zip(VISITS, gain[chosen].mean(axis=0), strict=True))
                | {
                    "fit": plan_fit[made].mean() if made.any() else np.nan,
                    "regret": regret(plan_fit[made]).mean() if made.any() else np.nan,
                    "sessions": done[chosen].mean(),
                    "sessions sd": done[chosen].std(ddof=1),
                    "harmed": harmed[chosen].mean(),
                }
            )
    return rows


def _scenario(overrides: Overrides) -> Scenario:
    return load_scenario(SCENARIO, overrides)


def _scores(trial: Trial) -> np.ndarray:
    """Return everybody's scores at the visits, (rows, visits)."""
    names = ["baseline", *(visit.name for visit in trial.scenario.trial.visits)]
    return trial.scores_when_due()[OUTCOME][:, [names.index(visit) for visit in VISITS]]


def _plans(trial: Trial) -> tuple[np.ndarray, np.ndarray]:
    if not trial.plan_log:
        return np.empty(0, dtype=np.int64), np.empty((0, 3))
    return (
        np.concatenate([batch.rows for batch in trial.plan_log]),
        np.concatenate([batch.fit for batch in trial.plan_log]),
    )


def summarize(runs: pd.DataFrame, against: str) -> pd.DataFrame:
    """Return means over replicates with their Monte Carlo errors, and paired differences."""
    rows = []
    wide = runs[runs["part"] == "all"].pivot_table(
        index="replicate",
        columns="setting",
        values=[VISITS[0], "sessions", "sessions sd"],
        sort=False,
    )
    for (setting, part), group in runs.groupby(["setting", "part"], sort=False):
        row: dict[str, object] = {"setting": setting, "part": part, "replicates": len(group)}
        for column in (*VISITS, "fit", "regret", "sessions", "harmed"):
            row[column], row[f"{column} mcse"] = _mean(group[column])
        if part == "all":
            reference = _reference(str(setting), against)
            effect, sessions, spread = (
                {name: wide[column][name] for name in (setting, reference)}
                for column in (VISITS[0], "sessions", "sessions sd")
            )
            difference = effect[setting] - effect[reference]
            row["difference"], row["difference mcse"] = _mean(difference)
            # Cohen's d, with the SD of both ways of advice pooled.
            pooled = np.sqrt((spread[setting] ** 2 + spread[reference] ** 2) / 2.0)
            row["d"], row["d mcse"] = _mean((sessions[setting] - sessions[reference]) / pooled)
        rows.append(row)
    return pd.DataFrame(rows)


def kept_by_random(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the share of the effect that random advice keeps, at each strength of fit.

    The last rows are at the strengths at which sessions, case-based less guideline, differ by the
    published d and by the limits of its interval (Lustria 2013), by interpolation.
    """
    whole = runs[runs["part"] == "all"].pivot_table(
        index="replicate", columns="setting", values=[VISITS[0], "sessions", "sessions sd"]
    )
    effect, sessions, spread = (whole[name] for name in (VISITS[0], "sessions", "sessions sd"))
    rows = []
    for strength in STRENGTHS:
        cbr, guideline, by_chance = (f"{strength:g}, {k}" for k in ("cbr", "guideline", "random"))
        pooled = np.sqrt((spread[cbr] ** 2 + spread[guideline] ** 2) / 2.0)
        d, d_error = _mean((sessions[cbr] - sessions[guideline]) / pooled)
        # The error of a ratio of means, by the delta method.
        kept = effect[by_chance].mean() / effect[cbr].mean()
        _, error = _mean((effect[by_chance] - kept * effect[cbr]) / effect[cbr].mean())
        rows.append({"setting": f"{strength:g}", "d": d, "d mcse": d_error, "kept": kept,
                     "kept mcse": error})  # fmt: skip
    found = pd.DataFrame(rows)
    anchor = next(a for a in load_published("independent").anchors if "Sessions" in a.label)
    for name, d in (("low", anchor.ci[0]), ("published", anchor.value), ("high", anchor.ci[1])):
        told = found[: len(STRENGTHS)]
        kept = float(np.interp(d, told["d"], told["kept"], left=np.nan, right=np.nan))
        found.loc[len(found)] = {"setting": f"{name}, d {d:g}", "d": d, "kept": kept}
    return found


def _reference(setting: str, against: str) -> str:
    """Return what a setting is compared with: the guideline of its own strength, if it has one."""
    strength, comma, kind = setting.partition(", ")
    return f"{strength}, guideline" if comma and kind in RIVALS else against


def _mean(values: pd.Series) -> tuple[float, float]:
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def later_minus_earlier(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the last third enrolled minus the first, paired within replicates.

    Unadjusted, and minus the same contrast with frozen cases: the times of enrolment are the same
    in both, so the difference is due to learning.
    """
    wide = runs.pivot_table(
        index=["setting", "replicate"], columns="part", values=[VISITS[0], "fit"], sort=False
    )
    rows = []
    for setting in dict.fromkeys(runs["setting"]):
        frozen = f"{str(setting).split(', ')[0]}, frozen"
        row: dict[str, object] = {"setting": setting}
        for column in (VISITS[0], "fit"):
            contrast = wide[column]["last third"] - wide[column]["first third"]
            row[column], row[f"{column} mcse"] = _mean(contrast[setting])
            learned = contrast[setting] - contrast[frozen]
            row[f"{column} learned"], row[f"{column} learned mcse"] = _mean(learned)
        rows.append(row)
    return pd.DataFrame(rows)


def pm(row: pd.Series, column: str, digits: int = 3) -> str:
    """Write a mean with its Monte Carlo error."""
    if np.isnan(row[column]):
        return ""
    error = row[f"{column} mcse"]
    return f"{row[column]:.{digits}f}" + ("" if np.isnan(error) else f" ({error:.{digits}f})")


def table(frame: pd.DataFrame, columns: Mapping[str, str]) -> str:
    """Return a Markdown table from headings and columns, the first with the names."""
    names, *numbers = columns.items()
    rows = (
        [str(row[names[1]]), *(pm(row, column) for _, column in numbers)]
        for _, row in frame.iterrows()
    )
    return markdown_table(columns, rows)


EFFECT = {"effect at 3 months": "3 months", "at 9 months": "9 months"}
PLANS = {"fit of plans": "fit", "regret": "regret"}


COLUMNS: dict[str, dict[str, str]] = {
    "rivals": {
        "recommender": "setting",
        **EFFECT,
        "minus guideline": "difference",
        "sessions in 13 weeks": "sessions",
        "d against guideline": "d",
        "fit of plans": "fit",
        "a flare after exercise": "harmed",
    },
    "strength": {
        "per_fit, recommender": "setting",
        "effect at 3 months": "3 months",
        "sessions in 13 weeks": "sessions",
        "d against guideline": "d",
    },
    "kept": {
        "per_fit": "setting",
        "sessions, case-based less guideline, d": "d",
        "share of the effect that random advice keeps": "kept",
    },
    "variety": {
        "lists of exercises": "setting",
        "sessions in 13 weeks": "sessions",
        "d against 1 list": "d",
        "effect at 3 months": "3 months",
    },
    "static": {"recommender": "setting", **EFFECT, "minus static": "difference", **PLANS},
    "share": {"share, recommender": "setting", **EFFECT},
    "cases": {"cases, retention": "setting", **EFFECT, **PLANS},
    "neighbours": {"k": "setting", **EFFECT, **PLANS},
    "retention": {"cases from, retained": "setting", **EFFECT, **PLANS},
    "learning": {
        "cases from, retained": "setting",
        "effect: last minus first third": "3 months",
        "due to learning": "3 months learned",
        "fit: last minus first third": "fit",
        "due to learning ": "fit learned",
    },
}


def draw() -> None:
    """Draw the recorded effect by tailoring share, cases and neighbours."""
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), sharey=True, layout="constrained")
    of = {name: recorded(name) for name in ("share", "cases", "neighbours")}
    for kind, marker in (("oracle", "^"), ("cbr", "o"), ("guideline", "s")):
        chosen = of["share"][of["share"]["setting"].str.endswith(kind)]
        _line(axes[0], [float(s.split(",")[0]) for s in chosen["setting"]], chosen, kind, marker)
    for word, marker in (("frozen", "s"), ("shared", "o")):
        chosen = of["cases"][of["cases"]["setting"].str.endswith(word)]
        _line(axes[1], [int(s.split(",")[0]) for s in chosen["setting"]], chosen, word, marker)
    _line(axes[2], [int(s) for s in of["neighbours"]["setting"]], of["neighbours"], "", "o")
    axes[0].set(
        xlabel="tailoring_share", ylabel="effect on RMDQ at 3 months\n(points, lower is better)"
    )
    axes[1].set(xlabel="cases at the start", xscale="log")
    axes[2].set(xlabel="neighbours (k)", xscale="log")
    axes[0].legend(frameon=False)
    axes[1].legend(frameon=False)
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(RECORDS / "effect.png", dpi=130)
    plt.close(figure)


def _line(axis: plt.Axes, x: list, chosen: pd.DataFrame, label: str, marker: str) -> None:
    axis.errorbar(
        x, chosen[VISITS[0]], yerr=1.96 * chosen[f"{VISITS[0]} mcse"],
        marker=marker, label=label, capsize=2, linewidth=1,
    )  # fmt: skip


def main() -> None:
    """Run the studies and write their tables and figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--replicates", type=int, default=200, help="replicates of the alternatives"
    )
    parser.add_argument("--sweeps", type=int, default=60, help="replicates of all other settings")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path, help="write the tables here, not into the document")
    parser.add_argument("--study", action="append", choices=settings(), help="only these")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    given = parser.parse_args()
    records = given.out or RECORDS
    records.mkdir(parents=True, exist_ok=True)
    chosen = [study for study in settings() if not given.study or study in given.study]
    for study in chosen:
        names = settings()[study]
        replicates = given.replicates if study == "rivals" else given.sweeps
        found = joblib.Parallel(n_jobs=given.jobs)(
            joblib.delayed(partial(measure, names, tuple(given.set)))(replicate)
            for replicate in range(replicates)
        )
        runs = pd.DataFrame([row for rows in found for row in rows])
        record(study, summarize(runs, REFERENCE.get(study, next(iter(names)))), records)
        if study == "strength":
            record("kept", kept_by_random(runs), records)
        if study == "retention":
            record("learning", later_minus_earlier(runs), records)
        print(f"{study}: {len(names)} settings, {replicates} replicates", flush=True)
    if not given.out:
        written = [*chosen, *(also for study, also in ALSO.items() if study in chosen)]
        tables = {name: table(recorded(name), COLUMNS[name]) for name in written}
        insert(STUDIES.parent / "background" / "recommender.md", tables)
        draw()


def record(name: str, frame: pd.DataFrame, folder: Path) -> None:
    """Write a study's numbers."""
    frame.round(6).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def recorded(name: str) -> pd.DataFrame:
    """Read a study's numbers for all participants."""
    frame = pd.read_csv(RECORDS / f"{name}.csv", dtype={"setting": str})
    return frame[frame["part"] == "all"] if "part" in frame else frame


if __name__ == "__main__":
    main()
