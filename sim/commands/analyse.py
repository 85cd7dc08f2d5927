"""``selfback analyse``: the prespecified analysis on anyone's data."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from analysis.data import TrialData
from analysis.estimates import estimates_table
from analysis.plan import Analysis
from analysis.plan import analyse as run_plan
from analysis.read_data import BASELINE, read_trial
from analysis.report_trial import print_trial
from scenarios.design import AnalysisPlan
from scenarios.errors import InputError, nearest
from scenarios.patients import Categories
from scenarios.schema import Scenario
from sim.commands.output import say, stdout_console
from sim.study.folder import new_folder
from sim.study.json_text import json_text


def analyse(
    participants: Path,
    visits: Path,
    scenario: Scenario,
    *,
    mapping: Path | None,
    outcomes: str | None,
    analyses: str | None,
    out: Path | None,
    overwrite: bool,
    as_json: bool,
) -> int:
    """Analyse two tables by a scenario's plan and print Tables 1 to 3.

    Raises
    ------
    InputError
        If a table, a name or the folder is not as it must be.
    """
    plan = _restricted(scenario.analysis, outcomes)
    data = read_trial(
        participants,
        visits,
        visit_names=(BASELINE, *(visit.name for visit in scenario.trial.visits)),
        covariates=plan.covariates,
        outcomes=tuple(dict.fromkeys((*plan.continuous, *_baseline_scores(plan)))),
        levels=_levels(scenario),
        mapping=mapping,
    )
    analysis = _picked(run_plan(data, plan, np.random.default_rng(scenario.seed)), analyses)
    if out is not None:
        with new_folder(out, overwrite=overwrite) as folder:
            pq.write_table(estimates_table(analysis.estimates, 0), folder / "estimates.parquet")
    _show(data, plan, analysis, as_json=as_json)
    if out is not None:
        say(f"the estimates are in {out}")
    return 0


def _show(data: TrialData, plan: AnalysisPlan, analysis: Analysis, *, as_json: bool) -> None:
    if as_json:
        rows = estimates_table(analysis.estimates, 0).drop_columns(["replicate"]).to_pylist()
        print(json_text(rows))  # noqa: T201
        return
    print_trial(data, plan, analysis, None, stdout_console())


def _restricted(plan: AnalysisPlan, outcomes: str | None) -> AnalysisPlan:
    """Limit the plan to some continuous outcomes."""
    if outcomes is None:
        return plan
    chosen = tuple(name.strip() for name in outcomes.split(","))
    for name in chosen:
        _known("--outcomes", name, list(plan.continuous))
    secondary = {k: v for k, v in plan.secondary_response.items() if k in chosen}
    changes: dict[str, object] = {"continuous": chosen, "secondary_response": secondary}
    if plan.primary_outcome not in chosen:
        changes |= {"responder_points": (), "sensitivity": (), "alternatives": ()}
    return plan.model_copy(update=changes)


def _picked(analysis: Analysis, analyses: str | None) -> Analysis:
    """Keep the estimates of some analyses."""
    if analyses is None:
        return analysis
    names = [name.strip() for name in analyses.split(",")]
    run = list(dict.fromkeys(estimate.analysis for estimate in analysis.estimates))
    for name in names:
        _known("--analyses", name, run)
    kept = [estimate for estimate in analysis.estimates if estimate.analysis in names]
    return Analysis(kept, analysis.arm_means)


def _known(option: str, name: str, allowed: list[str]) -> None:
    if name not in allowed:
        close = nearest(name, allowed)
        hint = f"did you mean {close}?" if close else f"must be among {', '.join(allowed)}"
        raise InputError(f"{option} {name} is unknown: {hint}")


def _baseline_scores(plan: AnalysisPlan) -> tuple[str, ...]:
    """Return the covariates that are baseline scores."""
    return ("nrs_average",) if "nrs_average" in plan.covariates else ()


def _levels(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the order of levels as the scenario has it."""
    margins = scenario.population.margins.items()
    levels: dict[str, tuple[str, ...]] = {
        name: margin.levels for name, margin in margins if isinstance(margin, Categories)
    }
    strata = scenario.trial.strata
    levels["country"] = tuple(dict.fromkeys(stratum.country for stratum in strata))
    levels["clinician"] = tuple(dict.fromkeys(stratum.clinician for stratum in strata))
    return levels
