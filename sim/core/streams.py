"""Common random numbers: a draw belongs to a person, an occasion and a name, not to code's order.

Two trials with the same seed are run on the same patients. Whether patient 17 has a flare on day
40, or would open the app that day, is settled by (seed, replicate, mechanism, person, day) alone;
the arm, the recommender, the block sizes and the size of the cohort only decide what is made of
that draw. So a patient who slips on the ice in one scenario slips on the same ice in every other,
and the difference between two scenarios is what was changed, not who happened to be recruited.

That holds only as long as no draw depends on how many others are made beside it. Four rules:

1. *Mechanism and occasion* name a stream of their own: a number of :class:`Mechanism` and, where it
   recurs, the visit's day, the block of days or weeks, the chunk of candidates.
2. *Things drawn side by side have names*: the items of a questionnaire, traits, needs, loads, the
   questions of a session. Each is drawn for all persons at a place of the stream that its name
   alone decides (:func:`normals_by_name`, :func:`uniforms_by_name`; over days, a part of
   :meth:`Streams.normals`). So anything can be added, left out or declared in another order,
   in the middle as well, and moves none of the others. To rename is to draw anew.
3. *Visits go by the day on which they are due*: a further visit moves no other, but another day is
   another occasion.
4. *Persons come last*: one name, one occasion, then person after person, as many as there are.
   So the first 200 of 600 are the 200 of a cohort of 200. The exception are days and weeks, where
   each person has the same fixed number in a row (:data:`BLOCK`).

What is *made* of draws may still depend on what else there is. A trait's score is composed of its
own draw and those of the traits before it with which it is correlated: put a new trait last. Slow
swings of beliefs run from visit to visit, so a visit between two others becomes part of their path.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b

import numpy as np

BLOCK = 64
"""Days or weeks drawn at once; part of the definition of the draws, so it must not change."""


class Mechanism(IntEnum):
    """What a stream is for. The numbers are part of every result: never renumber, only add.

    Numbers that are no longer used are not given again: 11, 81.
    """

    INTEREST = 1
    CONTACT = 2
    SCREENING = 3
    TRAITS = 4
    NEEDS = 5
    ALLOCATION = 6
    COURSE = 7
    PAIN_SWING = 8
    PAIN_DAY = 9
    FLARE = 10
    DISABILITY_SWING = 12
    BELIEF_SWING = 13
    ANSWER = 14
    WITHDRAWAL = 15
    INSTRUMENT = 16
    STEPS = 17
    INSTALLATION = 18
    QUITTING = 19
    OPENING = 20
    EXERCISE = 21
    READING = 22
    SESSION = 23
    WEAR = 24
    DEVICE = 25
    EXPERT_CASES = 26
    RANDOM_PLAN = 27
    NORMAL_SCORES = 28
    ANSWER_DELAY = 29
    IMPUTATION = 30
    ITEM_LEANING = 40
    ITEM_CHANCE = 41
    SCREENING_ITEMS = 42
    USUAL_CARE = 50
    CALLS = 60
    ADVERSE_EVENT = 61
    ADVERSE_EVENT_KIND = 62
    STEP_SOURCE = 70
    SYNC = 71
    PAUSE = 72
    TOOLS = 73
    QUESTIONS = 74
    PLAN_MADE = 75
    LIMITS = 80
    ALLOCATION_COIN = 90
    SCREENING_PAIN = 91
    RUN_IN = 92
    CLINIC = 110
    CLINIC_CHOICE = 111
    CLINIC_ALLOCATION = 112
    OWN_RECOMMENDER = 120
    TYPICAL_REQUEST = 121
    EXERCISE_FLARE = 130
    PAIN_WORST = 131
    RECURRENCE = 132
    CARE = 150
    SICK_LEAVE = 151


class Streams:
    """The random streams of one replicate.

    Parameters
    ----------
    seed
        Seed of the scenario, at least 0.
    replicate
        Number of the replicate, at least 0.
    """

    def __init__(self, seed: int, replicate: int) -> None:
        self._seed = seed
        self.replicate = replicate

    def generator(self, mechanism: Mechanism, *occurrence: int | str) -> np.random.Generator:
        """Return a fresh generator for a mechanism and, where it recurs, its occurrence.

        Asking twice gives the same draws twice. Draw one number a person, or draw by name.
        """
        words = (_place(word) >> 64 if isinstance(word, str) else word for word in occurrence)
        key = (1, self.replicate, int(mechanism), *words)
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(self._seed, spawn_key=key))
        )

    def shared(self, mechanism: Mechanism) -> np.random.Generator:
        """Return a generator for what is the same in all replicates, such as an expert's cases."""
        key = (0, int(mechanism))
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(self._seed, spawn_key=key))
        )

    def normals(
        self, mechanism: Mechanism, persons: int, occurrences: int, *part: int | str
    ) -> np.ndarray:
        """Draw standard normals, shape (persons, occurrences), single precision.

        Occurrences are days or weeks, one after the other. A mechanism with several parts, each
        with occurrences of its own, names the part.
        """
        draw = np.random.Generator.standard_normal
        return self._blocks(mechanism, persons, occurrences, draw, part)

    def uniforms(
        self, mechanism: Mechanism, persons: int, occurrences: int, *part: int | str
    ) -> np.ndarray:
        """Draw uniforms on [0, 1), shape (persons, occurrences), single precision."""
        return self._blocks(mechanism, persons, occurrences, np.random.Generator.random, part)

    def _blocks(
        self,
        mechanism: Mechanism,
        persons: int,
        occurrences: int,
        draw: Callable[..., np.ndarray],
        part: tuple[int | str, ...],
    ) -> np.ndarray:
        """Draw whole blocks of occurrences, so that a longer trial extends a shorter one."""
        drawn = np.empty((persons, occurrences), dtype=np.float32)
        for block, start in enumerate(range(0, occurrences, BLOCK)):
            generator = self.generator(mechanism, block, *part)
            whole = draw(generator, (persons, BLOCK), dtype=np.float32)
            drawn[:, start : start + BLOCK] = whole[:, : occurrences - start]
        return drawn


def normals_by_name(
    generator: np.random.Generator,
    names: Sequence[str],
    persons: int,
    dtype: type[np.floating] = np.float64,
) -> np.ndarray:
    """Draw standard normals for each name, none of which depends on the other names.

    Parameters
    ----------
    generator
        A fresh one of :class:`Streams`.
    names
        Of what is drawn side by side, such as the items of questionnaires.
    persons
        How many persons.
    dtype
        Double or single precision.

    Returns
    -------
    (names, persons); the draws of the first persons do not depend on how many there are.
    """
    return _by_name(generator, np.random.Generator.standard_normal, names, persons, dtype)


def uniforms_by_name(
    generator: np.random.Generator, names: Sequence[str], persons: int
) -> np.ndarray:
    """Draw uniforms on [0, 1) for each name, (names, persons); see :func:`normals_by_name`."""
    return _by_name(generator, np.random.Generator.random, names, persons, np.float64)


def _by_name(
    generator: np.random.Generator,
    draw: Callable[..., np.ndarray],
    names: Sequence[str],
    persons: int,
    dtype: type[np.floating],
) -> np.ndarray:
    bits = generator.bit_generator
    if not isinstance(bits, np.random.PCG64):
        raise TypeError(f"draws by name need PCG64, not {type(bits).__name__}")
    # A generator for each name would do as well, but costs some five times as much to make as to
    # send one generator to another place of its period of 2^128.
    start = bits.state
    drawn = np.empty((len(names), persons), dtype=dtype)
    for row, name in zip(drawn, names, strict=True):
        bits.state = start
        bits.advance(_place(name))
        draw(generator, dtype=dtype, out=row)
    return drawn


@lru_cache(maxsize=4096)
def _place(name: str) -> int:
    """Return where in a stream a name is drawn: 128 bits that are the same on every machine."""
    return int.from_bytes(blake2b(name.encode(), digest_size=16).digest(), "little")
