"""Limits to exercise: available time, and contraindicated loads."""

from dataclasses import dataclass
from typing import get_args

import numpy as np

from agents.population import Patients, rank_by_traits
from scenarios.people.patients import Limits, Load, Population

LOADS: tuple[str, ...] = get_args(Load)
"""Loads that may be contraindicated; the first is bit 0."""


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
    uniforms: np.ndarray,
) -> PatientLimits:
    """Draw the limits of n patients.

    Parameters
    ----------
    limits, population
        Of the scenario.
    patients
        n patients.
    normals
        (n,) standard normals for the part of the minutes that traits do not explain.
    uniforms
        (n, loads) uniforms for the contraindications.
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
    for bit, load in enumerate(get_args(Load)):
        chance = limits.contraindicated.get(load, 0.0)
        bits |= (uniforms[:, bit] < chance) * np.uint8(1 << bit)
    return PatientLimits(minutes, bits)
