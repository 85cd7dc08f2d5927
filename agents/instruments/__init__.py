"""The trial's questionnaires: their scales and items, and the answers of a patient in some state.

A state becomes answers to items (:mod:`.item_scale`, :mod:`.eq_5d`) and ratings
(:mod:`.ratings`); answers become scores by the rules of the field (:mod:`.questionnaires`).
"""

from agents.instruments.answers import (
    COLUMNS,
    ITEM_COUNT,
    LEANINGS,
    RATINGS,
    AnswerDraws,
    Answers,
    answer,
    fill_in,
    score,
    screen,
)
from agents.instruments.questionnaires import ITEMS
from agents.instruments.scales import OUTCOMES, SCALES, Scale, on_scale
from agents.instruments.state import State

__all__ = [
    "COLUMNS",
    "ITEMS",
    "ITEM_COUNT",
    "LEANINGS",
    "OUTCOMES",
    "RATINGS",
    "SCALES",
    "AnswerDraws",
    "Answers",
    "Scale",
    "State",
    "answer",
    "fill_in",
    "on_scale",
    "score",
    "screen",
]
