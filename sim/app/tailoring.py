"""The weekly tailoring session: the recommender is asked, and its plan is followed."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from agents.exercise_constraints import ExerciseConstraints
from agents.needs import NeedRules, PresentNeeds
from agents.pathway import BenefitRules
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
from scenarios.arms.given import Given
from scenarios.compiled.kernels import kernel
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.app.draws import AppDraws
from sim.app.expectations import Expectations
from sim.app.plans import ExerciseTime, follow, for_now
from sim.app.records import PLAN, SESSION, AppRecords
from sim.app.session import Facts, Memory, ask, look_at, look_back
from sim.app.users import AppUsers
from sim.core.cohort import Cohort

_KNOWN_AT_BASELINE = tuple(name for name in FEATURES if name not in {"steps", "sessions"})
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


class Asked(NamedTuple):
    """Sessions of an evening that are to end with a plan.

    Attributes
    ----------
    places
        (m,) of the users.
    answered
        (m,) bits of the questions answered.
    requests
        What the recommender is asked.
    """

    places: np.ndarray
    answered: np.ndarray
    requests: Requests


class Tailoring:
    """Turns sessions into requests, and plans into what participants of an arm follow.

    Without a recommender, sessions end without a plan. An entry is added to ``plan_log`` for each
    evening on which plans were made.
    """

    def __init__(
        self,
        scenario: Scenario,
        course: MechanisticCourse,
        given: Given,
        cohort: Cohort,
        natural: NaturalCourse,
        constraints: ExerciseConstraints,
        draws: AppDraws,
        recommender: Recommender | None,
        needs: PresentNeeds,
        users: AppUsers,
        records: AppRecords,
        plan_log: list[PlanBatch],
    ) -> None:
        most = len(users.records)
        self._recommender, self._at_enrolment = recommender, cohort.patients.needs
        self._needs = needs
        self._users, self._use = users, records.use
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
            np.zeros(most),
            np.zeros(most, dtype=np.int64),
            np.zeros(most, dtype=np.int64),
        )
        self._plan_log, self._step_goals = plan_log, "step_goals" in given.features

    def introduce(self, place: int) -> None:
        """Give the app a new user's baseline questionnaire."""
        self._memory.known[place] = self._baseline[self._users.records["row"][place]]

    def ask(self, places: np.ndarray, today: int) -> "Asked | None":
        """Begin the sessions of one evening: ask, and let the recommender learn from last week.

        A session that ends without a plan leaves the plan of the week before in force. None where
        all of them do.
        """
        if not len(places):
            return None
        users, memory = self._users.records, self._memory
        places = end_sessions(today, places, users, self._makes_plan, self._use)
        if self._recommender is None or not len(places):
            return None
        answered, *asked = ask(today, places, users, memory, self._facts, self._rules)
        requests = Requests(*asked)
        went = look_back(
            places, users, memory, self._facts.arm, requests.features, self._sessions_asked,
            self._expected, today,
        )  # fmt: skip
        if len(went[0]):
            self._recommender.learn(Experience(*went))
        return Asked(places, answered, requests)

    def advise(self, session: "Asked", today: int) -> None:
        """End the sessions of one evening with new plans."""
        places, answered, requests = session
        users, memory = self._users.records, self._memory
        if self._recommender is None:
            raise RuntimeError("nobody is there to advise")
        look_at(
            today, places, users, self._facts, self._rules, self._need_rules, self._at_enrolment,
            self._needs,
        )  # fmt: skip
        plans = self._recommender.recommend(requests)
        if not self._step_goals:
            plans = replace(plans, step_goal=np.zeros(len(plans.step_goal)))
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
        self._plan_log.append(
            PlanBatch(today, requests.participant, requests.week, answered, plans, fit)
        )

    def fit_again(self, today: int) -> None:
        """See how the plans in force suit their users now, whoever had no session of late."""
        if self._need_rules.move == 0.0:
            return
        users, window = self._users.records, self._users.window(today)
        followed = users[window.start : window.stop]
        places = window.start + (followed["has_plan"] & followed["reachable"]).nonzero()[0]
        look_at(
            today, places, users, self._facts, self._rules, self._need_rules, self._at_enrolment,
            self._needs,
        )  # fmt: skip
        for_now(places, users, self._memory, self._rules, self._needs, self._fit_width)


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
