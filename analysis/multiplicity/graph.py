"""Graphs of tests that pass the level of a rejected hypothesis on to others.

A node is a hypothesis with its share of alpha; when it is rejected, edges say in which parts the
share goes to the others. Whatever the order of rejections, the result is the same and the
family-wise error is kept under any dependence (Bretz, Maurer, Brannath and Posch 2009, Statistics
in Medicine 28:586-604; Bretz et al. 2011, Biometrical Journal 53:894-913). Holm's procedure, the
fixed sequence, fallback and gatekeeping are such graphs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from analysis.estimators.clustered import Floats
from analysis.multiplicity.family import check_alpha, known
from scenarios.checks.multiplicity import graph_problems
from scenarios.errors import InputError

_CLOSED = 1e-12
"""Two hypotheses that pass all to one another but for this leave nothing for a third."""


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Weighted hypotheses, and where their weights go.

    Attributes
    ----------
    hypotheses
        Names of the m hypotheses.
    weights
        (m,) shares of alpha, 0 to 1, of sum 1 at most.
    transitions
        (m, m) part of a row's weight that goes to the column's hypothesis when the row's is
        rejected: 0 to 1, rows of sum 1 at most, diagonal 0.
    """

    hypotheses: tuple[str, ...]
    weights: Floats
    transitions: Floats

    def adjusted(self, p: Floats) -> Floats:
        """Return adjusted P values (Bretz et al. 2009, algorithm 2).

        Parameters
        ----------
        p
            (..., m) P values in the order of the hypotheses; NaN counts as 1 and stays missing.

        Raises
        ------
        ValueError
            P values that are none, or another number of them.
        """
        values, missing = known(p)
        m = len(self.hypotheses)
        if values.shape[-1] != m:
            raise ValueError(f"{values.shape[-1]} P values for {m} hypotheses")
        flat = values.reshape(-1, m)
        row = np.arange(len(flat))
        weights = np.tile(self.weights, (len(flat), 1))
        transitions = np.tile(self.transitions, (len(flat), 1, 1))
        left = np.ones(flat.shape, dtype=bool)
        found, reached = np.empty_like(flat), np.zeros(len(flat))
        for _ in range(m):
            # What has no weight needs a level of 1: nothing rejects it before it is passed some.
            ratio = np.divide(flat, weights, out=np.ones_like(flat), where=weights > flat)
            best = np.argmin(np.where(left, ratio, np.inf), axis=-1)
            reached = np.maximum(reached, ratio[row, best])
            found[row, best] = reached
            left[row, best] = False
            weights, transitions = _passed_on(weights, transitions, best)
        return np.where(missing, np.nan, found.reshape(values.shape))

    def without(self, hypothesis: str) -> "Graph":
        """Return the graph after a hypothesis is rejected, which keeps its place with weight 0.

        Raises
        ------
        ValueError
            If it is none of the graph's.
        """
        at = np.array([self.hypotheses.index(hypothesis)])
        weights, transitions = _passed_on(self.weights[None], self.transitions[None], at)
        return Graph(self.hypotheses, weights[0], transitions[0])

    def rejections(self, p: Floats, alpha: float) -> Iterator[tuple[str, "Graph"]]:
        """Yield hypotheses in the order of their rejection, and the graph after each.

        Parameters
        ----------
        p
            (m,) P values.
        alpha
            Family-wise level.

        Raises
        ------
        InputError
            If the level is not above 0 and below 1.
        ValueError
            P values that are none, or another number of them.
        """
        check_alpha(alpha)
        adjusted = self.adjusted(p)
        values, _ = known(p)
        graph, left = self, {n for n, each in enumerate(adjusted) if each <= alpha}
        while left:
            # Of those to be rejected in the end, one can be rejected now: P least beside weight.
            best = min(left, key=lambda n: (_ratio(float(values[n]), float(graph.weights[n])), n))
            left.remove(best)
            graph = graph.without(self.hypotheses[best])
            yield self.hypotheses[best], graph


def declared_graph(
    weights: Mapping[str, float], transitions: Mapping[str, Mapping[str, float]]
) -> Graph:
    """Return the graph of weights and edges.

    Parameters
    ----------
    weights
        Every hypothesis and its share of alpha, which may be 0.
    transitions
        Hypothesis to those that get its share, and in which part. What is not named gets nothing.

    Raises
    ------
    InputError
        A hypothesis without a weight, or shares that are not 0 to 1 or sum to more than 1.

    >>> chain = declared_graph({"pain": 1.0, "disability": 0.0}, {"pain": {"disability": 1.0}})
    >>> chain.adjusted(np.array([0.01, 0.03])).tolist()
    [0.01, 0.03]
    """
    for problem in graph_problems(weights, transitions):
        raise InputError(problem)
    names = tuple(weights)
    edges = [[transitions.get(row, {}).get(name, 0.0) for name in names] for row in names]
    return Graph(names, np.array([*weights.values()], dtype=float), np.array(edges, dtype=float))


def _passed_on(weights: Floats, transitions: Floats, at: np.ndarray) -> tuple[Floats, Floats]:
    """Return graphs after a rejection in each (Bretz et al. 2009, algorithm 1).

    Parameters
    ----------
    weights, transitions
        (R, m) and (R, m, m) of R graphs.
    at
        (R,) which hypothesis is rejected in each.
    """
    row = np.arange(len(at))
    onwards, into = transitions[row, at], transitions[row, :, at]
    weights = weights + weights[row, at][:, None] * onwards
    weights[row, at] = 0.0
    # A path through the rejected hypothesis becomes an edge; what would come back is shared out.
    paths = transitions + into[:, :, None] * onwards[:, None, :]
    kept = (1.0 - into * onwards)[:, :, None]
    transitions = np.divide(paths, kept, out=np.zeros_like(paths), where=kept > _CLOSED)
    transitions[row, at] = 0.0
    transitions[row, :, at] = 0.0
    own = np.arange(weights.shape[1])
    transitions[:, own, own] = 0.0
    return weights, transitions


def _ratio(p: float, weight: float) -> float:
    return p / weight if weight > 0.0 else np.inf
