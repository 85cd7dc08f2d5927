"""What keeps patients from exercises: little time, and loads that are contraindicated."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from agents.population import Patients, rank_by_traits
from scenarios.people.patients import Limits, Load, Population

LOADS: tuple[str, ...] = get_args(Load)
"""What may be contraindicated; the first is bit 0."""


@dataclass(frozen=True, slots=True)
class PatientLimits:
    """Limits of n patients.

    Attributes
    ----------
    minutes
        (n,) for an exercise session.
    contraindications
        (n,) bits of :data:`LOADS`.
    """

    minutes: np.ndarray
    contraindications: np.ndarray


def draw_limits(
    limits: Limits,
    population: Population,
    patients: Patients,
    normals: np.ndarray,
    uniforms: Sequence[np.ndarray],
) -> PatientLimits:
    """Settle the limits of n patients.

    Parameters
    ----------
    limits, population
        Of the scenario.
    patients
        n patients.
    normals
        (n,) for what no trait tells of the minutes.
    uniforms
        For the contraindication of each of :data:`LOADS`, (n,).
    """
    rank = rank_by_traits(
        limits.minutes.weights,
        limits.minutes.residual,
        patients.scores,
        population.correlation_matrix(),
        list(population.margins),
        normals,
    )
    edges = np.cumsum(limits.minutes.shares)[:-1]
    minutes = np.take(limits.minutes.choices, np.searchsorted(edges, rank, side="right"))
    bits = np.zeros(len(patients), dtype=np.uint8)
    probability: dict[str, float] = dict(limits.contraindicated.items())
    for bit, (load, drawn) in enumerate(zip(LOADS, uniforms, strict=True)):
        bits |= (drawn < probability.get(load, 0.0)) * np.uint8(1 << bit)
    return PatientLimits(minutes, bits)
