"""The tables that a trial yields, with their columns, units and codes."""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from analysis.data.trial_data import BASELINE, TrialData
from scenarios.arms.codes import REFERENCE
from scenarios.design.covariates import covariates_by_name
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.core.cohort import Cohort
from sim.enrolment.dispositions import AT_CONTACT, BELOW_MINIMUM, RANDOMIZED, fate_names
from sim.followup.questionnaires import questionnaire_events
from sim.trial import Trial

FLOW_SCHEMA = pa.schema([("replicate", pa.int32()), ("stage", pa.string()), ("count", pa.int32())])


def trial_data(trial: Trial, before: float = np.inf) -> TrialData:
    """Return what the analysis sees of a trial, participants in order of randomization.

    Parameters
    ----------
    trial
        What was simulated.
    before
        Day of the trial's clock; who was randomized later, or what came in later, is left out.
    """
    cohort = trial.cohort
    rows = cohort.randomized
    rows = rows[cohort.entered[rows] < before]
    data = data_of(trial.scenario, cohort, rows, trial.scores, plans_made(trial, before)[rows])
    if before == np.inf:
        return data
    late = cohort.entered[rows, None] + cohort.answered[rows] >= before
    scores = {name: np.where(late, np.nan, given) for name, given in data.scores.items()}
    return replace(data, scores=scores)


def data_of(
    scenario: Scenario,
    cohort: Cohort,
    rows: np.ndarray,
    given: dict[str, np.ndarray],
    plans: np.ndarray | None = None,
) -> TrialData:
    """Return what the analysis sees of some rows of a cohort.

    Parameters
    ----------
    scenario, cohort
        The trial, and who there is; traits that are not known of them are left out.
    rows
        The participants, in order of randomization.
    given
        Outcome to (rows of the cohort, visits + 1) scores, NaN where not answered.
    plans
        Plans that each made in the weeks of adherence; by default nobody made any.
    """
    design, values = scenario.trial, cohort.patients.values
    stratum = cohort.stratum[rows]
    known = scenario.levels
    traits: dict[str, np.ndarray] = {}
    for factor in design.factors:
        codes = [known[factor].index(each.levels[factor]) for each in design.strata]
        traits[factor] = np.array(codes)[stratum]
    # Those of the stratum first, then those of the patient, as they are declared.
    for covariate in scenario.covariates:
        if covariate.name not in traits and covariate.name in values:
            traits[covariate.name] = values[covariate.name][rows]
    levels = {name: known[name] for name in traits if name in known}
    outcomes = scenario.scales
    scores = {name: given[name][rows] for name in outcomes if name in given}
    if "nrs_average" in outcomes and "nrs_average" not in scores and "pain" in values:
        traits["nrs_average"] = values["pain"][rows]
    return TrialData(
        participant=np.arange(1, len(rows) + 1),
        arm=cohort.arm[rows],
        visits=(BASELINE, *(visit.name for visit in scenario.trial.visits)),
        scores=scores,
        traits=traits,
        levels=levels,
        plans_made=np.zeros(len(rows), dtype=np.int64) if plans is None else plans,
        outcomes=outcomes,
        arms=scenario.arms,
        covariates=covariates_by_name(scenario.covariates),
        strata=design.factors,
        clinic=cohort.clinic[rows] if scenario.clinics.number else None,
    )


def plans_made(trial: Trial, before: float = np.inf) -> np.ndarray:
    """Return plans made in the adherence weeks after randomization, (rows of the cohort,).

    Only those of days before a day of the trial's clock are counted.
    """
    count = np.zeros(len(trial.cohort.patients), dtype=np.int64)
    window = 7 * trial.scenario.analysis.adherence_weeks
    for batch in (batch for batch in trial.plan_log if batch.day < before):
        count[batch.rows] += batch.day - trial.cohort.entry[batch.rows] < window
    return count


def flow_counts(trial: Trial) -> dict[str, int]:
    """Return the CONSORT counts: enrolment by fate; allocation, losses, answers, harms by arm."""
    cohort, rows = trial.cohort, trial.cohort.randomized
    fates = {name: trial.fates.get(name, 0) for name in fate_names(trial.scenario)}
    recruitment = trial.scenario.recruitment
    assessed = sum(count for name, count in fates.items() if name not in AT_CONTACT)
    groups = {
        group: sum(fates[e.reason] for e in recruitment.exclusions if e.group == group)
        for group in ("inclusion", "other")
    }
    required = {*BELOW_MINIMUM, *(each.reason for each in recruitment.eligibility)}
    below = sum(count for name, count in fates.items() if name in required)
    counts = {
        "interested": sum(fates.values()),
        **{name: fates[name] for name in AT_CONTACT},
        "assessed for eligibility": assessed,
        "excluded": assessed - fates[RANDOMIZED],
        "did not meet inclusion criteria": groups["inclusion"] + below,
        "other reasons": groups["other"],
        **{name: fates[name] for name in list(fates)[2:-1]},
        RANDOMIZED: fates[RANDOMIZED],
    }
    for code, (arm, follow) in enumerate(
        zip(trial.scenario.arms, trial.scenario.follow_ups, strict=True)
    ):
        members = rows[cohort.arm[rows] == code]
        counts[f"{arm.name}: allocated"] = len(members)
        received = _received(trial.scenario, code)
        if received:
            given = cohort.installed[members] < np.iinfo(np.int64).max
            counts[f"{arm.name}: {received}"] = int(given.sum())
        before = 0.0
        for column, visit in enumerate(trial.scenario.trial.visits, start=1):
            leaves = cohort.withdraws_after[members]
            left = (leaves > before) & (leaves <= visit.day)
            answered = ~np.isnan(cohort.answered[members, column])
            counts[f"{arm.name}: withdrew by {visit.name}"] = int(left.sum())
            counts[f"{arm.name}: answered at {visit.name}"] = int(answered.sum())
            before = visit.day
        for reason in follow.withdrawal_reasons:
            withdrew = (leaves <= before) & (cohort.withdrawal_reason[members] == reason)
            counts[f"{arm.name}: withdrew: {reason}"] = int(withdrew.sum())
        harms = [event for event in cohort.adverse_events if cohort.arm[event.row] == code]
        counts[f"{arm.name}: adverse events"] = len(harms)
        counts[f"{arm.name}: serious adverse events"] = sum(event.serious for event in harms)
    return counts


def _received(scenario: Scenario, code: int) -> str:
    """Return what it is to receive what an arm is given, '' where there is nothing to receive."""
    given = scenario.given[code]
    # Under a plain course nobody is given anything; flows of two arms count nobody's app all the
    # same where the scenario has one, so that they have the stages of the trial that it simplifies.
    plain = not isinstance(scenario.course, MechanisticCourse)
    simplified = plain and len(scenario.arms) == 2 and scenario.app is not None
    if given.app or (simplified and code != REFERENCE):
        return "installed the app"
    return "got the wristband" if given.wristband else ""


def flow_table(trial: Trial) -> pa.Table:
    """Return the CONSORT counts as a table (replicate, stage, count)."""
    counts = flow_counts(trial)
    rows = [[trial.replicate] * len(counts), list(counts), list(counts.values())]
    return pa.table(rows, schema=FLOW_SCHEMA)


def participants_table(trial: Trial, data: TrialData) -> pa.Table:
    """Return a row a participant: traits, stratum, arm, days on the trial's clock, adherence.

    Waiting times are differences: from interest to the end of screening, from randomization to the
    first whole day with the app, or with the wristband where an arm gets one alone, if the scenario
    has them. ``clinic`` is the number of the clinic,
    where there are clinics.
    """
    cohort, rows = trial.cohort, trial.cohort.randomized
    columns: dict[str, object] = {
        "participant": data.participant,
        "arm": [data.arm_names[arm] for arm in data.arm],
    }
    for name, values in data.traits.items():
        if name in data.levels:
            columns[name] = [data.levels[name][int(code)] for code in values]
        else:
            columns[name] = values
    columns["interest_day"] = cohort.interest_day[rows]
    columns["calls"] = cohort.calls[rows]
    columns["screened_day"] = cohort.screened[rows]
    columns["randomized_day"] = cohort.entry[rows]
    with_app = trial.scenario.app is not None
    if with_app:
        installed = cohort.installed[rows].astype(float)
        columns["installed_day"] = pa.array(
            installed, mask=cohort.installed[rows] == np.iinfo(np.int64).max
        )
    leaves = cohort.withdraws_after[rows]
    last = trial.scenario.trial.visits[-1].day
    columns["withdrew_after_days"] = pa.array(leaves, mask=leaves > last)
    columns["withdrawal_reason"] = [
        reason if leave <= last else "" for reason, leave in
        zip(cohort.withdrawal_reason[rows], leaves, strict=True)
    ]  # fmt: skip
    if with_app:
        columns["plans_made"] = data.plans_made
    if data.clinic is not None:
        columns["clinic"] = data.clinic + 1
    return pa.table(columns)


def visits_table(trial: Trial, data: TrialData) -> pa.Table:
    """Return a row a participant and visit: day answered, scores, answers to items as given.

    What was not answered is null. ``reminders`` counts the reminders sent and the retention calls
    made after them. Items are coded by questionnaire and number in it.
    """
    n, visits = len(data), len(data.visits)
    answered = trial.cohort.answered[trial.cohort.randomized].ravel()
    columns: dict[str, object] = {
        "participant": np.repeat(data.participant, visits),
        "visit": list(data.visits) * n,
        "answered_after_days": pa.array(answered, mask=np.isnan(answered)),
        "reminders": trial.cohort.reminders[trial.cohort.randomized].ravel(),
    }
    for name, scores in data.scores.items():
        flat = scores.ravel()
        columns[name] = pa.array(flat, mask=np.isnan(flat))
    for code, answers in trial.item_answers().items():
        flat = answers[trial.cohort.randomized].ravel()
        missing = np.isnan(flat)
        columns[code] = pa.array(np.where(missing, 0, flat).astype(np.int8), mask=missing)
    return pa.table(columns)


def adverse_events_table(trial: Trial) -> pa.Table:
    """Return a row an adverse event: who, reported and reviewed on which day, of which kind."""
    events, number = trial.cohort.adverse_events, trial.cohort.number
    reviewed = np.array([event.reviewed for event in events], dtype=float)
    return pa.table(
        {
            "participant": pa.array([int(number[event.row]) + 1 for event in events], pa.int64()),
            "reported_day": pa.array([event.reported for event in events], pa.float64()),
            "serious": pa.array([event.serious for event in events], pa.bool_()),
            "related": pa.array([event.related for event in events], pa.bool_()),
            "reviewed_day": pa.array(reviewed, mask=np.isnan(reviewed)),
        }
    )


def events_table(trial: Trial) -> pa.Table:
    """Return the log in order of time: day on the trial's clock, participant, what, detail."""
    cohort = trial.cohort
    log = sorted([*cohort.events, *questionnaire_events(trial.scenario, cohort)])
    day, row, what, detail = zip(*log, strict=True)
    return pa.table(
        {
            "day": list(day),
            "participant": cohort.number[np.array(row)] + 1,
            "what": list(what),
            "detail": list(detail),
        }
    )
