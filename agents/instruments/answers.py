"""Patients answer every questionnaire according to their state; the answers are scored."""

from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from agents.instruments import eq_5d, ratings
from agents.instruments.questionnaires import ITEMS, QUESTIONNAIRES, item_scale
from agents.instruments.scales import OUTCOMES
from agents.instruments.state import State
from agents.population import Patients
from scenarios.people.instruments import Instruments
from scenarios.people.patients import Population

_ENDS = tuple(accumulate(len(codes) for codes in ITEMS.values()))
_COLUMNS = {
    name: slice(end - len(ITEMS[name]), end) for name, end in zip(ITEMS, _ENDS, strict=True)
}
"""Columns of each outcome's items in the arrays of all items."""
ITEM_COUNT = _ENDS[-1]
RATINGS = ("nrs_recall", "nrs_average", "nrs_worst", "eq_vas", "sgpals", "gpe")
"""Errors of the single ratings: first the recall error shared by both pain answers, then each."""
LEANINGS = ITEM_COUNT + 1
"""Lasting leanings of a person: one an item, and the habit of rounding the EQ-VAS."""


@dataclass(frozen=True, slots=True)
class AnswerDraws:
    """Standard normals behind the answers of m patients.

    Attributes
    ----------
    leaning
        (m, :data:`LEANINGS`) lasting part of the person.
    chance
        (m, :data:`ITEM_COUNT`) the occasion's part, for each item.
    error
        (m, ratings) the occasion's part, in the order of :data:`RATINGS`.
    """

    leaning: np.ndarray
    chance: np.ndarray
    error: np.ndarray


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
        Their standard normals.
    """
    states = {
        "rmdq": state.disability,
        "pseq": state.self_efficacy,
        "fabq": state.fear,
        "bipq": state.illness_perception,
    }
    items = {
        name: item_scale(name, getattr(instruments, name)).fill_in(
            values, draws.leaning[:, _COLUMNS[name]], draws.chance[:, _COLUMNS[name]]
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
    columns = _COLUMNS["eq_5d"]
    items["eq_5d"] = eq_5d.answer_dimensions(
        instruments.eq_5d, causes, draws.leaning[:, columns], draws.chance[:, columns]
    )
    start = patients.values
    error = {name: draws.error[:, column] for column, name in enumerate(RATINGS)}
    worsening = disability - start["disability"], state.pain - start["pain"]
    average, worst = ratings.remember_pain(instruments.nrs, state, error)
    rated = {
        "nrs_average": average,
        "nrs_worst": worst,
        "eq_vas": ratings.health_today(
            instruments.eq_vas, start["health"], worsening, error["eq_vas"], draws.leaning[:, -1]
        ),
        "sgpals": ratings.activity_level(
            instruments.sgpals, population, patients, state, worsening[1], error["sgpals"]
        ),
        "gpe": ratings.perceived_effect(instruments.gpe, start, disability, state, error["gpe"]),
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
    return {name: scores[name] for name in OUTCOMES}


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
        (m, :data:`LEANINGS`) lasting part, the same as in all their later answers.
    chance
        (m, 24) the occasion's part.
    """
    scale = item_scale("rmdq", instruments.rmdq)
    return scale.score(scale.fill_in(disability, leaning[:, _COLUMNS["rmdq"]], chance))
