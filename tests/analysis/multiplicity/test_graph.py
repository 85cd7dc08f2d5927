from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from analysis.multiplicity.graph import Graph, declared_graph
from analysis.multiplicity.stepwise import fixed_sequence, holm
from scenarios.errors import InputError


def holm_graph(m: int) -> Graph:
    """Equal weights, and all of a weight goes to the others in equal parts."""
    names = tuple(f"H{n}" for n in range(m))
    edges = (np.ones((m, m)) - np.eye(m)) / max(m - 1, 1)
    return Graph(names, np.full(m, 1 / m), edges)


@st.composite
def graphs_and_p(draw):
    m = draw(st.integers(1, 5))
    shares = st.lists(st.integers(0, 6), min_size=m, max_size=m).map(np.array)
    slack = draw(st.integers(0, 2))

    def part(values):
        return values / max(values.sum() + slack, 1)

    weights = part(draw(shares))
    edges = np.array([part(draw(shares) * (np.arange(m) != row)) for row in range(m)])
    p = np.array(draw(st.lists(st.floats(0.0, 1.0), min_size=m, max_size=m)))
    return Graph(tuple("abcde"[:m]), weights, edges), p


def closed_test(graph: Graph, p: np.ndarray) -> np.ndarray:
    """Adjusted P values by the closure: every intersection has a weighted Bonferroni test.

    The weights of an intersection are those left after all others are rejected, in any order.
    """
    m = len(p)
    found = np.zeros(m)
    for kept in product([False, True], repeat=m):
        left = graph
        for n in range(m):
            if not kept[n]:
                left = left.without(graph.hypotheses[n])
        some = [p[n] / left.weights[n] for n in range(m) if kept[n] and left.weights[n] > p[n]]
        chance = min([1.0, *some])
        found = np.where(kept, np.maximum(found, chance), found)
    return found


def test_published_graph_of_two_primary_and_two_secondary_hypotheses():
    """MULT2: Bretz et al. (2011), figure 1, as in the R package graphicalMCP."""
    graph = declared_graph(
        {"H1": 0.5, "H2": 0.5, "H3": 0.0, "H4": 0.0},
        {"H1": {"H3": 1.0}, "H2": {"H4": 1.0}, "H3": {"H2": 1.0}, "H4": {"H1": 1.0}},
    )
    p = np.array([0.018, 0.010, 0.105, 0.006])
    assert graph.adjusted(p) == pytest.approx([0.020, 0.020, 0.105, 0.020], abs=1e-15)
    steps = list(graph.rejections(p, 0.025))
    assert [name for name, _ in steps] == ["H2", "H4", "H1"]
    # After all three, the whole level is at H3, which is retained.
    assert steps[-1][1].weights == pytest.approx([0.0, 0.0, 1.0, 0.0])


def test_a_graph_that_is_updated_by_hand():
    """From algorithm 1 with pencil: H1 passes half each to H2 and H3, which pass to one another."""
    graph = declared_graph(
        {"H1": 0.6, "H2": 0.2, "H3": 0.2},
        {"H1": {"H2": 0.5, "H3": 0.5}, "H2": {"H1": 0.4, "H3": 0.6}, "H3": {"H1": 1.0}},
    )
    left = graph.without("H1")
    assert left.weights == pytest.approx([0.0, 0.5, 0.5])
    # H2 -> H3: (0.6 + 0.4 x 0.5) / (1 - 0.4 x 0.5) = 1; H3 -> H2: (0 + 1 x 0.5) / (1 - 0.5) = 1.
    assert left.transitions == pytest.approx(np.array([[0, 0, 0], [0, 0, 1], [0, 1, 0]]))


@given(graphs_and_p())
def test_the_sequence_is_a_shortcut_of_the_closed_test(case):
    graph, p = case
    assert graph.adjusted(p) == pytest.approx(closed_test(graph, p), abs=1e-9)


@given(graphs_and_p(), st.permutations(range(5)))
def test_the_order_of_rejections_does_not_matter(case, order):
    graph, _ = case
    some = [graph.hypotheses[n] for n in order if n < len(graph.hypotheses)][:3]
    there, back = graph, graph
    for name in some:
        there = there.without(name)
    for name in some[::-1]:
        back = back.without(name)
    assert there.weights == pytest.approx(back.weights, abs=1e-9)
    assert there.transitions == pytest.approx(back.transitions, abs=1e-9)


@given(graphs_and_p())
def test_weights_and_transitions_stay_shares(case):
    graph, _ = case
    for name in graph.hypotheses:
        graph = graph.without(name)
        assert graph.weights.sum() <= 1.0 + 1e-9
        assert (graph.transitions.sum(axis=1) <= 1.0 + 1e-9).all()
        assert (graph.transitions >= 0.0).all()


@given(graphs_and_p(), st.floats(0.01, 0.99))
def test_rejections_are_those_of_the_adjusted_p_values(case, alpha):
    graph, p = case
    adjusted = graph.adjusted(p)
    steps = [name for name, _ in graph.rejections(p, alpha)]
    expected = {name for name, each in zip(graph.hypotheses, adjusted, strict=True)
                if each <= alpha}  # fmt: skip
    assert set(steps) == expected
    # And each of them is rejected by its weight when its turn comes.
    left = graph
    for name, after in graph.rejections(p, alpha):
        at = graph.hypotheses.index(name)
        assert p[at] <= left.weights[at] * alpha * (1 + 1e-9)
        left = after


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6).map(np.array))
def test_holm_and_the_fixed_sequence_are_graphs(p):
    m = len(p)
    assert holm_graph(m).adjusted(p) == pytest.approx(holm(p), abs=1e-9)
    chain = Graph(tuple(f"H{n}" for n in range(m)), np.eye(m)[0], np.eye(m, k=1))
    assert chain.adjusted(p) == pytest.approx(fixed_sequence(p), abs=1e-12)


def test_many_families_are_adjusted_as_each_alone():
    p = np.random.default_rng(1).uniform(size=(3, 4, 4)) / 5
    p[0, 0, 1] = np.nan
    graph = holm_graph(4)
    alone = [[graph.adjusted(p[i, j]) for j in range(4)] for i in range(3)]
    assert graph.adjusted(p) == pytest.approx(np.array(alone), abs=0, nan_ok=True)
    assert np.isnan(graph.adjusted(p)).sum() == 1


@pytest.mark.parametrize(
    ("weights", "transitions", "message"),
    [
        ({}, {}, "weights: there are no hypotheses: must be one at least"),
        ({"pain": 0.7, "steps": 0.5}, {}, "weights: the sum 1.2 is not allowed: must be at most 1"),
        ({"pain": -0.1}, {}, "weights.pain: -0.1 is not allowed: must be 0 to 1"),
        ({"pain": float("nan")}, {}, "weights.pain: nan is not allowed: must be 0 to 1"),
        (
            {"pain": 1.0, "steps": 0.0},
            {"pain": {"pain": 0.5}},
            (
                "transitions.pain.pain: 0.5 is not allowed: a hypothesis passes nothing to itself, "
                "must be 0"
            ),
        ),
        (
            {"pain": 1.0, "steps": 0.0, "fear": 0.0},
            {"pain": {"steps": 0.8, "fear": 0.8}},
            "transitions.pain: the sum 1.6 is not allowed: must be at most 1",
        ),
        (
            {"pain": 1.0, "steps": 0.0},
            {"pain": {"stpes": 1.0}},
            "transitions.pain: 'stpes' is no hypothesis: did you mean 'steps'?",
        ),
        (
            {"pain": 1.0, "steps": 0.0},
            {"x": {"steps": 1.0}},
            "transitions: 'x' is no hypothesis: must be among pain, steps",
        ),
    ],
)
def test_what_is_no_graph_is_said_in_one_line(weights, transitions, message):
    with pytest.raises(InputError) as error:
        declared_graph(weights, transitions)
    assert str(error.value) == message


def test_thirds_in_decimals_are_weights():
    thirds = {"a": 0.333334, "b": 0.333333, "c": 0.333333}
    assert declared_graph(thirds, {}).weights.sum() == pytest.approx(1.0)


def test_family_wise_error_of_a_graph_in_simulated_trials_is_at_most_alpha():
    """4,000 families of correlated Z with two nulls true; the bound is 3 Monte Carlo errors."""
    rng = np.random.default_rng(20210802)
    z = rng.normal(size=(4000, 4)) * np.sqrt(0.5) + rng.normal(size=(4000, 1)) * np.sqrt(0.5)
    z += [0.0, 3.0, 0.0, 3.0]
    adjusted = holm_graph(4).adjusted(special.ndtr(-z))
    error = (adjusted[:, [0, 2]] <= 0.05).any(axis=1).mean()
    assert error <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 4000)
    assert error > 0.02
