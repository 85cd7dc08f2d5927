"""The difference of the primary outcome at the primary visit, by analyses that are named."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.contrasts.labels import name_of
from analysis.contrasts.planned import primary_labels
from analysis.decision.rule import IN_FAVOUR, NEITHER
from analysis.plan.analyse import analysis_names
from analysis.plan.family import hypotheses_of
from analysis.replicates.interim_summary import LOOKS
from analysis.sequential.looks import NOT_HELD
from scenarios.design.analyses import DIFFERENCE, OWN_ANALYSES, names_of, primary_contrast, suits
from scenarios.design.hypothesis import WITH_MARGIN
from scenarios.design.outcomes import Outcomes
from scenarios.design.trial import AnalysisPlan
from scenarios.errors import InputError, nearest
from scenarios.schema import Scenario
from sim.study.store.reading import KeptStudy

ESTIMATES, FAMILY = "estimates", "family"
"""Tables of a study."""
ANY, ALL = "any hypothesis", "all hypotheses"
"""Disjunctive and conjunctive power of a family."""
COLUMNS = (
    "replicate", "analysis", "estimate", "se", "p", "converged", "failure", "p_decision",
    "decision",
)  # fmt: skip


def with_analyses(scenario: Scenario, names: Sequence[str]) -> Scenario:
    """Return a scenario whose plan has some analyses of the primary difference.

    Alternatives, and analyses of a user's own, that it does not have are added.

    Raises
    ------
    InputError
        If there is no such analysis, or it yields no difference of the primary outcome.
    """
    plan = scenario.analysis
    known = dict.fromkeys([*analysis_names(plan), *names_of("alternative")])
    # A margin is in points: only analyses of differences have it.
    contrasts = {DIFFERENCE} if plan.hypothesis in WITH_MARGIN else {*map(primary_contrast, known)}
    allowed = [
        name
        for name in known
        if suits(name, scenario.primary_outcome.kind) and primary_contrast(name) in contrasts
    ]
    for name in names:
        try:
            OWN_ANALYSES.known_name(name, allowed)
        except ValueError:
            close = nearest(name, allowed)
            hint = f"did you mean {close}?" if close else f"must be one of {', '.join(allowed)}"
            raise InputError(
                f"--analysis {name} is not an analysis of the primary difference in "
                f"{scenario.name}: {hint}"
            ) from None
    missing = [name for name in names if name not in analysis_names(plan)]
    wider = plan.model_copy(update={"alternatives": (*plan.alternatives, *missing)})
    return scenario.model_copy(update={"analysis": wider, "truth": False})


def series_of(scenario: Scenario, analyses: Sequence[str]) -> tuple[str, ...]:
    """Return of what there is power: each analysis and contrast, and the family of hypotheses.

    With one contrast these are the analyses. With a procedure for several hypotheses there are,
    where the primary analysis is among those asked for, the decision on each hypothesis, on any
    of them (disjunctive power) and on all (conjunctive power).
    """
    plan, arms = scenario.analysis, scenario.arms
    names = [
        _series(analysis, name_of(label))
        for analysis in analyses
        for label in primary_labels(plan, arms, analysis)
    ]
    if _has_family(plan, analyses):
        names += [_series(plan.multiplicity.procedure, name) for name in hypotheses_of(plan, arms)]
        names += [_series(plan.multiplicity.procedure, name) for name in (ANY, ALL)]
    return tuple(names)


def series_asked(scenario: Scenario, analysis: str, hypothesis: str | None) -> str:
    """Return the series of :func:`series_of` that a user means.

    Parameters
    ----------
    scenario, analysis
        What is asked about.
    hypothesis
        A contrast, or a hypothesis of the family, ``any`` or ``all`` of it; None: the only
        contrast, or any hypothesis of the family.

    Raises
    ------
    InputError
        If there is none of that name, or several and none is named.
    """
    plan = scenario.analysis
    if _has_family(plan, [analysis]):
        names = {name: name for name in hypotheses_of(plan, scenario.arms)} | {
            "any": ANY,
            "all": ALL,
        }
        first: str = plan.multiplicity.procedure
        default: str | None = "any"
    else:
        labels = primary_labels(plan, scenario.arms, analysis)
        names = {name_of(label): name_of(label) for label in labels}
        first, default = analysis, "" if "" in names else None
    asked = default if hypothesis is None else hypothesis
    if asked is None or asked not in names:
        known = ", ".join(name for name in names if name)
        allowed = f"must be one of {known}" if known else "there is one contrast only, leave it out"
        told = "is missing" if asked is None else f"{asked} is not allowed"
        raise InputError(f"--hypothesis {told}: {allowed}")
    return _series(first, names[asked])


def primary_trials(folder: Path, scenario: Scenario, analyses: Sequence[str]) -> pd.DataFrame:
    """Return a row a replicate and series of the primary difference: estimate, P, decision.

    With interim looks P values and decisions allow for them, and there are ``participants`` and
    ``day`` of the look that ended the trial: of several contrasts, that decided the last one.
    """
    study = KeptStudy(folder)
    tables = {name: study[name].to_pandas() for name in (ESTIMATES, FAMILY) if name in study}
    chosen = primary_rows(tables, scenario, analyses)
    if not scenario.trial.interim.looks:
        return chosen
    looks = study[LOOKS].to_pandas()
    held = looks[looks["decision"] != NOT_HELD].groupby(["replicate", "analysis"])
    ends = held[["participants", "day"]].max()
    # A series is of one analysis, and the family of the primary one.
    of_series = {series: name for name in analyses for series in series_of(scenario, [name])}
    keys = [chosen["replicate"], chosen["analysis"].map(of_series)]
    mine = ends.reindex(pd.MultiIndex.from_arrays(keys))
    return chosen.assign(**{name: mine[name].to_numpy() for name in mine})


def primary_rows(
    tables: Mapping[str, pd.DataFrame], scenario: Scenario, analyses: Sequence[str]
) -> pd.DataFrame:
    """Return the rows of the primary difference, see :func:`primary_trials`.

    Parameters
    ----------
    tables
        ``estimates`` and, where the plan has a family of hypotheses, ``family``.
    scenario, analyses
        What was simulated, and which analyses are asked for.

    Returns
    -------
    Columns :data:`COLUMNS`, where ``analysis`` is one of :func:`series_of`.
    """
    plan, table = scenario.analysis, tables[ESTIMATES]
    at_primary = (table["outcome"] == plan.primary_outcome) & (table["visit"] == plan.primary_visit)
    found = []
    for analysis in analyses:
        for label in primary_labels(plan, scenario.arms, analysis):
            rows = table[
                at_primary & (table["analysis"] == analysis) & (table["contrast"] == label)
            ]
            found.append(rows.assign(analysis=_series(analysis, name_of(label)))[[*COLUMNS]])
    if _has_family(plan, analyses) and FAMILY in tables:
        found.append(_family_rows(tables[FAMILY], plan, scenario.scales))
    joined: pd.DataFrame = pd.concat(found)
    return joined.sort_values("replicate", kind="stable") if len(found) > 1 else joined


def _has_family(plan: AnalysisPlan, analyses: Sequence[str]) -> bool:
    return plan.multiplicity.procedure != "none" and plan.primary_analysis in analyses


def _family_rows(family: pd.DataFrame, plan: AnalysisPlan, outcomes: Outcomes) -> pd.DataFrame:
    """Return the rows of the hypotheses of a family, of any and of all of them.

    Any hypothesis is decided on by the smallest adjusted P value in favour of the intervention, or
    of all where none is; all of them by the largest, and in favour where each is.
    """
    procedure = plan.multiplicity.procedure
    better = family["outcome"].map(lambda name: outcomes[name].towards_better)
    own = family.assign(
        analysis=[_series(procedure, name) for name in family["hypothesis"]],
        p_decision=family["p_adjusted"],
        converged=family["p_adjusted"].notna(),
        se=np.nan,
        failure=np.where(family["p_adjusted"].notna(), "", "no estimate of a hypothesis"),
        favourable=better * family["estimate"],
    )
    adjusted = own["p_decision"].fillna(1.0)
    first = own.assign(
        order=np.where((own["favourable"] > 0.0) & (adjusted < 1.0), adjusted - 2.0, adjusted)
    ).sort_values(["replicate", "order"], kind="stable")
    last = own.assign(
        order=np.where(own["favourable"] > 0.0, adjusted, adjusted + 2.0)
    ).sort_values(["replicate", "order"], kind="stable")
    every = own["decision"].eq(IN_FAVOUR).groupby(own["replicate"]).all()
    of_any = first.groupby("replicate", sort=False).head(1).assign(analysis=_series(procedure, ANY))
    of_all = last.groupby("replicate", sort=False).tail(1).assign(analysis=_series(procedure, ALL))
    of_all = of_all.assign(
        decision=np.where(of_all["replicate"].map(every), IN_FAVOUR, NEITHER),
    )
    return pd.concat([own, of_any, of_all])[[*COLUMNS]]


def _series(analysis: str, name: str) -> str:
    return f"{analysis}, {name}" if name else analysis


def mean_ending(trials: pd.DataFrame, analysis: str) -> tuple[float | None, float | None]:
    """Return mean participants and days of trials with interim looks, None where there are none."""
    if "day" not in trials.columns:
        return None, None
    mine = trials[trials["analysis"] == analysis]
    return float(mine["participants"].mean()), float(mine["day"].mean())
