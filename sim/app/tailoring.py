"""The weekly tailoring session: what the app asks, what the recommender answers, what is kept."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from agents.exercise_constraints import ExerciseConstraints
from agents.needs import NeedRules, PresentNeeds, move_needs, suits
from agents.pathway import BenefitRules, eased_disability, felt_pain, follow_plan, plan_fit
from agents.symptoms import LEAD_IN, NaturalCourse
from recommender.catalogue import load_catalogue
from recommender.protocol import (
    ATTRIBUTES,
    EXERCISES,
    FEATURES,
    Experience,
    Plans,
    Recommender,
    Requests,
)
from scenarios.compiled.kernels import kernel
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.app.draws import QUESTIONS, AppDraws
from sim.app.expectations import Expectations, beyond_usual
from sim.app.records import PLAN, SESSION, AppRecords
from sim.app.users import AppUsers
from sim.core.cohort import Cohort

_PAIN, _DISABILITY, _STEPS, _SESSIONS = (
    FEATURES.index(name) for name in ("pain", "disability", "steps", "sessions")
)
_KNOWN_AT_BASELINE = tuple(name for name in FEATURES if name not in {"steps", "sessions"})
_LOAD, _STRENGTH, _REASSURANCE, _PROGRESSION = range(len(ATTRIBUTES))
_ASKED_PAIN, _ASKED_FUNCTION = (1 << QUESTIONS.index(name) for name in ("pain", "function"))
DAYS_BETWEEN = 7
"""Days from a tailoring session until the next one is due; plans are for a week."""


@dataclass(frozen=True, slots=True)
class PlanBatch:
    """Plans made on one evening.

    Attributes
    ----------
    day
        Day of the trial.
    rows, week
        (m,) for whom, and weeks since their installation.
    answered
        (m,) bits of the questions answered in the session.
    plans
        What the recommender answered.
    fit
        (m, 3) fit of exercise, education and step goal to the patient, 0 to 1.
    """

    day: int
    rows: np.ndarray
    week: np.ndarray
    answered: np.ndarray
    plans: Plans
    fit: np.ndarray


class Memory(NamedTuple):
    """What the app remembers of each user since the last plan.

    Attributes
    ----------
    known
        (places, features) what it knew when the plan was made.
    plan, exercises
        (places, attributes) NaN before the first; (places, exercises) -1 in places not used.
    nearest, similarity
        (places,) first of the cases behind the plan, and its similarity.
    sessions, day
        (places,) exercise sessions done by then; day of the trial.
    """

    known: np.ndarray
    plan: np.ndarray
    exercises: np.ndarray
    nearest: np.ndarray
    similarity: np.ndarray
    sessions: np.ndarray
    day: np.ndarray


class Facts(NamedTuple):
    """What a session may bring to light of each row, from day to day.

    Columns count from randomization, those of ``recorded`` and ``synced`` from installation.

    Attributes
    ----------
    pain, pain_relief, disability, own_pain, own_disability
        (rows, columns) without the app, and (rows,) at baseline.
    flare
        (rows, columns) rise of pain by flares after exercise.
    true_steps, recorded, synced
        (rows, columns) steps walked, share recorded of them, when the app knows of them.
    answered, random_plan
        (rows, weeks) questions answered, bits of :data:`sim.app.draws.QUESTIONS`;
        (rows, weeks, attributes) uniforms for recommenders that choose by chance.
    arm, minutes, contraindications
        (rows,) as in :class:`recommender.protocol.Requests`.
    """

    pain: np.ndarray
    pain_relief: np.ndarray
    disability: np.ndarray
    own_pain: np.ndarray
    own_disability: np.ndarray
    flare: np.ndarray
    true_steps: np.ndarray
    recorded: np.ndarray
    synced: np.ndarray
    answered: np.ndarray
    random_plan: np.ndarray
    arm: np.ndarray
    minutes: np.ndarray
    contraindications: np.ndarray


class ExerciseTime(NamedTuple):
    """Minutes and loads (bits) of each of the catalogue's exercises, (exercises,)."""

    minutes: np.ndarray
    loads: np.ndarray


class Tailoring:
    """Turns sessions into requests, and plans into what participants follow.

    Without a recommender, sessions end without a plan.

    Attributes
    ----------
    plan_log
        One entry for each evening on which plans were made.
    """

    def __init__(
        self,
        scenario: Scenario,
        course: MechanisticCourse,
        cohort: Cohort,
        natural: NaturalCourse,
        constraints: ExerciseConstraints,
        draws: AppDraws,
        recommender: Recommender | None,
        needs: PresentNeeds,
        users: AppUsers,
        records: AppRecords,
    ) -> None:
        most = len(users.records)
        self._recommender, self._at_enrolment = recommender, cohort.patients.needs
        self._needs = needs
        self._users, self._use = users.records, records.use
        values = cohort.patients.values
        self._baseline = np.full((len(cohort.patients), len(FEATURES)), np.nan)
        for name in _KNOWN_AT_BASELINE:
            self._baseline[:, FEATURES.index(name)] = values[name]
        self._facts = Facts(
            natural.pain, natural.pain_relief, natural.disability, values["pain"],
            values["disability"], records.flare, records.true_steps,
            draws.recording.ratio, draws.recording.synced, draws.answered, draws.random_plan,
            cohort.arm, constraints.minutes, constraints.contraindications,
        )  # fmt: skip
        self._rules = BenefitRules.of(scenario.mechanisms.pathway, course)
        self._need_rules = NeedRules.of(scenario.mechanisms.pathway)
        self._fit_width = scenario.mechanisms.pathway.fit_width
        self._expected = Expectations.of(scenario.mechanisms.recommender)
        self._sessions_asked = float(scenario.mechanisms.recommender.sessions_per_week)
        self._makes_plan = draws.makes_plan if recommender else np.zeros_like(draws.makes_plan)
        exercises = load_catalogue().exercises
        self._exercise_time = ExerciseTime(
            np.array([exercise.minutes for exercise in exercises]),
            np.array([exercise.load_bits for exercise in exercises]),
        )
        self._memory = Memory(
            np.zeros((most, len(FEATURES))),
            np.full((most, len(ATTRIBUTES)), np.nan),
            np.full((most, EXERCISES), -1),
            np.full(most, -1),
            np.full(most, np.nan),
            np.zeros(most, dtype=np.int64),
            np.zeros(most, dtype=np.int64),
        )
        self.plan_log: list[PlanBatch] = []

    def introduce(self, place: int) -> None:
        """Give the app a new user's baseline questionnaire."""
        self._memory.known[place] = self._baseline[self._users["row"][place]]

    def hold(self, places: np.ndarray, today: int) -> None:
        """Hold the sessions of one evening: ask, learn from last week, make new plans.

        A session that ends without a plan leaves the plan of the week before in force.
        """
        users, memory = self._users, self._memory
        places = end_sessions(today, places, users, self._makes_plan, self._use)
        if self._recommender is None or not len(places):
            return
        answered, *asked = ask(today, places, users, memory, self._facts, self._rules)
        requests = Requests(*asked)
        went = look_back(
            places, users, memory, self._facts.arm, requests.features, self._sessions_asked,
            self._expected, today,
        )  # fmt: skip
        if len(went[0]):
            self._recommender.learn(Experience(*went))
        look_at(
            today, places, users, self._facts, self._rules, self._need_rules, self._at_enrolment,
            self._needs,
        )  # fmt: skip
        plans = self._recommender.recommend(requests)
        # Recommenders of one's own may answer in other types of numbers.
        fit = follow(
            today, places, users, memory, self._rules, requests.features,
            np.ascontiguousarray(plans.attributes, dtype=np.float64),
            np.ascontiguousarray(plans.step_goal, dtype=np.float64),
            np.ascontiguousarray(plans.cases, dtype=np.int64),
            np.ascontiguousarray(plans.similarities, dtype=np.float64),
            np.ascontiguousarray(plans.exercises, dtype=np.int64),
            self._exercise_time, requests.available_minutes, requests.contraindications,
            self._needs, self._fit_width,
        )  # fmt: skip
        self.plan_log.append(
            PlanBatch(today, requests.participant, requests.week, answered, plans, fit)
        )


@kernel
def end_sessions(
    today: int, places: np.ndarray, users: np.ndarray, makes_plan: np.ndarray, use: np.ndarray
) -> np.ndarray:
    """Note who did a session, and return the places of those who end it with a plan.

    Parameters
    ----------
    today
        Day of the trial.
    places
        Of those who did a session today.
    users
        Records of :data:`sim.app.users.USER`.
    makes_plan
        (rows, weeks since installation) whether a plan is made at the end of a session.
    use
        (rows, columns) as :class:`sim.app.records.AppRecords` has it; what was done is added.
    """
    planning = np.empty_like(places)
    plans = 0
    for place in places:
        user = users[place]
        user.next_session = today + DAYS_BETWEEN
        makes = makes_plan[user.row, (today - user.installed) // 7]
        use[user.row, LEAD_IN + today - user.entry] |= SESSION | PLAN * makes
        if makes:
            planning[plans] = place
            plans += 1
    return planning[:plans]


@kernel
def ask(
    today: int,
    places: np.ndarray,
    users: np.ndarray,
    memory: Memory,
    facts: Facts,
    rules: BenefitRules,
) -> tuple[np.ndarray, ...]:
    """Ask n users how they are; what the app is not told stays as it was last known.

    Parameters
    ----------
    today
        Day of the trial.
    places
        (n,) whom to ask.
    users, memory, facts
        What there is to know of them.
    rules
        How capacity eases pain.

    Returns
    -------
    (n,) bits of the questions answered, and the fields of :class:`recommender.protocol.Requests`.
    """
    n = len(places)
    row, week = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    answered = np.empty(n, dtype=np.uint8)
    features = np.empty((n, len(FEATURES)))
    recent, baseline = np.empty((n, 7), dtype=np.float32), np.full(n, np.nan)
    previous = np.empty((n, len(ATTRIBUTES)))
    draws = np.empty((n, len(ATTRIBUTES)), dtype=np.float32)
    for i in range(n):
        place = places[i]
        user, known = users[place], features[i]
        row[i], week[i] = user.row, (today - user.installed) // 7
        column, day = LEAD_IN + today - user.entry, LEAD_IN + today - user.installed
        answered[i] = facts.answered[user.row, week[i]]
        known[:] = memory.known[place]
        if answered[i] & _ASKED_PAIN:
            pain = flare = np.float32(0.0)
            for back in range(7):
                pain += facts.pain[user.row, column - 6 + back]
                flare += facts.flare[user.row, column - 6 + back]
            mean, by_flares = pain / np.float32(7.0), flare / np.float32(7.0)
            known[_PAIN] = felt_pain(rules, mean, user.capacity, by_flares)
        if answered[i] & _ASKED_FUNCTION:
            usual = facts.own_disability[user.row]
            disability = facts.disability[user.row, column]
            eased = eased_disability(disability, usual, user.disability_relief)
            known[_DISABILITY] = min(max(eased, 0.0), 24.0)
        days, steps = 0, np.float32(0.0)
        for back in range(7):
            recent[i, back] = np.nan
            if facts.synced[user.row, day - 7 + back] <= day:
                true = facts.true_steps[user.row, column - 7 + back]
                recent[i, back] = true * facts.recorded[user.row, day - 7 + back]
                steps += recent[i, back]
                days += 1
        if days:
            known[_STEPS] = np.float64(steps) / days
        baseline[i] = first_week_steps(user, facts, day)
        if user.has_plan:
            done = user.exercise_sessions - memory.sessions[place]
            known[_SESSIONS] = done * (7.0 / (today - memory.day[place]))
        previous[i] = memory.plan[place]
        draws[i] = facts.random_plan[user.row, week[i]]
    return (
        answered,
        row,
        facts.arm[row],
        week,
        features,
        previous,
        recent,
        baseline,
        facts.minutes[row],
        facts.contraindications[row],
        draws,
    )


def first_week_steps(user: Any, facts: Facts, day: int) -> float:
    """Return the mean steps recorded in a user's first week with the app, NaN if none are known.

    Parameters
    ----------
    user, facts
        As in :func:`ask`.
    day
        Column of today among those that count from installation.
    """
    days, steps = 0, 0.0
    for since in range(LEAD_IN, min(LEAD_IN + 7, day)):
        if facts.synced[user.row, since] <= day:
            column = user.installed - user.entry + since
            steps += facts.true_steps[user.row, column] * facts.recorded[user.row, since]
            days += 1
    return steps / days if days else np.nan


@kernel
def look_at(
    today: int,
    places: np.ndarray,
    users: np.ndarray,
    facts: Facts,
    rules: BenefitRules,
    need_rules: NeedRules,
    at_enrolment: np.ndarray,
    needs: PresentNeeds,
) -> None:
    """Put in place what would suit n users today, known to nobody but an oracle.

    Parameters
    ----------
    today, places, users, facts, rules
        As in :func:`ask`.
    need_rules
        How needs move.
    at_enrolment
        (rows, attributes) needs at enrolment.
    needs
        Of each row; changed in place.
    """
    for place in places:
        user = users[place]
        column = LEAD_IN + today - user.entry
        pain = felt_pain(rules, facts.pain[user.row, column], user.capacity, user.flare)
        move_needs(
            needs.present[user.row], at_enrolment[user.row], need_rules,
            facts.pain_relief[user.row, column], user.capacity, user.beliefs,
            pain - facts.own_pain[user.row],
        )  # fmt: skip
        suits(needs.present[user.row], need_rules, needs.plan[user.row])


@kernel
def look_back(
    places: np.ndarray,
    users: np.ndarray,
    memory: Memory,
    arm: np.ndarray,
    features: np.ndarray,
    sessions_asked: float,
    expected: Expectations,
    day: int,
) -> tuple[np.ndarray, ...]:
    """See how the plans of the week before went, of those of n users who had one.

    Parameters
    ----------
    places, users, memory
        As in :func:`ask`.
    arm
        (rows,) of everybody.
    features
        (n, features) what the app knows now.
    sessions_asked
        Exercise sessions a week that plans ask for.
    expected
        What is usual; these weeks are added to it.
    day
        Day of the trial.

    Returns
    -------
    The fields of :class:`recommender.protocol.Experience`.
    """
    n = len(places)
    row, old, outcome = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64), np.empty(n)
    known, plan = np.empty((n, len(FEATURES))), np.empty((n, len(ATTRIBUTES)))
    plans = 0
    for i, place in enumerate(places):
        user = users[place]
        if user.has_plan:
            row[plans], old[plans] = user.row, place
            known[plans], plan[plans] = memory.known[place], memory.plan[place]
            done = user.exercise_sessions - memory.sessions[place]
            # Half counts what was done, half how pain changed: all of it if by 2 points.
            relief, share = memory.known[place, _PAIN] - features[i, _PAIN], done / sessions_asked
            if expected.less_usual:
                relief, share = beyond_usual(
                    expected, (day - user.installed) // 7, memory.known[place, _PAIN], relief,
                    min(share, 1.0),
                )  # fmt: skip
            better = relief * 0.25 + 0.5
            outcome[plans] = 0.5 * (min(max(better, 0.0), 1.0) + min(max(share, 0.0), 1.0))
            plans += 1
    row, old = row[:plans], old[:plans]
    return (
        row,
        arm[row],
        known[:plans],
        plan[:plans],
        memory.nearest[old],
        memory.similarity[old],
        outcome[:plans],
    )


@kernel
def follow(
    today: int,
    places: np.ndarray,
    users: np.ndarray,
    memory: Memory,
    rules: BenefitRules,
    features: np.ndarray,
    attributes: np.ndarray,
    step_goal: np.ndarray,
    cases: np.ndarray,
    similarities: np.ndarray,
    exercises: np.ndarray,
    exercise_time: ExerciseTime,
    available: np.ndarray,
    contraindications: np.ndarray,
    needs: PresentNeeds,
    fit_width: float,
) -> np.ndarray:
    """Let n users follow new plans, and remember them.

    Parameters
    ----------
    today, places, users, memory, rules
        As in :func:`ask`.
    features
        (n, features) what the app knows now.
    attributes, step_goal, cases, similarities, exercises
        As in :class:`recommender.protocol.Plans`.
    exercise_time
        Of the catalogue.
    available, contraindications
        (n,) minutes for a session, and loads that an exercise must not have.
    needs
        Of each row.
    fit_width
        See :func:`agents.pathway.plan_fit`.

    Returns
    -------
    (n, 3) fit of exercise, education and step goal, 0 to 1.
    """
    fit = np.empty((len(places), 3))
    for i, place in enumerate(places):
        user, plan, need = users[place], attributes[i], needs.plan[users[place].row]
        asked = done = 0
        for exercise in exercises[i]:
            if exercise >= 0:
                asked += exercise_time.minutes[exercise]
                if not exercise_time.loads[exercise] & contraindications[i]:
                    done += exercise_time.minutes[exercise]
        feasible = min(done, available[i]) / max(asked, 1)
        load = plan_fit(plan[_LOAD], need[_LOAD], fit_width)
        strength = plan_fit(plan[_STRENGTH], need[_STRENGTH], fit_width)
        fit[i, 0] = (load + strength) * 0.5 * feasible
        fit[i, 1] = plan_fit(plan[_REASSURANCE], need[_REASSURANCE], fit_width)
        fit[i, 2] = plan_fit(plan[_PROGRESSION], need[_PROGRESSION], fit_width)
        user.fit = fit[i, 0]
        user.overload = plan[_LOAD] - needs.present[user.row, _LOAD]
        follow_plan(user, rules, fit[i, 0], fit[i, 1], fit[i, 2], user.overload)
        if not user.has_plan or (memory.exercises[place] != exercises[i]).any():
            user.list_since = today
            memory.exercises[place] = exercises[i]
        user.has_plan, user.goal = True, step_goal[i]
        memory.known[place], memory.plan[place] = features[i], plan
        memory.sessions[place], memory.day[place] = user.exercise_sessions, today
        if cases.shape[1]:
            memory.nearest[place], memory.similarity[place] = cases[i, 0], similarities[i, 0]
    return fit
