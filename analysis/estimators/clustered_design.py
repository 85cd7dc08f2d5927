"""Columns and clusters of a design, made ready once for every outcome that is fitted on them."""

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from analysis.estimators.clustered import Floats, Integers, cluster_order, conditioned_basis


class ClusterLayout:
    """Rows in an order in which sums by cluster are sums of slices.

    Clusters stand from the largest to the smallest. First come the first rows of all clusters, then
    the second rows of those that have two, and so on: every such layer is a slice whose i-th row
    belongs to the i-th cluster. Participants have few visits, so there are few layers, and a sum
    by cluster costs a few array additions.

    Parameters
    ----------
    cluster
        Integer code of each row's cluster (N,), in any order.

    Attributes
    ----------
    order
        (N,) rows of the data in the order of the layout.
    sizes
        (n,) rows of each cluster, descending.
    """

    def __init__(self, cluster: ArrayLike) -> None:
        codes = np.asarray(cluster)
        by_cluster, starts, sizes = cluster_order(codes, len(codes))
        if by_cluster is None:
            by_cluster = np.arange(len(codes))
        largest_first = np.argsort(-sizes, kind="stable")
        self.sizes: Integers = sizes[largest_first]
        # Clusters in each layer: those with more rows than there are layers before it.
        layers = np.arange(self.sizes[0])
        self._lengths = np.searchsorted(-self.sizes, -layers, side="left").tolist()
        self.order: Integers = np.concatenate(
            [by_cluster[starts[largest_first[:n]] + k] for k, n in enumerate(self._lengths)]
        )

    def sums(self, values: Floats) -> Floats:
        """Add up rows (N, ...) in the order of the layout, by cluster (n, ...)."""
        first, *others = self._lengths
        total = values[:first].copy()
        start = first
        for length in others:
            total[:length] += values[start : start + length]
            start += length
        return total

    def spread(self, values: Floats) -> Floats:
        """Return the value of each row's cluster (N,), given those of the clusters (n,)."""
        return np.concatenate([values[:length] for length in self._lengths])


class ClusteredDesign:
    """A design matrix whose rows belong to clusters.

    Outcomes known for the same rows share one, and with it what is worked out when first needed.

    Parameters
    ----------
    X
        Design matrix (N, p).
    cluster
        Integer code of each row's participant (N,). Neither the order of rows nor the values of
        codes matter.
    """

    def __init__(self, X: ArrayLike, cluster: ArrayLike) -> None:
        self.X: Floats = np.asarray(X, dtype=np.float64)
        self.cluster = np.asarray(cluster)

    @cached_property
    def layout(self) -> ClusterLayout:
        """The order of rows in which clusters are added up."""
        return ClusterLayout(self.cluster)

    @cached_property
    def conditioned(self) -> tuple[Floats, Floats]:
        """A nearly orthonormal basis (N, p), rows as in the layout, and the way back (p, p).

        Raises
        ------
        FitError
            As :func:`analysis.estimators.clustered.conditioned_basis`.
        """
        return conditioned_basis(self.X[self.layout.order])
