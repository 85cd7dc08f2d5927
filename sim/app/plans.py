"""Plans in force: how they suit their users, and what following them gains."""

from typing import Any, NamedTuple

import numpy as np

from agents.needs import PresentNeeds
from agents.pathway import BenefitRules, follow_plan, plan_fit
from recommender.protocol import ATTRIBUTES
from scenarios.compiled.kernels import kernel
from sim.app.session import Memory

_LOAD, _STRENGTH, _REASSURANCE, _PROGRESSION = range(len(ATTRIBUTES))


class ExerciseTime(NamedTuple):
    """Minutes and loads (bits) of each of the catalogue's exercises, (exercises,)."""

    minutes: np.ndarray
    loads: np.ndarray


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
        As in :func:`sim.app.session.ask`.
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
        user, plan = users[place], attributes[i]
        asked = done = 0
        for exercise in exercises[i]:
            if exercise >= 0:
                asked += exercise_time.minutes[exercise]
                if not exercise_time.loads[exercise] & contraindications[i]:
                    done += exercise_time.minutes[exercise]
        memory.feasible[place] = min(done, available[i]) / max(asked, 1)
        fit[i] = fits(user, plan, memory.feasible[place], rules, needs, fit_width)
        if not user.has_plan or (memory.exercises[place] != exercises[i]).any():
            user.list_since = today
            memory.exercises[place] = exercises[i]
        user.has_plan, user.goal = True, step_goal[i]
        memory.known[place], memory.plan[place] = features[i], plan
        memory.sessions[place], memory.day[place] = user.exercise_sessions, today
        if cases.shape[1]:
            memory.nearest[place], memory.similarity[place] = cases[i, 0], similarities[i, 0]
    return fit


@kernel
def for_now(
    places: np.ndarray,
    users: np.ndarray,
    memory: Memory,
    rules: BenefitRules,
    needs: PresentNeeds,
    fit_width: float,
) -> None:
    """Let users follow the plans that they have, as these suit them now; see :func:`follow`."""
    for place in places:
        fits(users[place], memory.plan[place], memory.feasible[place], rules, needs, fit_width)


@kernel
def fits(
    user: Any,
    plan: np.ndarray,
    feasible: float,
    rules: BenefitRules,
    needs: PresentNeeds,
    fit_width: float,
) -> tuple[float, float, float]:
    """Return the fit of exercise, education and step goal, 0 to 1, and let the user follow them.

    Parameters
    ----------
    user
        Record of :data:`sim.app.users.USER`.
    plan
        (attributes,) of the plan in force.
    feasible
        Share of the exercises' minutes that can be done.
    rules, needs, fit_width
        As in :func:`follow`.
    """
    need = needs.plan[user.row]
    load = plan_fit(plan[_LOAD], need[_LOAD], fit_width)
    strength = plan_fit(plan[_STRENGTH], need[_STRENGTH], fit_width)
    exercise = (load + strength) * 0.5 * feasible
    education = plan_fit(plan[_REASSURANCE], need[_REASSURANCE], fit_width)
    steps = plan_fit(plan[_PROGRESSION], need[_PROGRESSION], fit_width)
    user.fit = exercise
    user.overload = plan[_LOAD] - needs.present[user.row, _LOAD]
    follow_plan(user, rules, exercise, education, steps, user.overload)
    return exercise, education, steps
