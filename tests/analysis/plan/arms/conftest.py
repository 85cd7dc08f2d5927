"""Made-up trials of three and four arms of unequal size: the fixture ``many``."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from analysis.data.estimates import Estimate
from analysis.data.trial_data import TrialData
from analysis.plan.analyse import Analysis, analyse
from scenarios.analyses.plan import AnalysisPlan, DeclaredContrast
from scenarios.arms.declared import Arm
from scenarios.design.outcomes import Outcome, by_name

VISITS = ("baseline", "6 weeks", "3 months", "9 months")
NAMES = ("usual", "band", "app", "both")
OUTCOMES = by_name(
    (
        Outcome(name="score", label="Score", direction="lower is better"),
        Outcome(
            name="event", label="Event", kind="binary", direction="lower is better",
            has_baseline=False,
        ),
        Outcome(
            name="falls", label="Falls", kind="count", direction="lower is better",
            has_baseline=False,
        ),
    )
)  # fmt: skip


def trial(arms: int = 3, n: int = 150, seed: int = 1, missing: float = 0.15) -> TrialData:
    """Three outcomes at four visits, a covariate of levels and a number; arms of unequal size."""
    rng = np.random.default_rng(seed)
    shares = np.array([3, 2, 1, 2])[:arms]
    arm = rng.permutation(np.repeat(np.arange(arms), shares * n // shares.sum()))
    n = len(arm)
    person, effect = rng.normal(12.0, 3.0, (n, 1)), np.array([0.0, -0.5, -2.0, -3.0])[arm]
    follow = np.array([0.0, 1.0, 1.0, 1.0])
    frailty = rng.normal(0.0, 0.3, (n, 1))
    drawn = {
        "score": person - 2 * follow + effect[:, None] * follow + rng.normal(0.0, 3.0, (n, 4)),
        "event": (rng.random((n, 4)) < 0.5 + 0.08 * effect[:, None]).astype(float),
        "falls": rng.poisson(np.exp(0.5 + 0.2 * effect[:, None] + frailty), (n, 4)).astype(float),
    }
    lost = rng.random((n, 4)) < missing
    lost[:, 0] = False
    scores = {name: np.where(lost, np.nan, values) for name, values in drawn.items()}
    for name in ("event", "falls"):
        scores[name][:, 0] = np.nan
    return TrialData(
        participant=np.arange(n),
        arm=arm,
        visits=VISITS,
        scores=scores,
        traits={"age": rng.normal(50.0, 10.0, n), "site": rng.integers(0, 3, n).astype(float)},
        levels={"site": ("a", "b", "c")},
        plans_made=rng.integers(0, 10, n).astype(float),
        outcomes=OUTCOMES,
        arms=tuple(Arm(name=name, label=name.title()) for name in NAMES[:arms]),
        covariates={},
    )


def plan(**changed: object) -> AnalysisPlan:
    """A plan on the score, unless another outcome is the primary one."""
    contrasts = changed.pop("contrasts", {})
    given = {
        "primary_outcome": "score",
        "primary_visit": "3 months",
        "continuous": ("score",),
        "covariates": ("site", "age"),
        "adherence_plans": 5,
        "imputations": 5,
    }
    declared = tuple(DeclaredContrast(name=name, weights=w) for name, w in contrasts.items())
    return AnalysisPlan(**given | changed, contrasts=declared)


def run(data: TrialData, *picked: str, **changed: object) -> Analysis:
    """Run a plan, or some analyses of it."""
    return analyse(data, plan(**changed), np.random.default_rng(1), picked or None)


def rows(data: TrialData, *picked: str, **changed: object) -> dict[tuple[str, str, str], Estimate]:
    """Run a plan; estimates by analysis, visit and contrast."""
    found = run(data, *picked, **changed).estimates
    return {(each.analysis, each.visit, each.contrast): each for each in found}


def without(data: TrialData, arm: int, visit: str) -> TrialData:
    """Return a trial in which an arm never answered at a visit."""
    scores = {name: values.copy() for name, values in data.scores.items()}
    for values in scores.values():
        values[data.arm == arm, data.visits.index(visit)] = np.nan
    return replace(data, scores=scores)


def reordered(data: TrialData, order: tuple[int, ...]) -> TrialData:
    """Return the same trial with its arms in another order, the first of which is the reference."""
    place = np.argsort(order)
    return replace(data, arm=place[data.arm], arms=tuple(data.arms[code] for code in order))


def columns(data: TrialData) -> np.ndarray:
    """Return the plan's covariates as columns (n, 3)."""
    site = data.traits["site"]
    return np.column_stack([site == 1, site == 2, data.traits["age"] - data.traits["age"].mean()])


def stacked(data: TrialData, outcome: str, visits: tuple[int, ...], arms: bool) -> tuple:
    """Return y, X and participant of the answers, by loops: visits, arms at them, covariates."""
    y, X, who = [], [], []
    k = len(data.arms)
    effects = [(visit, arm) for visit in visits if visit for arm in range(1, k)] if arms else []
    adjust = columns(data)
    for person in range(len(data)):
        for visit in visits:
            value = data.scores[outcome][person, visit]
            if np.isnan(value):
                continue
            here = [float(visit == other) for other in visits]
            given = [float((visit, data.arm[person]) == each) for each in effects]
            y.append(value)
            X.append([*here, *given, *adjust[person]])
            who.append(person)
    place = {each: len(visits) + n for n, each in enumerate(effects)}
    return np.array(y), np.array(X), np.array(who), place


@pytest.fixture(scope="session")
def many() -> SimpleNamespace:
    """The functions of this file."""
    return SimpleNamespace(
        trial=trial, plan=plan, run=run, rows=rows, without=without, reordered=reordered,
        columns=columns, stacked=stacked, visits=VISITS,
    )  # fmt: skip
