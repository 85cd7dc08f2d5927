"""Retrieval against an independent implementation: cbrkit, on the same definitions.

cbrkit is an optional extra; where it is not installed there is nothing to compare with.
"""

import math

import cbrkit
import numpy as np
import pytest

from recommender.protocol import FEATURES
from recommender.retrieval import CaseIndex, retrieve
from recommender.similarity import GlobalSimilarity, Linear, Sigmoid, Table, Threshold

F, K, CASES, PATIENTS = len(FEATURES), 10, 300, 20
ROWS = ((1.0, 0.7, 0.1), (0.4, 1.0, 0.3), (0.0, 0.6, 1.0))
MEASURES = (
    Linear(30.0), Threshold(15.0), Sigmoid(20.0, 6.0), Table(ROWS),
    *(Linear(40.0 + 10.0 * f) for f in range(F - 4)),
)  # fmt: skip
WEIGHTS = np.linspace(0.5, 3.0, F)


def theirs():
    """The same measures in cbrkit; its sigmoid is not 1 at no difference, ours is scaled so."""
    half = cbrkit.sim.numbers.sigmoid(alpha=6.0, theta=20.0)
    at_none = 1.0 + math.exp(-20.0 / 6.0)
    entries = [(a, b, ROWS[a][b]) for a in range(3) for b in range(3)]
    local = [
        cbrkit.sim.numbers.linear(max=30.0),
        cbrkit.sim.numbers.threshold(15.0),
        lambda a, b: at_none * half(a, b),
        cbrkit.sim.generic.table(
            [(float(b), float(a), value) for a, b, value in entries], symmetric=False
        ),
        *(cbrkit.sim.numbers.linear(max=40.0 + 10.0 * f) for f in range(F - 4)),
    ]
    return cbrkit.sim.attribute_value(
        attributes=dict(zip(FEATURES, local, strict=True)),
        aggregator=cbrkit.sim.aggregator(
            pooling="mean", pooling_weights=dict(zip(FEATURES, WEIGHTS.tolist(), strict=True))
        ),
    )


@pytest.mark.parametrize("unknown", [0, 3])
def test_ranking_and_similarities_equal_those_of_cbrkit(unknown):
    generator = np.random.default_rng(11)
    cases, patients = generator.random((CASES, F)) * 60, generator.random((PATIENTS, F)) * 60
    for values in (cases, patients):
        values[:, 3] = generator.integers(0, 3, len(values))
    patients[:, 4 : 4 + unknown] = np.nan  # unknown to the patient: left out of the weights
    similarity = GlobalSimilarity(MEASURES, WEIGHTS, np.zeros(F), "left_out")
    index = CaseIndex(similarity, CASES)
    index.store(np.arange(CASES), cases)
    nearest, alike = retrieve(index.compare(patients, CASES), K)

    casebase = {
        number: dict(zip(FEATURES, row, strict=True)) for number, row in enumerate(cases.tolist())
    }
    retriever = cbrkit.retrieval.build(theirs())
    for row in range(PATIENTS):
        known = {
            name: value
            for name, value in zip(FEATURES, patients[row].tolist(), strict=True)
            if not math.isnan(value)
        }
        found = cbrkit.retrieval.apply(casebase, known, retriever)
        assert nearest[row].tolist() == list(found.ranking)[:K]
        scores = [found.similarities[case].value for case in found.ranking[:K]]
        assert alike[row] == pytest.approx(scores, abs=1e-6)
