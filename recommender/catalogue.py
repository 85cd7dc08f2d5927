"""What a plan can be made of: exercises, education messages and tools, read from ``content/``."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from scenarios.people.patients import Load

LOADS: tuple[str, ...] = get_args(Load)
"""What exercises load and contraindications forbid; the first is bit 0 of a set of loads."""

EVERYBODY = "everybody"
"""Audience of what is for all."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """An exercise: its level is 1 (gentle) to 4 (hard), its minutes those of one session."""

    code: str
    label: str
    type: Literal["strength", "flexibility"]
    level: int
    minutes: int
    loads: tuple[str, ...]

    @property
    def load_bits(self) -> int:
        """Return what it loads, bits of :data:`LOADS`."""
        return sum(1 << LOADS.index(load) for load in self.loads)


@dataclass(frozen=True, slots=True)
class Audience:
    """Patients with a feature of at least, or at most, some value."""

    feature: str
    at_least: float = float("-inf")
    at_most: float = float("inf")


@dataclass(frozen=True, slots=True)
class Message:
    """An education message, against fear ("reassurance") or on managing ("coping")."""

    code: str
    label: str
    theme: Literal["reassurance", "coping"]
    audience: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool of the app that a plan may suggest."""

    code: str
    label: str
    audience: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All content, in the order in which plans number it."""

    exercises: tuple[Exercise, ...]
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...]
    audiences: dict[str, Audience]


@cache
def load_catalogue() -> Catalogue:
    """Read the catalogues in ``recommender/content/``."""
    folder = Path(__file__).with_name("content")
    exercises = tomllib.loads((folder / "exercises.toml").read_text(encoding="utf-8"))
    education = tomllib.loads((folder / "education.toml").read_text(encoding="utf-8"))
    return Catalogue(
        tuple(Exercise(**{**row, "loads": tuple(row["loads"])}) for row in exercises["exercises"]),
        tuple(Message(**row) for row in education["messages"]),
        tuple(Tool(**row) for row in education["tools"]),
        {name: Audience(**row) for name, row in education["audiences"].items()},
    )
