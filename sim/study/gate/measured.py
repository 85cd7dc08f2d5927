"""How the gate's measures are counted.

Everybody counts as a user of the app: a participant of another arm counts as in the counterfactual
trial, on the same random draws. Of several arms only the one that the recommender advises counts.
All is counted from randomization to the primary visit, so that it is what the effect came from.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from agents.exercise_constraints import ExerciseConstraints
from agents.symptoms import LEAD_IN
from recommender.catalogue import load_catalogue
from sim.enrolment.exercise_constraints import patient_constraints
from sim.study.gate.advised import advised_arm
from sim.study.gate.measures import MEASURES
from sim.trajectories.mechanistic import MechanisticTrajectories
from sim.trial import Trial


class Tally(NamedTuple):
    """Sums over those whom the recommender advises in a trial, until the primary visit.

    Attributes
    ----------
    persons, days
        How many users there are, and how many days each is counted.
    plans, fit
        How many plans were made, and the sum of their fits, each the mean of three from 0 to 1.
    asked, infeasible
        Minutes of exercise that plans ask for, and those of them that are contraindicated or
        beyond the time the person has.
    sessions, opened
        Exercise sessions done, and days on which the app was opened.
    flares
        Flares brought on by exercise.
    steps
        Steps walked.
    """

    persons: int
    days: int
    plans: int
    fit: float
    asked: int
    infeasible: int
    sessions: int
    opened: int
    flares: int
    steps: float


def _ratio(part: float, whole: float) -> float:
    """Return a share, or a mean; 0 of nothing, so that who makes no plans has no fitting ones."""
    return part / whole if whole else 0.0


VALUES: dict[str, Callable[[Tally], float]] = {
    "fit": lambda found: _ratio(found.fit, found.plans),
    "sessions": lambda found: _ratio(found.sessions, found.persons),
    "infeasible": lambda found: _ratio(found.infeasible, found.asked),
    "flares": lambda found: _ratio(found.flares, found.persons),
    "plans": lambda found: _ratio(found.plans, found.persons),
    "opened": lambda found: _ratio(found.opened, found.persons),
    "steps": lambda found: _ratio(found.steps, found.persons * found.days),
}
"""Name of each measure to what it is of the sums over a trial and its counterfactuals."""


def measured(trials: Sequence[Trial]) -> dict[str, float]:
    """Return all measures in a replicate.

    Parameters
    ----------
    trials
        A trial with a mechanistic course, and all its counterfactuals.
    """
    each = [tally(trial) for trial in trials]
    whole = Tally(*map(sum, zip(*each, strict=True)))._replace(days=each[0].days)
    return {name: VALUES[name](whole) for name in MEASURES}


def tally(trial: Trial) -> Tally:
    """Return the sums over those whom the recommender advises in a trial.

    Raises
    ------
    TypeError
        If the course is plain: then nobody has an app.
    """
    fared = trial.trajectories
    if not isinstance(fared, MechanisticTrajectories):
        raise TypeError("a plain course has no app")
    plan = trial.scenario.analysis
    (days,) = (v.day for v in trial.scenario.trial.visits if v.name == plan.primary_visit)
    rows = trial.cohort.randomized
    arm = advised_arm(trial.scenario)
    app = rows[trial.cohort.arm[rows] == arm]
    until = slice(LEAD_IN, LEAD_IN + days)
    flare = fared.records.flare[app, LEAD_IN - 1 : LEAD_IN + days]
    constraints = patient_constraints(trial.scenario, fared.streams, trial.cohort.patients)
    plans, fit, asked, infeasible = 0, 0.0, 0, 0
    for batch in trial.plan_log:
        due = batch.day - trial.cohort.entry[batch.rows] < days
        due &= trial.cohort.arm[batch.rows] == arm
        plans += int(due.sum())
        fit += float(batch.fit[due].mean(axis=1).sum())
        minutes, lost = exercise_minutes(batch.plans.exercises[due], batch.rows[due], constraints)
        asked, infeasible = asked + int(minutes.sum()), infeasible + int(lost.sum())
    return Tally(
        persons=len(app),
        days=days,
        plans=plans,
        fit=fit,
        asked=asked,
        infeasible=infeasible,
        sessions=int(fared.records.did("exercised")[app, until].sum()),
        opened=int(fared.records.did("opened")[app, until].sum()),
        flares=int((np.diff(flare, axis=1) > 0.0).sum()),
        steps=float(fared.records.true_steps[app, until].sum(dtype=np.float64)),
    )


def exercise_minutes(
    exercises: np.ndarray, rows: np.ndarray, constraints: ExerciseConstraints
) -> tuple[np.ndarray, np.ndarray]:
    """Return the minutes that plans ask for, and those of them that cannot be done.

    Parameters
    ----------
    exercises
        (n, places) positions in the catalogue, -1 in places that are not used.
    rows
        (n,) for whom.
    constraints
        Of all rows.

    Returns
    -------
    Two (n,) arrays of whole minutes a session. What is contraindicated cannot be done, nor what is
    beyond the time the person has.
    """
    catalogue = load_catalogue().exercises
    minutes = np.array([*(one.minutes for one in catalogue), 0])  # -1 is the last: no exercise
    loads = np.array([*(one.load_bits for one in catalogue), 0])
    each = minutes[exercises]
    allowed = (loads[exercises] & constraints.contraindications[rows, None]) == 0
    asked = each.sum(axis=1)
    done = np.minimum((each * allowed).sum(axis=1), constraints.minutes[rows])
    return asked, asked - done
