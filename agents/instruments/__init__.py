"""The trial's questionnaires: their scales and items, and the answers of a patient in some state.

A state becomes answers to items (:mod:`.item_scale`, :mod:`.eq_5d`) and ratings
(:mod:`.ratings`); answers become scores by the rules of the field (:mod:`.questionnaires`).
"""

from agents.instruments.answers import (
    LEANINGS,
    RATINGS,
    AnswerDraws,
    Answers,
    fill_in,
    score,
    screen,
)
from agents.instruments.questionnaires import ITEMS
from agents.instruments.ratings import screen_pain
from agents.instruments.state import State

__all__ = [
    "ITEMS",
    "LEANINGS",
    "RATINGS",
    "AnswerDraws",
    "Answers",
    "State",
    "fill_in",
    "score",
    "screen",
    "screen_pain",
]
