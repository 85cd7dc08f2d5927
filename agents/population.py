"""Who is interested in the trial: correlated traits from a Gaussian copula."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from agents.margins import values_from_scores
from scenarios.patients import Needs, PatientNeeds, Population

NEED_NAMES = ("load", "strength_share", "reassurance", "progression")
"""Attributes of a plan that can suit a patient or not, in the order of every plan array."""


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
    population: Population, needs: PatientNeeds, normals: np.ndarray, need_normals: np.ndarray
) -> Patients:
    """Make patients of standard normals.

    Parameters
    ----------
    population, needs
        The scenario's margins, correlations and needs.
    normals
        (n, traits) independent standard normals, a column a trait in the order of the margins.
    need_normals
        (n, 4) independent standard normals, for what no trait tells about the needs.
    """
    matrix = population.correlation_matrix()
    # einsum, not BLAS: a person's scores must not depend on how many rows there are.
    scores = np.einsum("ij,kj->ik", normals, np.linalg.cholesky(matrix))
    by_name: dict[str, np.ndarray] = {
        name: scores[:, column] for column, name in enumerate(population.margins)
    }
    values: dict[str, np.ndarray] = {
        name: values_from_scores(margin, by_name[name])
        for name, margin in population.margins.items()
    }
    order: list[str] = list(population.margins)
    hidden = np.column_stack(
        [
            _need(getattr(needs, name), by_name, matrix, order, need_normals[:, column])
            for column, name in enumerate(NEED_NAMES)
        ]
    )
    return Patients(values, by_name, hidden)


def _need(
    need: Needs,
    scores: dict[str, np.ndarray],
    correlation: np.ndarray,
    order: list[str],
    residual: np.ndarray,
) -> np.ndarray:
    """Scale a weighted sum of scores to variance 1 and map it to (0, 1)."""
    weights = np.array([need.weights.get(name, 0.0) for name in order])  # type: ignore[call-overload]
    spread = np.sqrt(weights @ correlation @ weights + need.residual**2)
    total = need.residual * residual
    for name, weight in need.weights.items():
        total = total + weight * scores[name]
    return np.asarray(special.ndtr(total / spread))
