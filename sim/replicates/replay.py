"""One virtual patient's potential outcomes: as allocated, and in every counterfactual arm.

All are simulated with the same random numbers.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.data.trial_data import BASELINE
from recommender.catalogue import load_catalogue
from scenarios.arms.codes import REFERENCE
from scenarios.errors import InputError
from scenarios.schema import Scenario
from sim.replicates.analysed import data_tables
from sim.simulate import counterfactual, simulate
from sim.tables.app_tables import plan_fits_table, plans_table
from sim.tables.care_tables import SICK_LEAVE, care_table
from sim.tables.trial_tables import events_table, trial_data
from sim.tables.truth_tables import TRUTH, truth_tables
from sim.trial import Trial

CLASS_OF = f"{TRUTH}participants"
ALLOCATED, OTHER = "as allocated", "other arm"
"""Names of the courses of a trial of two arms; of more arms the others are named for theirs."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, on a date and some days after randomization."""

    date: date
    day: float
    what: str


@dataclass(frozen=True, slots=True)
class Course:
    """What happens to a participant in one arm.

    Attributes
    ----------
    name
        As allocated, or in which counterfactual arm.
    arm
        Which arm that is.
    events
        In order of time, from interest.
    answered
        Outcome to a score a visit, None where it was not answered.
    due
        Outcome to the score that would have been given on the day the visit was due.
    """

    name: str
    arm: str
    events: tuple[Event, ...]
    answered: dict[str, list[float | None]]
    due: dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Patient:
    """A participant in all arms.

    Attributes
    ----------
    replicate, participant
        Who it is; participants are numbered from 1 in order of randomization.
    arms
        Names of the arms, the reference first.
    traits
        What was known at baseline.
    visits
        Baseline and follow-up.
    courses
        As allocated, then in each counterfactual arm.
    tables
        The data of all, as of one trial with a participant named for each course.
    """

    replicate: int
    participant: int
    arms: tuple[str, ...]
    traits: dict[str, object]
    visits: tuple[str, ...]
    courses: tuple[Course, ...]
    tables: dict[str, pa.Table]

    @property
    def gains(self) -> dict[str, dict[str, list[float]]]:
        """Arm and outcome to that arm less the reference in what would be answered, by visit."""
        by_arm = {course.arm: course for course in self.courses}
        if sorted(by_arm) != sorted(self.arms):
            raise RuntimeError("the courses of a participant are not in one arm each")
        reference = by_arm[self.arms[REFERENCE]].due
        return {
            arm: {
                outcome: [a - b for a, b in zip(scores, reference[outcome], strict=True)]
                for outcome, scores in by_arm[arm].due.items()
            }
            for arm in self.arms
            if arm != self.arms[REFERENCE]
        }


def replay(scenario: Scenario, replicate: int, participant: int) -> tuple[Patient, Trial]:
    """Simulate a replicate in all arms, and return a participant with the trial as it was.

    Where the recommender learns, the counterfactual patient is advised from the case base of the
    trial as it was randomized.

    Raises
    ------
    InputError
        If the trial has no such participant.
    """
    if not 1 <= participant <= scenario.trial.sample_size:
        raise InputError(
            f"--participant {participant} is not in the trial: must be from 1 to "
            f"{scenario.trial.sample_size}"
        )
    own = simulate(scenario, replicate)
    shifts = range(1, len(scenario.arms))
    trials = [own, *(counterfactual(own, shift) for shift in shifts)]
    courses, found = [], []
    for trial in _in_order_of_arms(trials, participant):
        name = ALLOCATED if trial is own else _name_of(trial, participant)
        courses.append(_life(trial, participant, name))
        found.append(_rows_of(_tables(trial), participant, name))
    mine = found[0]
    tables = {
        name: pa.concat_tables([each[name] for each in found], promote_options="default")
        for name in mine
    }
    person = mine["participants"].to_pylist()[0]
    traits = {name: person[name] for name in trial_data(own).traits}
    if CLASS_OF in mine:
        traits["course_class"] = mine[CLASS_OF]["course_class"][0].as_py()
    visits = (BASELINE, *(visit.name for visit in scenario.trial.visits))
    return Patient(
        replicate, participant, scenario.arm_names, traits, visits, tuple(courses), tables
    ), own


def _in_order_of_arms(trials: list[Trial], participant: int) -> list[Trial]:
    """Return the trial as it was randomized, then the others in the order of the arms."""
    own, *others = trials
    return [own, *sorted(others, key=lambda trial: _arm_of(trial, participant))]


def _arm_of(trial: Trial, participant: int) -> int:
    return int(trial.cohort.arm[trial.cohort.randomized[participant - 1]])


def _name_of(trial: Trial, participant: int) -> str:
    """Return what the course in a counterfactual arm is called."""
    arms = trial.scenario.arm_names
    return OTHER if len(arms) == 2 else f"in {arms[_arm_of(trial, participant)]}"


def _tables(trial: Trial) -> dict[str, pa.Table]:
    truth = {f"{TRUTH}{name}": table for name, table in truth_tables(trial).items()}
    return {**data_tables(trial, trial_data(trial)), **truth}


def _rows_of(tables: dict[str, pa.Table], participant: int, name: str) -> dict[str, pa.Table]:
    """Return a participant's rows, under the name of a course."""
    mine = {}
    for key, table in tables.items():
        rows = table.filter(pc.equal(table["participant"], participant))
        place = rows.column_names.index("participant")
        label = pa.array([f"{participant} {name}"] * rows.num_rows, pa.string())
        mine[key] = rows.set_column(place, "participant", label)
    return mine


def _life(trial: Trial, participant: int, name: str) -> Course:
    cohort = trial.cohort
    row = int(cohort.randomized[participant - 1])
    answered = {
        outcome: [None if np.isnan(value) else float(value) for value in scores[row]]
        for outcome, scores in trial.scores.items()
    }
    due = {
        outcome: [float(value) for value in scores[row]]
        for outcome, scores in trial.scores_when_due().items()
    }
    return Course(
        name,
        trial.scenario.arm_names[cohort.arm[row]],
        _events(trial, participant, row),
        answered,
        due,
    )


def _events(trial: Trial, participant: int, row: int) -> tuple[Event, ...]:
    cohort, opens = trial.cohort, trial.scenario.trial.opens
    calls = int(cohort.calls[row])
    happened = [
        (float(cohort.interest_day[row]), "interested"),
        (float(cohort.screened[row]), f"screened, after {calls} call{'s' if calls > 1 else ''}"),
    ]
    log = events_table(trial)
    happened += [
        (event["day"], ": ".join(filter(None, (event["what"], event["detail"]))))
        for event in log.filter(pc.equal(log["participant"], participant)).to_pylist()
    ]
    happened += _plans(trial, participant)
    happened += _care(trial, participant, row)
    entered = float(cohort.entered[row])
    order = sorted(happened, key=lambda event: event[0])
    return tuple(
        Event(opens + timedelta(days=int(day)), day - entered, what) for day, what in order
    )


def _plans(trial: Trial, participant: int) -> list[tuple[float, str]]:
    """Return the plans made for a participant: day on the trial's clock, and what was planned."""
    table = plans_table(trial)
    if not table.num_rows:
        return []
    table = table.append_column("regret", plan_fits_table(trial)["regret"])
    exercises = {exercise.code: exercise.label for exercise in load_catalogue().exercises}
    found = []
    for plan in table.filter(pc.equal(table["participant"], participant)).to_pylist():
        asked = ", ".join(exercises[code] for code in plan["exercises"].split()) or "no exercises"
        goal = f"{plan['step_goal']:.0f} steps a day" if plan["step_goal"] else "no step goal"
        fit = f"fit {1.0 - plan['regret']:.2f}"
        what = f"plan of week {plan['week']}: {asked}; {goal}; {fit}"
        found.append((float(plan["day"]), what))
    return found


def _care(trial: Trial, participant: int, row: int) -> list[tuple[float, str]]:
    """Return contacts with health care, and the beginnings and ends of sick leave."""
    table = care_table(trial)
    if table is None:
        return []
    found, entry = [], float(trial.cohort.entry[row])
    last = trial.scenario.trial.visits[-1].day
    for event in table.filter(pc.equal(table["participant"], participant)).to_pylist():
        day, back = event["day"], event["day"] + (event["days"] or 0)
        if event["kind"] != SICK_LEAVE:
            found.append((entry + day + 0.5, f"usual care: {event['kind'].replace('_', ' ')}"))
            continue
        if day:
            found.append((entry + day, "goes on sick leave"))
        else:
            found.append((float(trial.cohort.entered[row]), "is on sick leave"))
        if back <= last:
            after = f"after {event['days']} day{'s' if event['days'] > 1 else ''}"
            found.append((entry + back, f"is back from sick leave, {after}"))
    return found
