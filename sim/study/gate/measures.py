"""What the gate measures besides the effect: what a recommender advises, and what people do of it.

Everybody counts as a user of the app: a participant of the other arm counts as in the
counterfactual trial, on the same random draws. All is counted from randomization to the primary
visit, so that it is what the effect came from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from agents.exercise_constraints import ExerciseConstraints
from agents.symptoms import LEAD_IN
from recommender.catalogue import load_catalogue
from scenarios.arms import INTERVENTION
from scenarios.errors import InputError, nearest
from scenarios.schema import Scenario
from sim.enrolment.exercise_constraints import patient_constraints
from sim.trajectories.mechanistic import MechanisticTrajectories
from sim.trial import Trial

OFF = "off"
"""Said of a measure instead of a margin: it is shown, and not tested."""


class Tally(NamedTuple):
    """Sums over the users of the app in a trial, until the primary visit.

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


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that a recommender can make worse.

    Attributes
    ----------
    name
        How a user calls it.
    label, unit
        What it is, and in what it and its margin are measured.
    higher_is_better
        In which direction it gets better.
    margin
        Loss that the gate looks for if it is not told otherwise, in the unit; None if the measure
        is tested only if asked for.
    value
        Of the sums over two trials.
    """

    name: str
    label: str
    unit: str
    higher_is_better: bool
    margin: float | None
    value: Callable[[Tally], float]

    @property
    def towards_worse(self) -> float:
        """Sign of a change for the worse."""
        return -1.0 if self.higher_is_better else 1.0


def _ratio(part: float, whole: float) -> float:
    """Return a share, or a mean; 0 of nothing, so that who makes no plans has no fitting ones."""
    return part / whole if whole else 0.0


MEASURES = {
    measure.name: measure
    for measure in (
        Measure("fit", "fit of plans", "0 to 1", True, 0.02, lambda t: _ratio(t.fit, t.plans)),
        Measure(
            "sessions", "exercise sessions", "a person", True, 0.5,
            lambda t: _ratio(t.sessions, t.persons),
        ),
        Measure(
            "infeasible", "contraindicated or infeasible minutes", "share of plans' minutes", False,
            0.01, lambda t: _ratio(t.infeasible, t.asked),
        ),
        Measure(
            "flares", "flares after exercise", "a person", False, 0.02,
            lambda t: _ratio(t.flares, t.persons),
        ),
        Measure("plans", "plans", "a person", True, None, lambda t: _ratio(t.plans, t.persons)),
        Measure(
            "opened", "days on which the app is opened", "a person", True, None,
            lambda t: _ratio(t.opened, t.persons),
        ),
        Measure(
            "steps", "steps", "a day", True, None, lambda t: _ratio(t.steps, t.persons * t.days)
        ),
    )
}  # fmt: skip
"""All measures, by name."""


def read_measures(given: Sequence[str]) -> dict[str, float | None]:
    """Read ``name=margin`` and ``name=off``, as ``--measure`` takes them.

    Raises
    ------
    InputError
        If there is no such measure, or its margin is no number above 0.

    >>> read_measures(["fit=0.05", "sessions=off"])
    {'fit': 0.05, 'sessions': None}
    """
    found: dict[str, float | None] = {}
    for text in given:
        name, _, margin = (part.strip() for part in text.partition("="))
        if name not in MEASURES:
            close = nearest(name, MEASURES)
            hint = f"did you mean {close}?" if close else f"must be one of {', '.join(MEASURES)}"
            raise InputError(f"--measure {text[:60]}: there is no measure {name[:60]!r}: {hint}")
        if name in found:
            raise InputError(f"--measure {text[:60]}: {name} is given twice: leave one of them out")
        found[name] = None if margin == OFF else _margin(text, margin, MEASURES[name])
    return found


def _margin(text: str, margin: str, measure: Measure) -> float:
    try:
        number = float(margin)
    except ValueError:
        number = 0.0
    if not 0.0 < number < float("inf"):
        raise InputError(
            f"--measure {text[:60]} is not allowed: must be {measure.name}=MARGIN, a number above "
            f"0 ({measure.unit}), or {measure.name}={OFF}"
        )
    return number


def default_margins() -> dict[str, float]:
    """Return the measures that are tested if nothing is said, with their margins."""
    return {name: one.margin for name, one in MEASURES.items() if one.margin is not None}


def changed_margins(
    margins: Mapping[str, float], changes: Mapping[str, float | None]
) -> dict[str, float]:
    """Return margins with changes; those changed to None are left out."""
    both = {**margins, **changes}
    return {name: both[name] for name in MEASURES if (both.get(name)) is not None}  # type: ignore[misc]


def cannot_occur(name: str, scenario: Scenario) -> str:
    """Return why a measure is 0 whatever a recommender does, '' if it need not be."""
    if name == "flares" and not scenario.mechanisms.pathway.flare_per_overload:
        return "pathway.flare_per_overload = 0: exercise brings no flares on in this scenario"
    return ""


def measured(own: Trial, other: Trial) -> dict[str, float]:
    """Return all measures in a replicate.

    Parameters
    ----------
    own, other
        A trial with a mechanistic course, and the same with all arms exchanged.
    """
    whole = [tally(trial) for trial in (own, other)]
    both = Tally(*map(sum, zip(*whole, strict=True)))._replace(days=whole[0].days)
    return {name: measure.value(both) for name, measure in MEASURES.items()}


def tally(trial: Trial) -> Tally:
    """Return the sums over those who have the app in a trial.

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
    app = rows[trial.cohort.arm[rows] == INTERVENTION]
    until = slice(LEAD_IN, LEAD_IN + days)
    flare = fared.records.flare[app, LEAD_IN - 1 : LEAD_IN + days]
    constraints = patient_constraints(trial.scenario, fared.streams, trial.cohort.patients)
    plans, fit, asked, infeasible = 0, 0.0, 0, 0
    for batch in trial.plan_log:
        due = batch.day - trial.cohort.entry[batch.rows] < days
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
