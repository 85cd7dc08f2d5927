"""The trial's multi-item questionnaires: their items, by code, and how they are scored.

Codes carry the number that an item has in its questionnaire. The wording is copyrighted and is
nowhere in this project.
"""

from dataclasses import dataclass
from functools import lru_cache

from agents.instruments.eq_5d import DIMENSIONS
from agents.instruments.item_scale import ItemScale
from scenarios.people.instruments import ITEM_NUMBERS, ItemAnswers


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """Items and scoring of a questionnaire.

    Attributes
    ----------
    numbers
        Numbers of its scored items.
    lowest, highest
        Lowest and highest answer to an item.
    reversed_numbers
        Numbers of the items that are reversed in scoring.
    """

    numbers: tuple[int, ...]
    lowest: int
    highest: int
    reversed_numbers: tuple[int, ...] = ()


QUESTIONNAIRES: dict[str, Questionnaire] = {
    "rmdq": Questionnaire(ITEM_NUMBERS["rmdq"], 0, 1),
    "pseq": Questionnaire(ITEM_NUMBERS["pseq"], 0, 6),
    "fabq": Questionnaire(ITEM_NUMBERS["fabq"], 0, 6),
    "bipq": Questionnaire(ITEM_NUMBERS["bipq"], 0, 10, reversed_numbers=(3, 4, 7)),
}
"""The questionnaires that are scored by a sum."""

ITEMS: dict[str, tuple[str, ...]] = {
    name: tuple(f"{name}_{number:02d}" for number in questionnaire.numbers)
    for name, questionnaire in QUESTIONNAIRES.items()
} | {"eq_5d": tuple(f"eq_5d_{dimension}" for dimension in DIMENSIONS)}
"""Outcome to the codes of its items."""


@lru_cache(maxsize=64)
def item_scale(name: str, parameters: ItemAnswers) -> ItemScale:
    """Return a questionnaire with the parameters of a scenario."""
    questionnaire = QUESTIONNAIRES[name]
    return ItemScale(
        parameters.difficulties,
        questionnaire.lowest,
        questionnaire.highest,
        parameters.spread,
        parameters.stability,
        tuple(questionnaire.numbers.index(n) for n in questionnaire.reversed_numbers),
    )
