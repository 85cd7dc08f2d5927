"""Constraints on exercise plans: available time, and contraindicated loads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from agents.population import Patients, rank_by_traits
from scenarios.people.patients import Limits, Load, Population

LOADS: tuple[str, ...] = get_args(Load)
"""Loads that may be contraindicated; the first is bit 0."""


@dataclass(frozen=True, slots=True)
class ExerciseConstraints:
    """Constraints on the exercises of n patients.

    Attributes
    ----------
    minutes
        (n,) available for an exercise session.
    contraindications
        (n,) bits of :data:`LOADS`: bit i is set where load i must be avoided.
    """

    minutes: np.ndarray
    contraindications: np.ndarray


def draw_constraints(
    constraints: Limits,
    population: Population,
    patients: Patients,
    normals: np.ndarray,
    uniforms: Sequence[np.ndarray],
) -> ExerciseConstraints:
    """Draw the exercise constraints of n patients.

    Parameters
    ----------
    constraints, population
        The scenario's ``[limits]`` and ``[population]``.
    patients
        n patients.
    normals
        (n,) standard normals for the part of the minutes that traits do not explain.
    uniforms
        For the contraindication of each of :data:`LOADS`, (n,).
    """
    rank = rank_by_traits(
        constraints.minutes.weights,
        constraints.minutes.residual,
        patients.scores,
        population.correlation_matrix(),
        list(population.margins),
        normals,
    )
    edges = np.cumsum(constraints.minutes.shares)[:-1]
    minutes = np.take(constraints.minutes.choices, np.searchsorted(edges, rank, side="right"))
    bits = np.zeros(len(patients), dtype=np.uint8)
    probability: dict[str, float] = dict(constraints.contraindicated.items())
    for bit, (load, drawn) in enumerate(zip(LOADS, uniforms, strict=True)):
        bits |= (drawn < probability.get(load, 0.0)) * np.uint8(1 << bit)
    return ExerciseConstraints(minutes, bits)
