import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommender.protocol import FEATURES
from recommender.retrieval import CaseIndex, retrieve
from recommender.similarity import GlobalSimilarity, Linear, Sigmoid, Table, Threshold

F = len(FEATURES)
MIXED = (
    Linear(10.0), Threshold(2.0), Sigmoid(3.0, 1.0), Table(((1.0, 0.6), (0.2, 1.0))),
    *(Linear(5.0) for _ in range(F - 4)),
)  # fmt: skip
patients = arrays(float, (3, F), elements=st.one_of(st.floats(0, 10, width=32), st.just(np.nan)))
weightings = arrays(float, F, elements=st.floats(0.1, 5))
MISSING = ("stated", "left_out")


def mixed(weights: np.ndarray, missing: str = "stated") -> GlobalSimilarity:
    return GlobalSimilarity(MIXED, weights, np.linspace(0.0, 1.0, F), missing)


def compared(similarity: GlobalSimilarity, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    index = CaseIndex(similarity, len(b))
    index.store(np.arange(len(b)), b)
    return np.ascontiguousarray(index.compare(a, len(b))[:, : len(b)])


def by_hand(similarity: GlobalSimilarity, a: np.ndarray, b: np.ndarray) -> float:
    """The weighted mean of local similarities, feature by feature."""
    total = counted = 0.0
    for f, measure in enumerate(similarity.measures):
        local = float(measure(a[f : f + 1], b[f : f + 1])[0])
        if np.isnan(local):
            if similarity.missing == "left_out":
                continue
            local = similarity.unknown[f]
        total += similarity.weights[f] * local
        counted += similarity.weights[f]
    return total / counted if counted else 0.0


@examples(max_examples=80)
@given(a=patients, b=patients, weights=weightings, missing=st.sampled_from(MISSING))
def test_similarity_is_the_weighted_mean_of_local_similarities(a, b, weights, missing):
    similarity = mixed(weights, missing)
    found = compared(similarity, a, b)
    assert ((found >= 0.0) & (found <= 1.0)).all()
    for row in range(3):
        for case in range(3):
            if not np.isclose(abs(a[row, 1] - b[case, 1]), 2.0):  # at the threshold's edge
                assert found[row, case] == pytest.approx(
                    by_hand(similarity, a[row], b[case]), abs=2e-5
                )


@examples(max_examples=50)
@given(a=arrays(float, (3, F), elements=st.floats(0, 10)), b=patients, weights=weightings)
def test_similarity_to_itself_is_1_and_symmetric_with_symmetric_measures(a, b, weights):
    similarity = GlobalSimilarity((Linear(5.0),) * F, weights, np.full(F, 0.5), "stated")
    assert np.array_equal(np.diag(compared(similarity, a, a)), np.ones(3))
    assert compared(similarity, a, b) == pytest.approx(compared(similarity, b, a).T, abs=1e-5)


@examples(max_examples=50)
@given(seed=st.integers(0, 10_000), missing=st.sampled_from(MISSING), gaps=st.booleans())
def test_retrieval_does_not_depend_on_the_order_of_cases(seed, missing, gaps):
    generator = np.random.default_rng(seed)
    cases, asked = generator.random((60, F)) * 10, generator.random((4, F)) * 10
    if gaps:
        cases[generator.random(cases.shape) < 0.1] = np.nan
    order = generator.permutation(60)
    nearest, alike = retrieve(compared(mixed(np.ones(F), missing), asked, cases), 7)
    again, alike_again = retrieve(compared(mixed(np.ones(F), missing), asked, cases[order]), 7)
    assert np.array_equal(alike, alike_again)
    if (np.diff(alike, axis=1) < 0.0).all():  # without ties the cases themselves are the same
        assert np.array_equal(nearest[:, :6], order[again][:, :6])


@pytest.mark.parametrize("cases", [1, 15, 16, 700, 3000])
def test_similarities_do_not_depend_on_other_requests_or_the_number_of_cases(cases):
    generator = np.random.default_rng(7)
    held, asked = generator.random((cases, F)) * 10, generator.random((9, F)) * 10
    similarity = mixed(np.ones(F))
    together = compared(similarity, asked, held)
    for row in range(9):
        assert np.array_equal(compared(similarity, asked[row : row + 1], held)[0], together[row])
    assert np.array_equal(compared(similarity, asked, held[:1]), together[:, :1])


def test_retrieval_returns_the_most_similar_first():
    similarity = np.random.default_rng(5).random((6, 50)).astype(np.float32)
    cases, alike = retrieve(similarity, 7)
    for row in range(6):
        assert cases[row].tolist() == np.argsort(-similarity[row])[:7].tolist()
        assert np.array_equal(alike[row], similarity[row, cases[row]])


def test_more_neighbours_than_cases_are_all_cases():
    cases, _ = retrieve(np.ones((2, 3), dtype=np.float32), 9)
    assert cases.shape == (2, 3)


def test_weights_of_0_remove_a_feature():
    weights = np.ones(F)
    weights[0] = 0.0
    a = np.full((1, F), 5.0)
    b = a.copy()
    b[0, 0] = 9.0
    similarity = GlobalSimilarity((Linear(10.0),) * F, weights, np.zeros(F), "stated")
    assert compared(similarity, a, b)[0, 0] == 1.0


@pytest.mark.parametrize("beyond", [0.0, 0.5, 40.0])
def test_distances_beyond_the_range_count_as_the_range_whatever_the_other_requests(beyond):
    similarity = GlobalSimilarity((Linear(10.0),) * F, np.ones(F), np.zeros(F), "stated")
    held = np.full((20, F), 2.0)
    asked = np.full((2, F), 12.0)
    asked[1] += beyond
    assert compared(similarity, asked, held) == pytest.approx(0.0, abs=1e-6)
    assert np.array_equal(
        compared(similarity, asked[:1], held)[0], compared(similarity, asked, held)[0]
    )


@pytest.mark.parametrize("missing", MISSING)
def test_hidden_cases_are_not_retrieved_and_others_are_as_without_them(missing):
    generator = np.random.default_rng(9)
    cases, start = 1060, 1007
    index = CaseIndex(mixed(np.ones(F), missing), 1100)
    held = generator.random((cases, F)) * 10
    held[::3, 8], held[5, 6] = np.nan, np.nan
    index.store(np.arange(cases), held)
    features = generator.random((5, F)) * 14
    features[0], features[3, 9] = held[start], np.nan
    hidden = generator.random((5, cases - start)) < 0.5
    hidden[0, 0] = True
    found, alike = index.nearest(features, cases, 40, hidden)
    every = index.compare(features, cases)
    for row in range(5):
        shown = np.append(np.arange(start), start + np.flatnonzero(~hidden[row]))
        assert start not in found[0]
        best = shown[np.argsort(-every[row, shown], kind="stable")[:40]]
        assert np.array_equal(found[row], best)
        assert np.array_equal(alike[row], every[row, best])
