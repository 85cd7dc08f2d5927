"""One replicate: simulate a trial, then analyse it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from analysis.data.estimates import Estimate, estimates_table, replicates_table
from analysis.data.trial_data import TrialData
from analysis.describe.diagnostics import Diagnostics, diagnose
from analysis.describe.summaries import Row, check_rows, describe, summaries_table
from analysis.plan.analyse import Analysis, analyse
from analysis.plan.family import Adjusted, family_of, family_table
from analysis.sequential.family import family_of_looks
from analysis.sequential.looks import looks_table
from scenarios.schema import Scenario
from sim.batches.plain import can_be_at_once, trials_at_once
from sim.core.streams import Mechanism, Streams
from sim.replicates.interim import Held, conduct, hold_looks
from sim.simulate import simulate
from sim.tables import app_summaries, app_tables, trial_tables
from sim.tables.care_tables import care_table
from sim.tables.costs import costs_table
from sim.tables.true_effects import in_every_arm, true_effects
from sim.tables.truth_tables import TRUTH, potential_outcomes_table, truth_tables
from sim.trajectories.mechanistic import MechanisticTrajectories
from sim.trial import Trial

FAILURE_SCHEMA = pa.schema(
    [
        ("replicate", pa.int32()),
        *((name, pa.string()) for name in ("stage", "reason", "exception", "place")),
        ("seed", pa.int64()),
    ]
)
"""Stage: recommender, analysis, simulation, or replicate where none of these is known. Place: file,
line and function that raised the exception."""
PARTICIPANTS_AT_ONCE = 20_000
"""Of trials that are simulated at once: many enough for arrays, and they take no 100 MB."""


@dataclass(frozen=True, slots=True)
class AnalysedTrial:
    """A simulated trial with its analysis.

    Attributes
    ----------
    trial
        As its interim looks let it go on.
    whole
        As it would have gone without them; the same trial where there are none, or they neither
        stopped it nor dropped an arm.
    looks
        None where the scenario has none.
    data, analysis, checks, summaries
        What was analysed, with what result. Follow-up visits that an arm of a stopped trial did not
        reach are left out.
    """

    trial: Trial
    whole: Trial
    looks: Held | None
    data: TrialData
    analysis: Analysis
    checks: Diagnostics | None
    summaries: list[Row]

    @property
    def family_of_looks(self) -> list[Adjusted] | None:
        """The family of hypotheses as interim looks found it; None without looks."""
        return None if self.looks is None else _looked_at(self.looks, self.trial.scenario)

    def result_tables(self) -> dict[str, pa.Table]:
        """Return the tables that a study keeps of every replicate."""
        tables = self.analysis_tables()
        if self.trial.scenario.truth:
            tables["truth"] = true_effects(self.whole, len(self.data))
        return tables

    def tables(self) -> dict[str, pa.Table]:
        """Return all tables of the trial: its data, and what its analysis says.

        Where the scenario asks for the truth also what no trial has, under names that begin with
        ``truth/``.
        """
        tables = {**self.data_tables(), **self.analysis_tables()}
        if not self.trial.scenario.truth:
            return tables
        trials, participants = in_every_arm(self.whole), len(self.data)
        truth = truth_tables(self.trial)
        truth["potential_outcomes"] = potential_outcomes_table(trials, participants)
        truth["effects"] = true_effects(self.whole, participants, trials)
        return tables | {f"{TRUTH}{name}": table for name, table in truth.items()}

    def analysis_tables(self) -> dict[str, pa.Table]:
        """Return what the analysis of the trial says, and its flow."""
        replicate = self.trial.replicate
        tables = {
            "estimates": estimates_table(self.analysis.estimates, replicate),
            "summaries": summaries_table(self.summaries, replicate),
            "flow": trial_tables.flow_table(self.trial),
            "failures": FAILURE_SCHEMA.empty_table(),
        }
        if self.looks is not None:
            return tables | _of_looks([self.looks], self.trial.scenario, replicate)
        return tables | _family(self.trial.scenario, {replicate: self.analysis})

    def data_tables(self) -> dict[str, pa.Table]:
        """Return the trial's own data, see :func:`data_tables`."""
        return data_tables(self.trial, trial_tables.trial_data(self.trial))


def data_tables(trial: Trial, data: TrialData) -> dict[str, pa.Table]:
    """Return a trial's own data: participants, visits, events, app use."""
    tables = {
        "participants": trial_tables.participants_table(trial, data),
        "visits": trial_tables.visits_table(trial, data),
        "events": trial_tables.events_table(trial),
        "adverse_events": trial_tables.adverse_events_table(trial),
    }
    if isinstance(trial.trajectories, MechanisticTrajectories):
        tables["app_weeks"] = app_tables.app_weeks_table(trial)
        tables["steps"] = app_tables.steps_table(trial)
        tables["messages"] = app_tables.messages_table(trial)
        tables["plans"] = app_tables.plans_table(trial)
    care = care_table(trial)
    return tables if care is None else {**tables, "care": care}


def run_trial(scenario: Scenario, replicate: int, *, diagnostics: bool = True) -> AnalysedTrial:
    """Simulate one trial and run its prespecified analysis, with checks of the primary model.

    The primary analysis decides at interim looks. If one of them stops the trial, all else is run
    on what there is then.
    """
    whole = simulate(scenario, replicate)
    looks = hold_looks(whole, scenario.analysis.primary_analysis)
    trial = conduct(whole, looks)
    data = trial_tables.trial_data(trial)
    if looks is not None:
        data = data.reached(scenario.analysis.primary_outcome)
    analysis = analyse(data, scenario.analysis, _imputing(scenario, replicate))
    if looks is not None:
        analysis = replace(analysis, estimates=looks.reported(analysis.estimates))
    summaries = describe(data, scenario.analysis, analysis)
    checks = diagnose(data, scenario.analysis) if diagnostics else None
    summaries += check_rows(checks, scenario.analysis.primary_outcome)
    summaries += app_summaries.use_summaries(trial)
    if scenario.truth:
        summaries += app_summaries.plan_summaries(trial)
    summaries.append(("recruitment days", "", "", "all", trial.recruitment_days))
    if scenario.recommender is not None and scenario.recommender.on_failure == "fallback":
        summaries.append(
            ("plans by the fallback", "", "", "all", float(app_summaries.replaced_plans(trial)))
        )
    return AnalysedTrial(trial, whole, looks, data, analysis, checks, summaries)


def run_replicate(scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
    """Return the result tables of one replicate: estimates, summaries, flow, failures."""
    return run_trial(scenario, replicate).result_tables()


@dataclass(frozen=True, slots=True)
class PickedAnalyses:
    """Replicates that run some analyses only, for studies that compare designs.

    Attributes
    ----------
    picked
        Names among :func:`analysis.plan.analyse.analysis_names`. With interim looks each of them
        decides for itself, as if it were the primary one.
    costs
        Whether to keep what each trial used up, and its flow: with interim looks those of the trial
        that the first one picked stops.
    """

    picked: tuple[str, ...]
    costs: bool = False

    def at_once(self, scenario: Scenario) -> bool:
        """Return whether several replicates are run together, without events."""
        return can_be_at_once(scenario) and not (self.costs or scenario.truth)

    def several(self, scenario: Scenario, replicates: Sequence[int]) -> dict[str, pa.Table]:
        """Return the tables of several replicates that can be run :meth:`at_once`.

        They are the same, to the last bit, as those of one after another.

        Raises
        ------
        NotAtOnceError
            If one of them has to be run for itself.
        """
        size = max(1, PARTICIPANTS_AT_ONCE // scenario.trial.sample_size)
        parts = [replicates[first : first + size] for first in range(0, len(replicates), size)]
        found = {
            number: analyse(data, scenario.analysis, _imputing(scenario, number), self.picked)
            for part in parts
            for number, data in zip(part, trials_at_once(scenario, part), strict=True)
        }
        return {
            "failures": FAILURE_SCHEMA.empty_table(),
            "estimates": replicates_table({n: each.estimates for n, each in found.items()}),
            **_family(scenario, found),
        }

    def __call__(self, scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
        """Return the tables of one replicate: estimates, failures, and what else there is."""
        whole = simulate(scenario, replicate)
        tables = {"failures": FAILURE_SCHEMA.empty_table()}
        looks = [held for name in self.picked if (held := hold_looks(whole, name)) is not None]
        if looks:
            estimates = [e for held in looks for e in _ended_by(held)]
            tables |= _of_looks(looks, scenario, replicate)
        else:
            analysis = _analysed(whole, trial_tables.trial_data(whole), self.picked)
            estimates = analysis.estimates
            tables |= _family(scenario, {replicate: analysis})
        tables["estimates"] = estimates_table(estimates, replicate)
        trial = whole
        if self.costs:
            trial = conduct(whole, looks[0] if looks else None)
            tables["flow"] = trial_tables.flow_table(trial)
            tables["costs"] = costs_table(trial)
        if scenario.truth:
            tables["truth"] = true_effects(whole, len(trial.cohort.randomized))
        return tables


def _ended_by(looks: Held) -> list[Estimate]:
    """Return what an analysis finds in the trial that it ends itself."""
    trial = looks.trial
    data = trial_tables.trial_data(trial, before=looks.day)
    reached = data.reached(trial.scenario.analysis.primary_outcome)
    return looks.reported(_analysed(trial, reached, (looks.analysis,)).estimates)


def _of_looks(looks: Sequence[Held], scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
    """Return the looks of a replicate, and the family of hypotheses where the plan has one."""
    found = {"looks": looks_table([c for held in looks for c in held.contrasts], replicate)}
    plan = scenario.analysis
    if plan.multiplicity.procedure == "none":
        return found
    rows = [
        row
        for held in looks
        if held.analysis == plan.primary_analysis
        for row in _looked_at(held, scenario)
    ]
    return {**found, "family": family_table(rows, replicate)}


def _looked_at(looks: Held, scenario: Scenario) -> list[Adjusted]:
    """Return the family of hypotheses of a plan that has one, as the looks found it."""
    plan = scenario.analysis
    if plan.multiplicity.procedure == "none":
        return []
    return family_of_looks(looks.contrasts, plan, scenario.arms)


def _analysed(trial: Trial, data: TrialData, picked: tuple[str, ...]) -> Analysis:
    rng = _imputing(trial.scenario, trial.replicate)
    return analyse(data, trial.scenario.analysis, rng, picked)


def _family(scenario: Scenario, found: Mapping[int, Analysis]) -> dict[str, pa.Table]:
    """Return the family of hypotheses of some replicates; nothing where the plan has none."""
    plan = scenario.analysis
    if plan.multiplicity.procedure == "none":
        return {}
    tables = [
        family_table(
            family_of(each.estimates, each.joint, plan, scenario.arms, scenario.scales), number
        )
        for number, each in found.items()
    ]
    return {"family": pa.concat_tables(tables)}


def _imputing(scenario: Scenario, replicate: int) -> np.random.Generator:
    """Return the source of the imputations of a replicate."""
    return Streams(scenario.seed, replicate).generator(Mechanism.IMPUTATION)
