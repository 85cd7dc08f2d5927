"""The tables that a trial yields, with their columns, units and codes."""

import numpy as np
import pyarrow as pa

from agents.instruments import OUTCOMES
from agents.symptoms import CLASSES, LEAD_IN
from analysis.data import TrialData
from recommender.protocol import ATTRIBUTES
from scenarios.patients import Categories
from sim.candidates import RANDOMIZED, fate_names
from sim.randomization import ARMS
from sim.trial import Trial

BASELINE = "baseline"
TABLE1_TRAITS = (
    "age", "bmi", "sex", "education", "employment", "cohabiting", "duration", "lbp_days",
    "medication",
)  # fmt: skip


def trial_data(trial: Trial) -> TrialData:
    """Return what the analysis sees of a trial, participants in order of randomization."""
    rows = trial.cohort.randomized
    scenario = trial.scenario
    strata = scenario.trial.strata
    stratum = trial.cohort.stratum[rows]
    countries = tuple(dict.fromkeys(s.country for s in strata))
    clinicians = tuple(dict.fromkeys(s.clinician for s in strata))
    values = trial.cohort.patients.values
    margins = scenario.population.margins
    levels: dict[str, tuple[str, ...]] = {"country": countries, "clinician": clinicians}
    traits = {
        "country": np.array([countries.index(s.country) for s in strata])[stratum],
        "clinician": np.array([clinicians.index(s.clinician) for s in strata])[stratum],
    }
    for name in TABLE1_TRAITS:
        traits[name] = values[name][rows]
        margin = margins[name]  # type: ignore[index]
        if isinstance(margin, Categories):
            levels[name] = margin.levels
    scores = {name: trial.scores[name][rows] for name in OUTCOMES if name in trial.scores}
    if "nrs_average" not in scores:
        traits["nrs_average"] = values["pain"][rows]
    return TrialData(
        participant=np.arange(1, len(rows) + 1),
        arm=trial.cohort.arm[rows],
        visits=(BASELINE, *(visit.name for visit in scenario.trial.visits)),
        scores=scores,
        traits=traits,
        levels=levels,
        plans_made=plans_made(trial)[rows],
    )


def plans_made(trial: Trial) -> np.ndarray:
    """Return plans made in the adherence weeks after randomization, (rows of the cohort,)."""
    count = np.zeros(len(trial.cohort.patients), dtype=np.int64)
    window = 7 * trial.scenario.analysis.adherence_weeks
    for day, rows, *_ in trial.plan_log:
        count[rows] += day - trial.cohort.entry[rows] < window
    return count


def flow_counts(trial: Trial) -> dict[str, int]:
    """Return the CONSORT counts: enrolment by fate, allocation, withdrawal and answers by arm."""
    cohort, rows = trial.cohort, trial.cohort.randomized
    fates = {name: trial.fates.get(name, 0) for name in fate_names(trial.scenario)}
    recruitment = trial.scenario.recruitment
    at_contact = list(fates)[:2]
    assessed = sum(count for name, count in fates.items() if name not in at_contact)
    groups = {
        group: sum(fates[e.reason] for e in recruitment.exclusions if e.group == group)
        for group in ("inclusion", "other")
    }
    low = list(fates)[-3]
    counts = {
        "interested": sum(fates.values()),
        **{name: fates[name] for name in at_contact},
        "assessed for eligibility": assessed,
        "excluded": assessed - fates[RANDOMIZED],
        "did not meet inclusion criteria": groups["inclusion"] + fates[low],
        "other reasons": groups["other"],
        **{name: fates[name] for name in list(fates)[2:-1]},
        RANDOMIZED: fates[RANDOMIZED],
    }
    for code, arm in enumerate(ARMS):
        members = rows[cohort.arm[rows] == code]
        counts[f"{arm}: allocated"] = len(members)
        installed = cohort.installed[members] < np.iinfo(np.int64).max
        if code == 1:
            counts[f"{arm}: installed the app"] = int(installed.sum())
        before = 0.0
        for column, visit in enumerate(trial.scenario.trial.visits, start=1):
            leaves = cohort.withdraws_after[members]
            left = (leaves > before) & (leaves <= visit.day)
            answered = ~np.isnan(cohort.answered[members, column])
            counts[f"{arm}: withdrew by {visit.name}"] = int(left.sum())
            counts[f"{arm}: answered at {visit.name}"] = int(answered.sum())
            before = visit.day
        for reason in getattr(trial.scenario.followup, arm).withdrawal_reasons:
            told = (leaves <= before) & (cohort.withdrawal_reason[members] == reason)
            counts[f"{arm}: withdrew for {reason}"] = int(told.sum())
    return counts


def flow_table(trial: Trial) -> pa.Table:
    """Return the CONSORT counts as a table (replicate, stage, count)."""
    counts = flow_counts(trial)
    return pa.table(
        {
            "replicate": pa.array([trial.replicate] * len(counts), pa.int32()),
            "stage": list(counts),
            "count": pa.array(list(counts.values()), pa.int32()),
        }
    )


def participants_table(trial: Trial, data: TrialData) -> pa.Table:
    """Return a row a participant: traits, stratum, arm, days, adherence."""
    cohort, rows = trial.cohort, trial.cohort.randomized
    columns: dict[str, object] = {
        "participant": data.participant,
        "arm": [ARMS[arm] for arm in data.arm],
    }
    for name, values in data.traits.items():
        if name in data.levels:
            columns[name] = [data.levels[name][int(code)] for code in values]
        else:
            columns[name] = values
    columns["randomized_day"] = cohort.entry[rows]
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
    columns["plans_made"] = data.plans_made
    if trial.natural is not None:
        columns["course_class"] = [CLASSES[kind] for kind in trial.natural.kind[rows]]
    return pa.table(columns)


def visits_table(trial: Trial, data: TrialData) -> pa.Table:
    """Return a row a participant and visit: day answered and scores, null where missing."""
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
    return pa.table(columns)


def app_weeks_table(trial: Trial) -> pa.Table:
    """Return a row an app user and week since installation: days on which something was done."""
    rows, number = _app_rows(trial)
    weeks = next(iter(trial.records.counts.values())).shape[1]
    columns: dict[str, object] = {
        "participant": np.repeat(number, weeks),
        "week": np.tile(np.arange(weeks), len(rows)),
    }
    for name, counts in trial.records.counts.items():
        columns[name] = counts[rows].ravel()
    return pa.table(columns)


def steps_table(trial: Trial) -> pa.Table:
    """Return a row an app user and day since randomization: steps walked, worn, recorded."""
    rows, number = _app_rows(trial)
    true = trial.records.true_steps[rows][:, LEAD_IN:]
    days = true.shape[1]
    recorded = trial.records.recorded_steps[rows][:, LEAD_IN:].ravel()
    known = ~np.isnan(true.ravel())
    table = pa.table(
        {
            "participant": np.repeat(number, days),
            "day": np.tile(np.arange(days), len(rows)),
            "true_steps": true.ravel(),
            "worn": trial.records.worn[rows][:, LEAD_IN:].ravel(),
            "recorded_steps": pa.array(recorded, mask=np.isnan(recorded)),
        }
    )
    return table.filter(pa.array(known))


def plans_table(trial: Trial) -> pa.Table:
    """Return a row a plan: attributes, step goal, similarity of the cases behind it, fit."""
    parts: list[pa.Table] = []
    for day, rows, week, plans, goal, similarity, revised, fit in trial.plan_log:
        columns: dict[str, object] = {
            "participant": trial.cohort.number[rows] + 1,
            "day": np.full(len(rows), day),
            "week": week,
        }
        columns |= {name: plans[:, column] for column, name in enumerate(ATTRIBUTES)}
        columns |= {
            "step_goal": goal,
            "similarity": pa.array(similarity, mask=np.isnan(similarity)),
            "revised": revised,
            "fit_exercise": fit[:, 0],
            "fit_education": fit[:, 1],
            "fit_steps": fit[:, 2],
        }
        parts.append(pa.table(columns))
    return pa.concat_tables(parts) if parts else pa.table({"participant": pa.array([], pa.int64())})


def events_table(trial: Trial) -> pa.Table:
    """Return the log: day on the trial's clock, participant, what, detail."""
    day, row, what, detail = zip(*trial.cohort.events, strict=True)
    return pa.table(
        {
            "day": list(day),
            "participant": trial.cohort.number[np.array(row)] + 1,
            "what": list(what),
            "detail": list(detail),
        }
    )


def _app_rows(trial: Trial) -> tuple[np.ndarray, np.ndarray]:
    rows = trial.cohort.randomized
    rows = rows[trial.cohort.installed[rows] < np.iinfo(np.int64).max]
    return rows, trial.cohort.number[rows] + 1
