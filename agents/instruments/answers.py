"""Patients answer every questionnaire according to their state; the answers are scored."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from agents.instruments import eq_5d, ratings
from agents.instruments.questionnaires import ITEMS, QUESTIONNAIRES, item_scale
from agents.instruments.state import State
from agents.population import Patients
from scenarios.people.instruments import INSTRUMENT_SCALES, Instruments
from scenarios.people.patients import Population

RATINGS = ("nrs_recall", "nrs_average", "nrs_worst", "eq_vas", "sgpals", "gpe")
"""What single ratings draw an error for: recall of pain that both answers share, then each."""
LEANINGS: dict[str, tuple[str, ...]] = ITEMS | {"eq_vas": ("eq_vas_rounding",)}
"""Outcome to the names of a person's lasting leanings: one an item, and the habit of rounding the
EQ-VAS."""


@dataclass(frozen=True, slots=True)
class AnswerDraws:
    """Standard normals behind the answers of m patients.

    Attributes
    ----------
    leaning
        Outcome to (m, leanings) what stays with the person, in the order of :data:`LEANINGS`.
    chance
        Outcome to (m, items) the occasion's, in the order of :data:`ITEMS`.
    error
        Each of :data:`RATINGS` to (m,) the occasion's.
    """

    leaning: dict[str, np.ndarray]
    chance: dict[str, np.ndarray]
    error: dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of m patients.

    Attributes
    ----------
    items
        Outcome to (m, items) answers as given, in the order of :data:`ITEMS`.
    ratings
        Outcome to (m,) answers to a single question.
    """

    items: dict[str, np.ndarray]
    ratings: dict[str, np.ndarray]


def fill_in(
    instruments: Instruments,
    population: Population,
    patients: Patients,
    state: State,
    draws: AnswerDraws,
    shifts: Mapping[str, np.ndarray] = MappingProxyType({}),
) -> Answers:
    """Let patients answer every questionnaire.

    Parameters
    ----------
    instruments
        Parameters of the instruments.
    population
        For the levels of physical activity.
    patients, state
        Traits of the m patients and their state.
    draws
        Standard normals behind their answers.
    shifts
        Outcome to (m,) points by which answers are other than the state says, as far as the ends of
        the scale allow.
    """
    states = {
        "rmdq": state.disability,
        "pseq": state.self_efficacy,
        "fabq": state.fear,
        "bipq": state.illness_perception,
    }
    items = {
        name: item_scale(name, getattr(instruments, name)).fill_in(
            values + shifts.get(name, 0.0), draws.leaning[name], draws.chance[name]
        )
        for name, values in states.items()
    }
    disability = np.clip(state.disability, 0.0, 24.0)
    causes = {
        "disability": disability,
        "pain": state.latest_pain,
        "depression": patients.scores["depression"],
        "stress": patients.scores["stress"],
    }
    items["eq_5d"] = eq_5d.answer_dimensions(
        instruments.eq_5d,
        causes,
        draws.leaning["eq_5d"],
        draws.chance["eq_5d"],
        eq_5d.shift_of(instruments.eq_5d, causes, shifts.get("eq_5d")),
    )
    start, error = patients.values, draws.error
    (habit,) = draws.leaning["eq_vas"].T
    worsening = disability - start["disability"], state.pain - start["pain"]
    average, worst = ratings.remember_pain(instruments.nrs, state, error, shifts)
    rated = {
        "nrs_average": average,
        "nrs_worst": worst,
        "eq_vas": ratings.health_today(
            instruments.eq_vas,
            start["health"] + shifts.get("eq_vas", 0.0),
            worsening,
            error["eq_vas"],
            habit,
        ),
        "sgpals": ratings.activity_level(
            instruments.sgpals,
            population,
            patients,
            state,
            worsening[1],
            error["sgpals"],
            shifts.get("sgpals"),
        ),
        "gpe": ratings.perceived_effect(
            instruments.gpe, start, disability, state, error["gpe"], shifts.get("gpe", 0.0)
        ),
    }
    return Answers(items, rated)


def score(instruments: Instruments, answers: Answers) -> dict[str, np.ndarray]:
    """Return the scores of answers: outcome to (m,) values on the outcome's scale."""
    scores = {
        name: item_scale(name, getattr(instruments, name)).score(answers.items[name])
        for name in QUESTIONNAIRES
    }
    scores |= answers.ratings
    scores["eq_5d"] = eq_5d.index(answers.items["eq_5d"])
    return {name: scores[name] for name in INSTRUMENT_SCALES}


def screen(
    instruments: Instruments, disability: np.ndarray, leaning: np.ndarray, chance: np.ndarray
) -> np.ndarray:
    """Return the RMDQ of people who answer only that questionnaire.

    Parameters
    ----------
    instruments
        Parameters of the instruments.
    disability
        (m,) on the RMDQ scale.
    leaning
        (m, 24) standard normals of the items, the same as in all their later answers.
    chance
        (m, 24) standard normals of the items, the occasion's.
    """
    scale = item_scale("rmdq", instruments.rmdq)
    return scale.score(scale.fill_in(disability, leaning, chance))
