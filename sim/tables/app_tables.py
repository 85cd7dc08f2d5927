"""The tables of arms with an app: weeks, steps, messages and plans, with columns and units.

Steps are of arms with a wristband, with an app or without.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from agents.engagement import TOOLS
from agents.step_sources import SOURCES, StepRecording
from agents.symptoms import LEAD_IN
from recommender.catalogue import load_catalogue
from recommender.protocol import ATTRIBUTES, REVISIONS
from sim.app.records import BIT
from sim.trajectories.mechanistic import MechanisticTrajectories
from sim.trial import Trial


def app_weeks_table(trial: Trial) -> pa.Table:
    """Return a row an app user and week since installation, while follow-up lasts.

    Columns: ``participant``; ``week`` from 0; ``days`` of the week within follow-up; days with an
    opening (``opened``), an exercise session (``exercised``), an education message read (``read``)
    and each tool used; messages (``commended``, ``encouraged``); days on which the app saw the
    step goal reached (``goal_reached``); tailoring sessions (``session``) and plans made
    (``plan``); badges given, 0 or 1 each; ``minutes`` in the app.
    """
    rows, number = with_app(trial)
    days, inside = app_days(trial, rows)
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
    minutes = [own.mechanisms.app.minutes for own in trial.scenario.by_arm]
    arm = np.repeat(trial.cohort.arm[rows], weeks)

    def each(of: str) -> np.ndarray:
        by_arm = np.array([getattr(own, of) for own in minutes], dtype=float)
        return np.asarray(by_arm[arm])

    both = BIT["opened"] | BIT["exercised"]
    followed = ((use & both) == both).sum(axis=1)
    columns["minutes"] = (
        each("opening") * counts["opened"]
        + each("session") * counts["session"]
        + each("exercise") * followed
        + each("reading") * counts["read"]
        + each("tool") * sum(counts[tool] for tool in TOOLS)
    )
    return pa.table(columns).filter(pa.array(left > 0))


def steps_table(trial: Trial) -> pa.Table:
    """Return a row a participant with a wristband and day with it, until it is given up.

    In arms with an app they are the days with the app; follow-up ends them all.

    Columns: ``participant``; ``day`` since randomization; ``source`` of the steps; ``worn``,
    whether the source was on the participant; ``recorded_steps``, null where it was not;
    ``synced_day``, days since randomization when the app got to know of them, null where it did
    not.
    """
    return _steps(trial).drop_columns(["true_steps"])


def true_steps_table(trial: Trial) -> pa.Table:
    """Return ``true_steps`` walked, with the rows of :func:`steps_table`."""
    return _steps(trial).select(["participant", "day", "true_steps"])


def _steps(trial: Trial) -> pa.Table:
    rows, number = with_wristband(trial)
    recording = _recording(trial)
    columns, _ = app_days(trial, rows)
    inside, worn, steps = wristband_days(trial, rows)
    shape = columns.shape
    day = recording.first + np.arange(shape[1])
    quits = recording.first + np.floor(trial.cohort.quit_after[rows, None])
    delay = (trial.cohort.installed - trial.cohort.entry)[rows, None]
    synced = recording.synced[rows][:, day]
    since = synced - recording.first + delay  # randomization
    known = worn & (synced < quits) & (synced + delay < trial.records.true_steps.shape[1])
    known &= trial.cohort.entry[rows, None] + since < trial.cohort.closes
    table = pa.table(
        {
            "participant": np.repeat(number, shape[1]),
            "day": (columns - LEAD_IN).ravel(),
            "source": pa.DictionaryArray.from_arrays(
                recording.source_on(rows, day).ravel(), list(SOURCES)
            ).cast(pa.string()),
            "true_steps": trial.records.true_steps[rows[:, None], columns].ravel(),
            "worn": worn.ravel(),
            "recorded_steps": pa.array(steps.ravel(), mask=~worn.ravel()),
            "synced_day": pa.array(since.ravel(), mask=~known.ravel()),
        }
    )
    return table.filter(pa.array(inside.ravel()))


def with_wristband(trial: Trial) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of those who were given a wristband, and their numbers."""
    given = enumerate(trial.scenario.given)
    return _rows_of(trial, [code for code, each in given if each.wristband])


def with_app(trial: Trial) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of those who installed the app, and their numbers."""
    return _rows_of(trial, trial.scenario.app_arms)


def wristband_days(
    trial: Trial, rows: np.ndarray, days: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what is known of some participants on days since they were given a wristband.

    Parameters
    ----------
    trial
        With a mechanistic course.
    rows
        Of participants with a wristband.
    days
        Since it was given, from 0; default all.

    Returns
    -------
    inside, worn, steps
        (rows, days) each: whether the day is within follow-up and before the participant quits;
        whether the source of steps was on the participant; steps as it counts them.
    """
    recording = _recording(trial)
    columns, inside = app_days(trial, rows, days)
    day = recording.first + (np.arange(columns.shape[1]) if days is None else days)
    quits = recording.first + np.floor(trial.cohort.quit_after[rows, None])
    ratio = recording.ratio[rows[:, None], day]
    steps = trial.records.true_steps[rows[:, None], columns] * ratio
    return inside & (day < quits), ratio > 0.0, steps


def _recording(trial: Trial) -> StepRecording:
    if not isinstance(trial.trajectories, MechanisticTrajectories):
        raise TypeError("a trial without an app has no steps")
    return trial.trajectories.recording


def messages_table(trial: Trial) -> pa.Table:
    """Return a row a push notification.

    Columns: ``participant``; ``day`` since randomization; ``kind``, commending or encouraging.
    """
    rows, number = with_app(trial)
    kinds = {"commending": "commended", "encouraging": "encouraged"}
    parts = []
    for kind, what in kinds.items():
        who, column = trial.records.did(what)[rows].nonzero()
        kinds_of = pa.repeat(kind, len(who))
        parts.append(
            pa.table({"participant": number[who], "day": column - LEAD_IN, "kind": kinds_of})
        )
    table = pa.concat_tables(parts)
    return table.sort_by([("participant", "ascending"), ("day", "ascending")])


def plans_table(trial: Trial) -> pa.Table:
    """Return a row a plan.

    Columns: ``participant``; ``day`` of the trial; ``study_day`` since randomization; ``week``
    since installation; ``questions_answered`` in the tailoring session; the plan's attributes, 0
    to 1; codes of its ``exercises``, ``messages`` and ``tools``; ``step_goal`` in steps a day;
    ``similarity`` of the cases behind it, null where there are none; numbers of these ``cases``,
    the most similar first, with ``case_similarities`` and ``case_weights``; how the plan was
    ``revised``.
    """
    log = trial.plan_log
    if not log:
        return pa.table({"participant": pa.array([], pa.int64())})

    def joined(field: str) -> np.ndarray:
        return np.concatenate([getattr(batch, field) for batch in log])

    def planned(field: str) -> np.ndarray:
        return np.concatenate([getattr(batch.plans, field) for batch in log])

    catalogue = load_catalogue()
    similarity, attributes = planned("similarity"), planned("attributes")
    similarity = similarity.astype(float)  # single precision is enough for some recommenders
    rows, revised = joined("rows"), planned("revised")
    day = np.repeat([batch.day for batch in log], [len(batch.rows) for batch in log])
    columns: dict[str, object] = {
        "participant": trial.cohort.number[rows] + 1,
        "day": day,
        "study_day": day - trial.cohort.entry[rows],
        "week": joined("week"),
        "questions_answered": np.bitwise_count(joined("answered")),
    }
    columns |= {name: attributes[:, column] for column, name in enumerate(ATTRIBUTES)}
    for field in ("exercises", "messages", "tools"):
        codes = [item.code for item in getattr(catalogue, field)]
        columns[field] = [
            " ".join(codes[position] for position in row if position >= 0)
            for row in planned(field).tolist()
        ]
    columns |= {
        "step_goal": planned("step_goal"),
        "similarity": pa.array(similarity, mask=np.isnan(similarity)),
        "cases": _in_words(trial, "cases", "d"),
        "case_similarities": _in_words(trial, "similarities", ".3f"),
        "case_weights": _in_words(trial, "weights", ".3f"),
        "revised": [
            "; ".join(what for bit, what in enumerate(REVISIONS) if bits >> bit & 1)
            for bits in revised.tolist()
        ],
    }
    return pa.table(columns)


def plan_fits_table(trial: Trial) -> pa.Table:
    """Return how well plans fit, with the rows of :func:`plans_table`.

    Columns: ``participant``; ``day`` of the trial; the plan's fit to the patient, 0 to 1, for
    exercise, education and steps; and its ``regret``, by which its mean fit falls behind the
    oracle's plan, which fits in full.
    """
    log = trial.plan_log
    if not log:
        return pa.table({"participant": pa.array([], pa.int64())})
    fit = np.concatenate([batch.fit for batch in log])
    rows = np.concatenate([batch.rows for batch in log])
    columns: dict[str, object] = {
        "participant": trial.cohort.number[rows] + 1,
        "day": np.repeat([batch.day for batch in log], [len(batch.rows) for batch in log]),
        "fit_exercise": fit[:, 0],
        "fit_education": fit[:, 1],
        "fit_steps": fit[:, 2],
        "regret": regret(fit),
    }
    return pa.table(columns)


def _in_words(trial: Trial, field: str, form: str) -> list[str]:
    """Return what is known of each plan's cases, in words of numbers; cases may be few or none."""
    return [
        " ".join(format(value, form) for value, case in zip(row, cases, strict=True) if case >= 0)
        for batch in trial.plan_log
        for row, cases in zip(
            getattr(batch.plans, field).tolist(), batch.plans.cases.tolist(), strict=True
        )
    ]


def regret(fit: np.ndarray) -> np.ndarray:
    """Return by how much plans fall behind the oracle's, in mean fit, 0 to 1.

    Parameters
    ----------
    fit
        (n, 3) fit of exercise, education and step goal; the oracle's plan has 1 in each.
    """
    return np.asarray(1.0 - fit.mean(axis=1))


def _rows_of(trial: Trial, arms: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return who received what some arms are given, and their numbers."""
    rows = trial.cohort.randomized
    received = trial.cohort.installed[rows] < np.iinfo(np.int64).max
    rows = rows[received & np.isin(trial.cohort.arm[rows], list(arms))]
    return rows, trial.cohort.number[rows] + 1


def app_days(
    trial: Trial, rows: np.ndarray, days: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the column of each day with what was given, and whether it is within follow-up.

    Parameters
    ----------
    trial
        With a mechanistic course.
    rows
        Of participants who received what their arm is given.
    days
        Since they did, from 0; default all.
    """
    columns = trial.records.true_steps.shape[1]
    if days is None:
        days = np.arange(columns - LEAD_IN)
    delay = (trial.cohort.installed - trial.cohort.entry)[rows, None]
    at = LEAD_IN + delay + days
    reached = trial.cohort.entry[rows, None] + at - LEAD_IN < trial.cohort.closes
    return np.minimum(at, columns - 1), (at < columns) & reached
