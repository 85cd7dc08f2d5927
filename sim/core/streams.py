"""Named random streams: a draw belongs to a person and an occurrence, not to the code's order.

Two trials that share a seed share their luck. Whether patient 17 has a flare on day 40, or would
open the app that day, is settled by (seed, replicate, mechanism, person, day) alone; the arm, the
recommender, the block sizes and the size of the cohort only decide what is made of that luck. So a
patient who slips on the ice in one scenario slips on the same ice in every other.
"""

from collections.abc import Callable
from enum import IntEnum

import numpy as np

BLOCK = 64
"""Occurrences drawn at once; part of the definition of the draws, so it must not change."""


class Mechanism(IntEnum):
    """What a stream is for. The numbers are part of every result: never renumber, only add."""

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
    LATER_TRAITS = 81
    ALLOCATION_COIN = 90
    SCREENING_PAIN = 91
    RUN_IN = 92
    CLINIC = 110
    CLINIC_CHOICE = 111
    CLINIC_ALLOCATION = 112
    OWN_RECOMMENDER = 120


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

    def generator(self, mechanism: Mechanism, *occurrence: int) -> np.random.Generator:
        """Return a fresh generator for a mechanism and, where it recurs, its occurrence.

        Asking twice gives the same draws twice. Draw arrays with the person as first axis: then
        the draws of the first n persons do not depend on how many there are.
        """
        key = (1, self.replicate, int(mechanism), *occurrence)
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
        self, mechanism: Mechanism, persons: int, occurrences: int, *part: int
    ) -> np.ndarray:
        """Draw standard normals, shape (persons, occurrences), single precision.

        A mechanism with several parts, each with occurrences of its own, names the part.
        """
        draw = np.random.Generator.standard_normal
        return self._blocks(mechanism, persons, occurrences, draw, part)

    def uniforms(
        self, mechanism: Mechanism, persons: int, occurrences: int, *part: int
    ) -> np.ndarray:
        """Draw uniforms on [0, 1), shape (persons, occurrences), single precision."""
        return self._blocks(mechanism, persons, occurrences, np.random.Generator.random, part)

    def _blocks(
        self,
        mechanism: Mechanism,
        persons: int,
        occurrences: int,
        draw: Callable[..., np.ndarray],
        part: tuple[int, ...],
    ) -> np.ndarray:
        """Draw whole blocks of occurrences, so that a longer trial extends a shorter one."""
        drawn = np.empty((persons, occurrences), dtype=np.float32)
        for block, start in enumerate(range(0, occurrences, BLOCK)):
            generator = self.generator(mechanism, block, *part)
            whole = draw(generator, (persons, BLOCK), dtype=np.float32)
            drawn[:, start : start + BLOCK] = whole[:, : occurrences - start]
        return drawn
