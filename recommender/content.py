"""From a plan's attributes to its content: which exercises, messages and tools.

What is chosen depends on attributes rounded to a grid, on loads to avoid, minutes to spare and on
who the messages are for. Each combination is worked out once in a process, when first asked for.
"""

import math
from collections.abc import Callable, Iterable
from functools import cache

import numpy as np

from recommender.catalogue import EVERYBODY, LOADS, Catalogue, Exercise, load_catalogue
from recommender.protocol import ATTRIBUTES, EXERCISES, FEATURES, MESSAGES, TOOLS
from scenarios.compiled.kernels import kernel

_GRID = 5
"""Steps of an attribute from 0 to 1."""
LONGEST = 60
"""Most minutes of a session."""
_BANS = 1 << len(LOADS)
TURNS = 8
"""Most lists of exercises that take turns."""
_EXERCISE_SHAPE = (TURNS, _GRID, _GRID, _BANS, LONGEST + 1)
"""Turns, steps of load and of the share of strength, sets of banned loads, minutes."""
_WEEKS = 4
"""Weeks after which messages come again."""
_LOAD, _STRENGTH, _REASSURANCE = (
    ATTRIBUTES.index(name) for name in ("load", "strength_share", "reassurance")
)

Offer = list[tuple[int, int]]
"""Positions in a catalogue, each with the bit of its audience, 0 for everybody."""


def on_grid(attribute: float) -> int:
    """Round an attribute from 0 to 1 to the steps at which content is told apart."""
    return int(attribute * (_GRID - 1.0) + 0.5)


class _Table:
    """Rows of content, each worked out when first asked for.

    Parameters
    ----------
    rows, width
        Of the table.
    work_out
        Returns the row of a place.
    """

    def __init__(self, rows: int, width: int, work_out: Callable[[int], np.ndarray]) -> None:
        self._rows = np.empty((rows, width), dtype=np.int16)
        self._work_out = work_out
        self._known: set[int] = set()

    def of(self, places: np.ndarray) -> np.ndarray:
        """Return the (n, width) rows of n places."""
        asked = places.tolist()
        if not self._known.issuperset(asked):
            for place in {*asked} - self._known:
                self._rows[place] = self._work_out(place)
                self._known.add(place)
        return self._rows.take(places, axis=0)


@kernel
def exercise_places(
    attributes: np.ndarray, banned: np.ndarray, available: np.ndarray, turn: np.ndarray, most: int
) -> np.ndarray:
    """Return n places in a table of shape :data:`_EXERCISE_SHAPE`; see :class:`ExerciseChoice`."""
    places = np.empty(len(attributes), dtype=np.int64)
    for row in range(len(attributes)):
        level = turn[row] * _GRID + on_grid(attributes[row, _LOAD])
        level = level * _GRID + on_grid(attributes[row, _STRENGTH])
        minutes = min(available[row], most)
        places[row] = (level * _BANS + int(banned[row])) * (LONGEST + 1) + minutes
    return places


@kernel
def education_places(
    attributes: np.ndarray,
    week: np.ndarray,
    features: np.ndarray,
    audience: np.ndarray,
    at_least: np.ndarray,
    at_most: np.ndarray,
) -> np.ndarray:
    """Return n places in a table of grid steps x weeks x sets of audiences.

    An audience has a feature (its column), from ``at_least`` to ``at_most``; who has it unknown
    belongs to none.
    """
    places = np.empty(len(attributes), dtype=np.int64)
    for row in range(len(attributes)):
        own = 0
        for a in range(len(audience)):
            if at_least[a] <= features[row, audience[a]] <= at_most[a]:
                own |= 1 << a
        level = on_grid(attributes[row, _REASSURANCE]) * _WEEKS + week[row] % _WEEKS
        places[row] = (level << len(audience)) + own
    return places


class ExerciseChoice:
    """Chooses exercises near a level, strength and flexibility in proportion, that may be done."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._exercises = catalogue.exercises
        self._table = _Table(math.prod(_EXERCISE_SHAPE), EXERCISES + 1, self._work_out)

    def __call__(
        self,
        attributes: np.ndarray,
        banned: np.ndarray,
        available: np.ndarray,
        turn: np.ndarray,
        most: int = LONGEST,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return what is chosen, and whether a banned load changed the choice.

        The choice is (n, :data:`EXERCISES`) positions in the catalogue, -1 where there are no more.

        Parameters
        ----------
        attributes
            (n, attributes) of plans.
        banned
            (n,) loads that must not be met, bits of :data:`LOADS`.
        available, most
            (n,) whole minutes that there are for a session, and at most for anybody's.
        turn
            (n,) which of the lists that take turns, from 0 to below :data:`TURNS`; list 0 has the
            exercises nearest to the plan, each further one begins with the next nearest.
        """
        chosen = self._table.of(exercise_places(attributes, banned, available, turn, most))
        return chosen[:, :EXERCISES], chosen[:, EXERCISES]

    def _work_out(self, place: int) -> np.ndarray:
        turn, load, strength, banned, minutes = (
            int(i) for i in np.unravel_index(place, _EXERCISE_SHAPE)
        )
        positions = self._choose(turn, load, strength, banned, minutes)
        free = self._choose(turn, load, strength, 0, minutes)
        return np.append(_padded(positions, EXERCISES), np.int16(positions != free))

    def _choose(self, turn: int, load: int, strength: int, banned: int, minutes: int) -> list[int]:
        level, share = 1.0 + 3.0 * load / (_GRID - 1), strength / (_GRID - 1)
        left: dict[str, list[int]] = {"strength": [], "flexibility": []}
        for position, exercise in enumerate(self._exercises):
            if not exercise.load_bits & banned:
                left[exercise.type].append(position)
        for kind in left.values():
            kind.sort(key=lambda position: abs(self._exercises[position].level - level))
        chosen: list[Exercise] = []
        positions: list[int] = []
        while len(chosen) < EXERCISES:
            spare = minutes - sum(exercise.minutes for exercise in chosen)
            strong = sum(exercise.type == "strength" for exercise in chosen)
            behind = share * (len(chosen) + 1) - strong >= 0.5
            order = ("strength", "flexibility") if behind else ("flexibility", "strength")
            fits = [p for kind in order for p in left[kind] if self._exercises[p].minutes <= spare]
            if not fits:
                break
            # Lists take turns among exercises that suit alike: no further from the level by one.
            nearest = abs(self._exercises[fits[0]].level - level)
            alike = [
                p for p in fits
                if self._exercises[p].type == self._exercises[fits[0]].type
                and abs(self._exercises[p].level - level) < nearest + 1.0
            ]  # fmt: skip
            best = alike[turn % len(alike)]
            left[self._exercises[best].type].remove(best)
            chosen.append(self._exercises[best])
            positions.append(best)
        return positions


class EducationChoice:
    """Chooses messages against fear and on managing in proportion, and tools, for the patient."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._names = tuple(catalogue.audiences)
        bit = {name: 1 << place for place, name in enumerate(self._names)} | {EVERYBODY: 0}
        self._messages: dict[str, Offer] = {
            theme: [
                (position, bit[message.audience])
                for position, message in enumerate(catalogue.messages)
                if message.theme == theme
            ]
            for theme in ("reassurance", "coping")
        }
        self._tools: Offer = [(p, bit[tool.audience]) for p, tool in enumerate(catalogue.tools)]
        audiences = catalogue.audiences.values()
        self._feature = np.array([FEATURES.index(a.feature) for a in audiences])
        self._at_least = np.array([a.at_least for a in audiences])
        self._at_most = np.array([a.at_most for a in audiences])
        self._shape = (_GRID, _WEEKS, 1 << len(self._names))
        self._table = _Table(math.prod(self._shape), MESSAGES + TOOLS, self._work_out)

    def __call__(
        self, attributes: np.ndarray, features: np.ndarray, week: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (n, :data:`MESSAGES`) and (n, :data:`TOOLS`) positions, -1 where no more.

        Parameters
        ----------
        attributes, features
            (n, attributes) of plans and (n, features) of the patients.
        week
            (n,) weeks since installation; messages take turns.
        """
        places = education_places(
            attributes, week, features, self._feature, self._at_least, self._at_most
        )
        chosen = self._table.of(places)
        return chosen[:, :MESSAGES], chosen[:, MESSAGES:]

    def _work_out(self, place: int) -> np.ndarray:
        level, week, own = (int(i) for i in np.unravel_index(place, self._shape))
        reassuring = round(MESSAGES * level / (_GRID - 1))
        messages = [
            *_turn(self._messages["reassurance"], own, week, reassuring),
            *_turn(self._messages["coping"], own, week, MESSAGES - reassuring),
        ]
        tools = _for_whom(self._tools, own)[:TOOLS]
        return np.concatenate([_padded(messages, MESSAGES), _padded(tools, TOOLS)])


def _turn(offered: Offer, own: int, week: int, count: int) -> list[int]:
    """Return messages, those of the patient's own audiences first, in turn."""
    fitting = _for_whom(offered, own)
    start = week * count % len(fitting)
    return (fitting[start:] + fitting[:start])[:count]


def _for_whom(offered: Offer, own: int) -> list[int]:
    """Return what is for the patient's own audiences, then what is for everybody."""
    return [p for p, bit in offered if bit & own] + [p for p, bit in offered if not bit]


def _padded(positions: Iterable[int], width: int) -> np.ndarray:
    row = np.full(width, -1, dtype=np.int16)
    for place, position in enumerate(positions):
        row[place] = position
    return row


@cache
def choose_exercises() -> ExerciseChoice:
    """Return the choice among the exercises of ``content/``, one for the whole process."""
    return ExerciseChoice(load_catalogue())


@cache
def choose_education() -> EducationChoice:
    """Return the choice among messages and tools of ``content/``, one for the whole process."""
    return EducationChoice(load_catalogue())
