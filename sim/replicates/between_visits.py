"""How patients fare between the visits: figures that cohorts and device studies report, too.

The trial's questionnaires do not tell them. Each is defined here as the study defines it that it is
compared with; :mod:`scenarios.published` has those studies.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from agents.care.contacts import had
from agents.symptoms import LEAD_IN
from sim.care.draws import employed
from sim.tables.trial_tables import plans_made
from sim.trajectories.mechanistic import MechanisticTrajectories
from sim.trial import Trial

PAIN_FREE, IN_PAIN = 1.0, 2.0
"""NRS points: pain at most the first is none, at least the second is a day of pain."""
RECOVERY_DAYS, RECURRENCE_DAYS = 7, 90
"""Days in a row without pain that make a recovery; days after it in which a recurrence counts."""
FULL_TIME = "full-time"
"""Level of employment."""


BETWEEN_VISITS_SCHEMA = pa.schema(
    [("replicate", pa.int32()), ("figure", pa.string()), ("value", pa.float64()), ("n", pa.int32())]
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a simulated trial.

    Attributes
    ----------
    name
        What it is.
    value
        NaN where nobody is counted.
    n
        Persons, or days, that it is of.
    """

    name: str
    value: float
    n: int


def between_visits(trial: Trial) -> tuple[Figure, ...]:
    """Return figures of one trial with a mechanistic course, in its randomized participants.

    Raises
    ------
    TypeError
        If the course is plain: then there is nothing between the visits.
    """
    if not isinstance(trial.trajectories, MechanisticTrajectories):
        raise TypeError("a plain course has nothing between the visits")
    return tuple(_figures(trial, trial.trajectories))


def between_visits_table(trial: Trial) -> pa.Table:
    """Return a row a figure of a trial; none with a plain course."""
    plain = not isinstance(trial.trajectories, MechanisticTrajectories)
    rows = [
        {"replicate": trial.replicate, "figure": one.name, "value": float(one.value), "n": one.n}
        for one in (() if plain else between_visits(trial))
    ]
    return pa.Table.from_pylist(rows, schema=BETWEEN_VISITS_SCHEMA)


def _figures(trial: Trial, fared: MechanisticTrajectories) -> Iterator[Figure]:
    cohort = trial.cohort
    rows = cohort.randomized
    # Usual care is to be given nothing; the app is one that does something.
    given = list(enumerate(trial.scenario.given))
    nothing = [code for code, each in given if not each.anything]
    with_app = [code for code, each in given if each.features]
    usual, app = (rows[np.isin(cohort.arm[rows], arms)] for arms in (nothing, with_app))
    symptoms = trial.daily_symptoms()
    pain, disability = symptoms["pain"][:, LEAD_IN:], symptoms["disability"][:, LEAD_IN:]
    values = cohort.patients.values

    yield _share("pain is back within 90 days of a recovery, usual care", recurred(pain[usual]))
    long = usual[values["duration"][usual] == values["duration"].max()]
    kept = _mean(pain[long, 36:43].mean(axis=1)) / _mean(values["pain"][long])
    yield Figure("pain kept at 6 weeks, episodes of over 12 weeks, usual care", kept, len(long))

    months = slice(6, None, 7)
    together = within_person(pain[usual][:, months], disability[usual][:, months])
    yield Figure("pain with disability within persons, weekly", together, len(usual))
    worst = symptoms["worst_pain"][:, LEAD_IN:][usual]
    above = np.asarray(worst > pain[usual])[pain[usual] >= PAIN_FREE]
    yield _share("worst pain above the mean, days of pain", above)

    due = trial.scores_when_due()
    for other in ("pseq", "fabq"):
        if other in due and "rmdq" in due:
            change = [(due[name][rows, 2] - due[name][rows, 0]) for name in ("rmdq", other)]
            together = _correlation(*change)
            yield Figure(f"change of rmdq with change of {other}", together, len(rows))

    steps = values["steps"][rows]
    yield _share("below 5,000 steps a day", steps < 5000.0)
    use = fared.records.did("exercised")[app, LEAD_IN : LEAD_IN + 91].sum(axis=1)
    yield Figure("exercise sessions in 13 weeks, app", _mean(use), len(app))
    yield _share("band still worn 100 days after installation", _still_worn(fared, app))
    flares = fared.records.flare[app, LEAD_IN:]
    begun = (np.diff(flares, axis=1, prepend=0.0) > 0.0).any(axis=1)
    yield _share("a flare after exercise, ever, app", begun)
    yield from _of_app_use(trial, fared, app, pain)
    yield from _of_care(trial, usual)
    old = rows[(values["age"][rows] >= 65.0) & (values["age"][rows] < 70.0)]
    levels = trial.scenario.levels.get("employment", ())
    if FULL_TIME in levels:
        works = values["employment"][old] == levels.index(FULL_TIME)
        yield _share("employed full-time at 65 to 69 years", works)


def _of_app_use(
    trial: Trial, fared: MechanisticTrajectories, app: np.ndarray, pain: np.ndarray
) -> Iterator[Figure]:
    """Yield how use of the app goes with symptoms, and what plans ask for from week to week."""
    quarter = slice(LEAD_IN + 7, LEAD_IN + 91)
    opened = fared.records.did("opened")[app, quarter].astype(float)
    varies = opened.std(axis=1) > 0.0
    felt = pain[app][varies, 7:91]
    together = within_person(felt, opened[varies])
    yield Figure("pain with opening the app within persons", together, int(varies.sum()))

    adherent = plans_made(trial)[app] >= trial.scenario.analysis.adherence_plans
    eased = fared.natural.pain_relief[app, -1]
    gap = _mean(eased[adherent]) - _mean(eased[~adherent])
    gap = gap / float(eased.std()) if len(app) > 1 else float("nan")
    yield Figure("recovery without the app, adherent less others, SD", gap, len(app))

    before: dict[int, bytes] = {}
    repeated = []
    for batch in trial.plan_log:
        for row, exercises in zip(batch.rows.tolist(), batch.plans.exercises, strict=True):
            asked = exercises.tobytes()
            if row in before:
                repeated.append(before[row] == asked)
            before[row] = asked
    yield _share("plans with the exercises of the plan before", repeated)


def _of_care(trial: Trial, usual: np.ndarray) -> Iterator[Figure]:
    """Yield what was asked of health care and of work, if the scenario tells of it."""
    found, care = trial.care(), trial.scenario.care
    if found is None or care is None:
        return
    last = trial.scenario.trial.visits[-1].day  # answers may come in later
    imaged = had(found.contacts[usual, LEAD_IN : LEAD_IN + last + 1], "imaging").any(axis=1)
    yield _share("imaging in 9 months, usual care", imaged)
    rows = trial.cohort.randomized
    away = np.isin(rows, found.spells.person[found.spells.day == 0])
    at_work = employed(trial.scenario, care, trial.cohort.patients)[rows]
    yield _share("on sick leave at baseline, of the employed", away[at_work])


def recurred(pain: np.ndarray) -> np.ndarray:
    """Return whether pain came back after a first recovery, of those who had one.

    Parameters
    ----------
    pain
        (n, days) NRS points.

    Returns
    -------
    (m,) booleans: of persons with :data:`RECOVERY_DAYS` days in a row of at most
    :data:`PAIN_FREE` and :data:`RECURRENCE_DAYS` days of follow-up after these, whether one of
    those had at least :data:`IN_PAIN`.
    """
    free = np.cumsum(np.pad(pain <= PAIN_FREE, ((0, 0), (1, 0))), axis=1)
    runs: np.ndarray = free[:, RECOVERY_DAYS:] - free[:, :-RECOVERY_DAYS] == RECOVERY_DAYS
    first = runs.argmax(axis=1) + RECOVERY_DAYS  # first day after the first run
    seen = runs.any(axis=1) & (first + RECURRENCE_DAYS <= pain.shape[1])
    after = first[seen, None] + np.arange(RECURRENCE_DAYS)
    return np.asarray((pain[seen][np.arange(len(after))[:, None], after] >= IN_PAIN).any(axis=1))


def within_person(one: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation of deviations from each person's own means, (n, occasions) each.

    NaN where nobody is counted.
    """
    centred = [each - each.mean(axis=1, keepdims=True) for each in (one, other)]
    return _correlation(*(each.ravel() for each in centred))


def _still_worn(fared: MechanisticTrajectories, app: np.ndarray) -> np.ndarray:
    """Return whether steps are recorded on any day from the 100th after installation on."""
    recording = fared.recording
    banded = app[(recording.source[app] == 0) & (recording.lost[app] == recording.ratio.shape[1])]
    return np.asarray((recording.ratio[banded, recording.first + 100 :] > 0.0).any(axis=1))


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1]) if len(one) > 1 else float("nan")


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")


def _share(name: str, yes: ArrayLike) -> Figure:
    yes = np.asarray(yes)
    return Figure(name, _mean(yes), int(yes.size))
