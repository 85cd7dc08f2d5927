"""Traits of the people interested in the trial, from a Gaussian copula and what it cannot say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from agents.correlation import correlate
from scenarios.people.given import given_scores
from scenarios.people.patients import PLAN_ATTRIBUTES, PatientNeeds, Population, Trait
from scenarios.people.quantiles import values_from_scores

NEED_NAMES = PLAN_ATTRIBUTES
"""A need for each attribute of a plan, in the same order: what would suit the patient."""


@dataclass(frozen=True, slots=True)
class Patients:
    """Traits of n patients.

    Attributes
    ----------
    values
        Trait name to (n,) values in the trait's unit; level codes for categories.
    scores
        Trait name to (n,) standard-normal scores behind the values.
    needs
        (n, 4) hidden needs, 0 to 1, in the order of :data:`NEED_NAMES`.
    """

    values: dict[str, np.ndarray]
    scores: dict[str, np.ndarray]
    needs: np.ndarray

    def __len__(self) -> int:
        return len(self.needs)

    def take(self, rows: np.ndarray) -> "Patients":
        """Return the patients of some rows, in that order."""
        return Patients(
            {name: column[rows] for name, column in self.values.items()},
            {name: column[rows] for name, column in self.scores.items()},
            self.needs[rows],
        )


def draw_patients(
    population: Population,
    needs: PatientNeeds | None,
    normals: np.ndarray,
    need_normals: np.ndarray,
) -> Patients:
    """Make patients from standard normals.

    Parameters
    ----------
    population, needs
        The scenario's margins, correlations and needs, which a plain course may lack.
    normals
        (traits, n) independent standard normals, a row a trait in the order of the margins.
    need_normals
        (4, n) independent standard normals, for what no trait tells about the needs.
    """
    matrix = population.correlation_matrix()
    by_name: dict[str, np.ndarray] = dict(
        zip(population.margins, correlate(matrix, normals), strict=True)
    )
    by_name |= given_scores(population, by_name)
    values: dict[str, np.ndarray] = {
        name: values_from_scores(margin, by_name[name])
        for name, margin in population.margins.items()
    }
    if needs is None:
        return Patients(values, by_name, np.empty((normals.shape[1], 0)))
    order: list[str] = list(population.margins)
    hidden = np.column_stack(
        [
            rank_by_traits(
                getattr(needs, name).weights,
                getattr(needs, name).residual,
                by_name,
                matrix,
                order,
                own,
            )
            for name, own in zip(NEED_NAMES, need_normals, strict=True)
        ]
    )
    return Patients(values, by_name, hidden)


def rank_by_traits(
    weights: Mapping[Trait, float],
    residual: float,
    scores: Mapping[str, np.ndarray],
    correlation: np.ndarray,
    order: Sequence[str],
    normals: np.ndarray,
) -> np.ndarray:
    """Rank patients, 0 to 1, by a weighted sum of trait scores and an independent residual.

    Parameters
    ----------
    weights, residual
        Of the scores of traits, and of ``normals``.
    scores
        Trait name to (n,) scores.
    correlation, order
        Correlation matrix of the scores, and the order of its traits.
    normals
        (n,) independent standard normals.

    Returns
    -------
    (n,) ranks, uniform on (0, 1) in the population: the sum is scaled to variance 1.
    """
    # The traits that have a weight alone: sums over all would be grouped by how many there are.
    loading = np.array(list(weights.values()))
    place = [order.index(name) for name in weights]
    spread = np.sqrt(loading @ correlation[np.ix_(place, place)] @ loading + residual**2)
    total = residual * normals
    for name, weight in weights.items():
        total = total + weight * scores[name]
    return np.asarray(special.ndtr(total / spread))
