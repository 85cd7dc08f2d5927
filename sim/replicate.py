"""One replicate: simulate a trial, then analyse it."""

from dataclasses import dataclass

import pyarrow as pa

from analysis.data import TrialData
from analysis.describe import Row, check_rows, describe, summaries_table
from analysis.diagnostics import Diagnostics, diagnose
from analysis.estimates import estimates_table
from analysis.plan import Analysis, analyse
from scenarios.schema import Scenario
from sim import app_tables, dataset
from sim.costs import costs_table
from sim.streams import Mechanism, Streams
from sim.trial import Trial, simulate
from sim.truth import true_effects

FAILURE_SCHEMA = pa.schema(
    [("replicate", pa.int32()), ("stage", pa.string()), ("reason", pa.string())]
)


@dataclass(frozen=True, slots=True)
class AnalysedTrial:
    """A simulated trial with its analysis."""

    trial: Trial
    data: TrialData
    analysis: Analysis
    checks: Diagnostics | None
    summaries: list[Row]

    def result_tables(self) -> dict[str, pa.Table]:
        """Return the tables that a study keeps of every replicate."""
        replicate = self.trial.replicate
        tables = {
            "estimates": estimates_table(self.analysis.estimates, replicate),
            "summaries": summaries_table(self.summaries, replicate),
            "flow": dataset.flow_table(self.trial),
            "failures": FAILURE_SCHEMA.empty_table(),
        }
        if self.trial.scenario.truth:
            tables["truth"] = true_effects(self.trial)
        return tables

    def data_tables(self) -> dict[str, pa.Table]:
        """Return the trial's own data, see :func:`data_tables`."""
        return data_tables(self.trial, self.data)


def data_tables(trial: Trial, data: TrialData) -> dict[str, pa.Table]:
    """Return a trial's own data: participants, visits, symptoms, app use, events.

    ``missingness`` is what no trial has: the truth behind its gaps.
    """
    tables = {
        "participants": dataset.participants_table(trial, data),
        "visits": dataset.visits_table(trial, data),
        "events": dataset.events_table(trial),
        "adverse_events": dataset.adverse_events_table(trial),
        "missingness": dataset.missingness_table(trial),
    }
    if trial.natural is not None:
        tables["symptoms"] = dataset.symptoms_table(trial)
        tables["app_weeks"] = app_tables.app_weeks_table(trial)
        tables["steps"] = app_tables.steps_table(trial)
        tables["messages"] = app_tables.messages_table(trial)
        tables["plans"] = app_tables.plans_table(trial)
    return tables


def run_trial(scenario: Scenario, replicate: int, *, diagnostics: bool = True) -> AnalysedTrial:
    """Simulate one trial and run its prespecified analysis, with checks of the primary model."""
    trial = simulate(scenario, replicate)
    data = dataset.trial_data(trial)
    rng = Streams(scenario.seed, replicate).generator(Mechanism.IMPUTATION)
    analysis = analyse(data, scenario.analysis, rng)
    summaries = describe(data, scenario.analysis, analysis)
    checks = diagnose(data, scenario.analysis) if diagnostics else None
    summaries += check_rows(checks, scenario.analysis.primary_outcome)
    summaries += app_tables.plan_summaries(trial)
    summaries.append(("recruitment days", "", "", "all", trial.recruitment_days))
    if scenario.recommender.on_failure == "fallback":
        summaries.append(
            ("plans by the fallback", "", "", "all", float(app_tables.replaced_plans(trial)))
        )
    return AnalysedTrial(trial, data, analysis, checks, summaries)


def run_replicate(scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
    """Return the result tables of one replicate: estimates, summaries, flow, failures."""
    return run_trial(scenario, replicate).result_tables()


@dataclass(frozen=True, slots=True)
class PickedAnalyses:
    """Replicates that run some analyses only, for studies that compare designs.

    Attributes
    ----------
    picked
        Names among :func:`analysis.plan.analysis_names`.
    costs
        Whether to keep what each trial used up.
    """

    picked: tuple[str, ...]
    costs: bool = False

    def __call__(self, scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
        """Return the tables of one replicate: estimates, flow, failures; truth and costs if any."""
        trial = simulate(scenario, replicate)
        rng = Streams(scenario.seed, replicate).generator(Mechanism.IMPUTATION)
        analysis = analyse(dataset.trial_data(trial), scenario.analysis, rng, self.picked)
        tables = {
            "estimates": estimates_table(analysis.estimates, replicate),
            "flow": dataset.flow_table(trial),
            "failures": FAILURE_SCHEMA.empty_table(),
        }
        if scenario.truth:
            tables["truth"] = true_effects(trial)
        if self.costs:
            tables["costs"] = costs_table(trial)
        return tables
