"""What a tailoring session brings to light: the patient's week, as the app gets to know it."""

from typing import Any, NamedTuple

import numpy as np

from agents.needs import NeedRules, PresentNeeds, move_needs, suits
from agents.pathway import BenefitRules, eased_disability, felt_pain
from agents.symptoms import LEAD_IN
from recommender.protocol import ATTRIBUTES, FEATURES
from scenarios.compiled.kernels import kernel
from sim.app.draws import QUESTIONS
from sim.app.expectations import Expectations, beyond_usual

_PAIN, _DISABILITY, _STEPS, _SESSIONS = (
    FEATURES.index(name) for name in ("pain", "disability", "steps", "sessions")
)
_ASKED_PAIN, _ASKED_FUNCTION = (1 << QUESTIONS.index(name) for name in ("pain", "function"))


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
    feasible
        (places,) share of the minutes of its exercises that the user can do.
    sessions, day
        (places,) exercise sessions done by then; day of the trial.
    """

    known: np.ndarray
    plan: np.ndarray
    exercises: np.ndarray
    nearest: np.ndarray
    similarity: np.ndarray
    feasible: np.ndarray
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
            true = facts.true_steps[user.row, column]
            steps += float(true * facts.recorded[user.row, since])
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
