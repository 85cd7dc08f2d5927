"""Rows that have the summaries of a data set: the same likelihood, but nobody's own values.

Participants with the same visits enter a normal model by sums of products. Any rows with these sums
give the same fit, so a test carries the sums and makes rows from them.
"""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

CENTRE = 42.0
"""Was taken off the outcome before it was summed, so that sums keep their digits."""
FEV = json.loads((Path(__file__).parent / "fev_summaries.json").read_text(encoding="utf-8"))


def symmetric(triangle):
    """Return a symmetric matrix, given its lower triangle row by row."""
    size = int((np.sqrt(8 * len(triangle) + 1) - 1) / 2)
    matrix = np.zeros((size, size))
    matrix[np.tril_indices(size)] = triangle
    return matrix + np.tril(matrix, -1).T


def root(gram, n):
    """Return n rows R with R'R = gram; beyond its rank they are 0."""
    values, vectors = np.linalg.eigh(gram)
    rows = (np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T)[::-1][:n]
    return np.vstack([rows, np.zeros((n - len(rows), len(gram)))])


def from_patterns(columns):
    """Return y, X, participant and visit with the sums of intercept, traits and outcome.

    The traits are black, white, female, treated; ``columns`` are functions of intercept, traits and
    visit indicators.
    """
    y, X, who, when = [], [], [], []
    for pattern in FEV["patterns"]:
        visits, n = pattern["visits"], pattern["n"]
        rows = root(symmetric(pattern["gram"]), n)
        for row in rows:
            for position, visit in enumerate(visits):
                y.append(row[5 + position] + CENTRE * row[0])
                X.append(columns(row[:5], np.eye(4)[visit]))
                when.append(visit)
            who += [len(who)] * len(visits)
    codes = np.unique(who, return_inverse=True)[1]
    return np.array(y), np.array(X), codes, np.array(when)


def from_cells():
    """Return y, treatment, participant and visit with the means and scatter of both arms."""
    y, treated, who, when = [], [], [], []
    for cell in FEV["cells"]:
        visits, n = cell["visits"], cell["n"]
        scatter = root(symmetric(cell["scatter"]), n - 1)
        # Helmert's contrasts are orthonormal and sum to 0: they add to no mean.
        contrasts = np.array(
            [np.r_[np.ones(k), -k, np.zeros(n - 1 - k)] / np.sqrt(k * (k + 1)) for k in range(1, n)]
        ).reshape(n - 1, n)
        for values in np.array(cell["mean"]) + CENTRE + contrasts.T @ scatter:
            y += values.tolist()
            treated += [cell["treated"]] * len(visits)
            when += visits
            who += [len(who)] * len(visits)
    codes = np.unique(who, return_inverse=True)[1]
    return np.array(y), np.array(treated, float), codes, np.array(when)


@pytest.fixture(scope="session")
def fev():
    """Rows like the simulated lung function of the R package mmrm: 197 patients, 537 visits."""
    return SimpleNamespace(from_patterns=from_patterns, from_cells=from_cells)
