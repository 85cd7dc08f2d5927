"""``selfback analyse``: the prespecified analysis on anyone's data."""

from pathlib import Path

import pyarrow.parquet as pq

from analysis.data.estimates import estimates_table
from analysis.data.read_data import BASELINE, read_trial
from analysis.data.trial_data import TrialData
from analysis.describe.diagnostics import diagnose
from analysis.plan.analyse import analyse as run_plan
from analysis.plan.analyse import analysis_names
from analysis.report.report_trial import print_trial
from scenarios.design.analyses import ADJUSTED
from scenarios.design.trial import AnalysisPlan
from scenarios.errors import InputError, nearest
from scenarios.people.course import NormalCourse
from scenarios.people.patients import Categories
from scenarios.schema import Scenario
from sim.cli.output import print_json, say, stdout_console
from sim.core.streams import Mechanism, Streams
from sim.study.folder import new_folder


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
    plan = _restricted(_plan(scenario), outcomes)
    picked = analysis_names(plan) if analyses is None else _names(analyses)
    for name in picked:
        _known("--analyses", name, analysis_names(plan))
    data = read_trial(
        participants,
        visits,
        visit_names=(BASELINE, *(visit.name for visit in scenario.trial.visits)),
        covariates=plan.covariates,
        outcomes=tuple(dict.fromkeys((*_outcomes(plan), *_baseline_scores(plan)))),
        levels=_levels(scenario),
        mapping=mapping,
        bounded=not isinstance(scenario.course, NormalCourse),
        clinics=plan.cluster == "clinic",
    )
    looks = bool(scenario.trial.interim.looks)
    if looks:
        data = _reached(data, plan, visits)
    # The luck of a first replicate, so that an exported trial gives the imputations it had.
    rng = Streams(scenario.seed, 0).generator(Mechanism.IMPUTATION)
    analysis = run_plan(data, plan, rng, picked)
    if out is not None:
        with new_folder(out, overwrite=overwrite) as folder:
            pq.write_table(estimates_table(analysis.estimates, 0), folder / "estimates.parquet")
    if as_json:
        rows = estimates_table(analysis.estimates, 0).drop_columns(["replicate"]).to_pylist()
        print_json(rows)
    else:
        checked = ADJUSTED in picked and plan.primary_outcome in plan.continuous
        checks = diagnose(data, plan) if checked else None
        print_trial(data, plan, analysis, checks, None, stdout_console())
    if looks:
        say(f"the plan of {scenario.name} has interim looks: these P values do not allow for them")
    if out is not None:
        say(f"the estimates are in {out}")
    return 0


def _reached(data: TrialData, plan: AnalysisPlan, file: Path) -> TrialData:
    """Leave out the visits that a trial with looks had not reached when one of them stopped it."""
    outcomes = (plan.primary_outcome, *_outcomes(plan))
    found = data.reached(next(name for name in outcomes if name in data.scores))
    if plan.primary_visit not in found.visits:
        raise InputError(f"{file}: an arm has no answer at the primary visit, {plan.primary_visit}")
    return found


def _plan(scenario: Scenario) -> AnalysisPlan:
    """Return a scenario's plan for the outcomes that its trial has."""
    if isinstance(scenario.course, NormalCourse):
        return scenario.analysis.model_copy(
            update={"secondary_response": {}, "secondary_level": {}}
        )
    return scenario.analysis


def _outcomes(plan: AnalysisPlan) -> tuple[str, ...]:
    """Return every outcome that a plan analyses."""
    return tuple(dict.fromkeys((*plan.continuous, *plan.secondary_response, *plan.secondary_level)))


def _restricted(plan: AnalysisPlan, outcomes: str | None) -> AnalysisPlan:
    """Limit the plan to some outcomes."""
    if outcomes is None:
        return plan
    chosen = _names(outcomes)
    for name in chosen:
        _known("--outcomes", name, _outcomes(plan))
    changes: dict[str, object] = {
        "continuous": tuple(name for name in plan.continuous if name in chosen),
        "secondary_response": {k: v for k, v in plan.secondary_response.items() if k in chosen},
        "secondary_level": {k: v for k, v in plan.secondary_level.items() if k in chosen},
    }
    if plan.primary_outcome not in chosen:
        changes |= {"responder_points": (), "sensitivity": (), "alternatives": ()}
    return plan.model_copy(update=changes)


def _names(listed: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in listed.split(","))


def _known(option: str, name: str, allowed: tuple[str, ...]) -> None:
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
