"""The tables that a trial yields, with their columns, units and codes."""

import numpy as np
import pyarrow as pa

from agents.engagement import TOOLS
from agents.instruments import OUTCOMES
from agents.step_sources import SOURCES
from agents.symptoms import CLASSES, LEAD_IN
from analysis.data import TrialData
from recommender.protocol import ATTRIBUTES
from scenarios.patients import Categories
from sim.app_records import BIT
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
    for batch in trial.plan_log:
        count[batch.rows] += batch.day - trial.cohort.entry[batch.rows] < window
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
    """Return a row a participant and visit: day answered, scores, answers to items as given.

    What was not answered is null. Items are coded by questionnaire and number in it.
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


def app_weeks_table(trial: Trial) -> pa.Table:
    """Return a row an app user and week since installation, while follow-up lasts.

    Columns: ``participant``; ``week`` from 0; ``days`` of the week within follow-up; days with an
    opening (``opened``), an exercise session (``exercised``), an education message read (``read``)
    and each tool used; messages (``commended``, ``encouraged``); days on which the app saw the
    step goal reached (``goal_reached``); tailoring sessions (``session``) and plans made
    (``plan``); badges given, 0 or 1 each; ``minutes`` in the app.
    """
    rows, number = _app_rows(trial)
    days, inside = _app_days(trial, rows)
    weeks = -(-days.shape[1] // 7)
    spare = weeks * 7 - days.shape[1]
    use = np.where(inside, trial.records.use[rows[:, None], days], 0)
    use = np.pad(use, ((0, 0), (0, spare))).reshape(-1, 7)
    counts = {name: ((use & bit) > 0).sum(axis=1) for name, bit in BIT.items()}
    left = np.pad(inside, ((0, 0), (0, spare))).reshape(-1, 7).sum(axis=1)
    columns: dict[str, object] = {
        "participant": np.repeat(number, weeks),
        "week": np.tile(np.arange(weeks), len(rows)),
        "days": left,
    }
    columns |= counts
    minutes = trial.scenario.app.minutes
    both = BIT["opened"] | BIT["exercised"]
    followed = ((use & both) == both).sum(axis=1)
    columns["minutes"] = (
        minutes.opening * counts["opened"]
        + minutes.session * counts["session"]
        + minutes.exercise * followed
        + minutes.reading * counts["read"]
        + minutes.tool * sum(counts[tool] for tool in TOOLS)
    )
    return pa.table(columns).filter(pa.array(left > 0))


def steps_table(trial: Trial) -> pa.Table:
    """Return a row an app user and day with the app, while follow-up lasts.

    Columns: ``participant``; ``day`` since randomization; ``source`` of the steps; ``true_steps``
    walked; ``worn``, whether the source was on the participant; ``recorded_steps``, null where it
    was not or the app was given up; ``synced_day``, days since randomization when the app got to
    know of them, null where it did not.
    """
    rows, number = _app_rows(trial)
    recording = trial.recording
    if recording is None:
        raise TypeError("a trial without an app has no steps")
    columns, inside = _app_days(trial, rows)
    shape = columns.shape
    day = recording.first + np.arange(shape[1])
    quits = recording.first + np.floor(trial.cohort.quit_after[rows, None])
    delay = (trial.cohort.installed - trial.cohort.entry)[rows, None]
    true = trial.records.true_steps[rows[:, None], columns]
    ratio, synced = recording.ratio[rows][:, day], recording.synced[rows][:, day]
    worn = ratio > 0.0
    recorded = worn & (day < quits)
    known = recorded & (synced < quits) & (synced + delay < trial.records.true_steps.shape[1])
    table = pa.table(
        {
            "participant": np.repeat(number, shape[1]),
            "day": (columns - LEAD_IN).ravel(),
            "source": pa.DictionaryArray.from_arrays(
                recording.source_on(rows, day).ravel(), list(SOURCES)
            ).cast(pa.string()),
            "true_steps": true.ravel(),
            "worn": worn.ravel(),
            "recorded_steps": pa.array((true * ratio).ravel(), mask=~recorded.ravel()),
            "synced_day": pa.array((synced - recording.first + delay).ravel(), mask=~known.ravel()),
        }
    )
    return table.filter(pa.array(inside.ravel()))


def messages_table(trial: Trial) -> pa.Table:
    """Return a row a push notification.

    Columns: ``participant``; ``day`` since randomization; ``kind``, commending or encouraging.
    """
    rows, number = _app_rows(trial)
    kinds = {"commending": "commended", "encouraging": "encouraged"}
    parts = []
    for kind, what in kinds.items():
        who, column = trial.records.did(what)[rows].nonzero()
        columns = {"participant": number[who], "day": column - LEAD_IN, "kind": [kind] * len(who)}
        parts.append(pa.table(columns))
    table = pa.concat_tables(parts)
    return table.sort_by([("participant", "ascending"), ("day", "ascending")])


def plans_table(trial: Trial) -> pa.Table:
    """Return a row a plan.

    Columns: ``participant``; ``day`` of the trial; ``study_day`` since randomization; ``week``
    since installation;
    ``questions_answered`` in the tailoring session; the plan's attributes, 0 to 1; ``step_goal``
    in steps a day; ``similarity`` of the cases behind it, null where there are none; whether it
    was ``revised``; its fit to the patient, 0 to 1, for exercise, education and steps.
    """
    log = trial.plan_log
    if not log:
        return pa.table({"participant": pa.array([], pa.int64())})

    def joined(field: str) -> np.ndarray:
        return np.concatenate([getattr(batch, field) for batch in log])

    similarity, fit, attributes = joined("similarity"), joined("fit"), joined("attributes")
    rows = joined("rows")
    day = np.repeat([batch.day for batch in log], [len(batch.rows) for batch in log])
    columns: dict[str, object] = {
        "participant": trial.cohort.number[rows] + 1,
        "day": day,
        "study_day": day - trial.cohort.entry[rows],
        "week": joined("week"),
        "questions_answered": joined("answered"),
    }
    columns |= {name: attributes[:, column] for column, name in enumerate(ATTRIBUTES)}
    columns |= {
        "step_goal": joined("step_goal"),
        "similarity": pa.array(similarity, mask=np.isnan(similarity)),
        "revised": joined("revised"),
        "fit_exercise": fit[:, 0],
        "fit_education": fit[:, 1],
        "fit_steps": fit[:, 2],
    }
    return pa.table(columns)


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


def _app_days(trial: Trial, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the column of each day with the app, and whether it is within follow-up."""
    columns = trial.records.true_steps.shape[1]
    delay = (trial.cohort.installed - trial.cohort.entry)[rows, None]
    days = LEAD_IN + delay + np.arange(columns - LEAD_IN)
    return np.minimum(days, columns - 1), days < columns
