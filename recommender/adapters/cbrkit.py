"""A case-based recommender whose retrieval is done by ``cbrkit``."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from recommender.compose import compose, in_flare
from recommender.cycle import reuse, revise
from recommender.protocol import (
    ATTRIBUTES,
    FEATURES,
    Experience,
    Plans,
    RecommenderError,
    Requests,
)
from scenarios.devices.recommender import Recommender as Settings
from scenarios.errors import InputError
from scenarios.extras import needs

Case = Mapping[str, float]
"""A value of each of the features that the retriever compares, by its name in ``FEATURES``."""
SimilarityMap = Mapping[Any, Any]


class CbrkitRecommender:
    """Recommends plans from cases that a ``cbrkit`` retriever finds similar.

    Plans are combined, revised and composed as those of the built-in case-based recommender. It
    does not learn: the cases are the user's.

    Parameters
    ----------
    settings
        The scenario's ``[recommender]``.
    retriever
        Made by ``cbrkit.retrieval.build``, or several of these, applied one after another.
    cases
        Features of the patients. An unknown feature of a participant is replaced by the median of
        the cases, since similarities of ``cbrkit`` do not support unknown values.
    plans
        (attributes,) plan of each of the cases, 0 to 1.

    Raises
    ------
    InputError
        If ``cbrkit`` is not installed, there are no cases, or cases and plans do not match.
    """

    def __init__(
        self,
        settings: Settings,
        retriever: Any,
        cases: Mapping[Hashable, Case],
        plans: Mapping[Hashable, Sequence[float]],
    ) -> None:
        self._settings, self._retriever = settings, retriever
        self._search = _search()
        self._cases = {key: dict(case) for key, case in cases.items()}
        self._number = {key: number for number, key in enumerate(self._cases)}
        if not self._cases or self._cases.keys() != plans.keys():
            raise InputError("cbrkit: at least one case is needed, and a plan for each of them")
        self._names = tuple(name for name in FEATURES if name in next(iter(cases.values())))
        if any(set(case) != set(self._names) for case in self._cases.values()):
            raise InputError(f"cbrkit: cases must have the same features, of {', '.join(FEATURES)}")
        self._attributes = np.array([plans[key] for key in self._cases], dtype=float)
        if self._attributes.shape != (len(self._cases), len(ATTRIBUTES)):
            raise InputError(
                f"cbrkit: a plan is {len(ATTRIBUTES)} numbers: {', '.join(ATTRIBUTES)}"
            )
        self._columns = np.array([FEATURES.index(name) for name in self._names])
        values = [[case[name] for name in self._names] for case in self._cases.values()]
        self._median = np.median(values, axis=0)

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        known = requests.features[:, self._columns]
        known = np.where(np.isnan(known), self._median, known)
        queries = {
            row: dict(zip(self._names, values, strict=True))
            for row, values in enumerate(known.tolist())
        }
        found = self._search(self._cases, queries, self._retriever) if queries else {}
        cases, alike = self._ranked(requests, [found[row] for row in queries])
        weights = np.where(cases >= 0, alike**self._settings.sharpness + 1e-12, 0.0)
        weights /= weights.sum(axis=1, keepdims=True)
        suggested = reuse(self._attributes.take(cases, axis=0), weights)
        flare = in_flare(self._settings, requests)
        attributes, revised = revise(self._settings, requests, suggested, flare)
        return compose(
            self._settings, requests, attributes, revised, flare, (cases, alike, weights)
        )

    def learn(self, experience: Experience) -> None:
        """Do nothing."""

    def _ranked(
        self, requests: Requests, found: Sequence[SimilarityMap]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (n, k) case numbers, -1 where there are no more, and similarities."""
        width = max((len(similar) for similar in found), default=1)
        cases = np.full((len(found), width), -1, dtype=np.int64)
        alike = np.zeros((len(found), width))
        for row, similar in enumerate(found):
            if not similar:
                who = requests.participant[row]
                raise RecommenderError(f"the retriever found no case for participant {who}")
            ranked = sorted((-_number(value), self._number[key]) for key, value in similar.items())
            cases[row, : len(ranked)] = [number for _, number in ranked]
            alike[row, : len(ranked)] = [-less for less, _ in ranked]
        return cases, alike


def _number(similarity: Any) -> float:
    """Return a similarity as a number; some similarities of cbrkit are objects."""
    return float(getattr(similarity, "value", similarity))


def _search() -> Callable[[Any, Any, Any], dict[Any, SimilarityMap]]:
    """Return a function that applies a retriever, for either of the interfaces of cbrkit."""
    try:
        retrieval: Any = import_module("cbrkit.retrieval")
    except ImportError as error:
        raise needs("a retriever of cbrkit", "cbrkit") from error

    def search(cases: Any, queries: Any, retriever: Any) -> dict[Any, SimilarityMap]:
        if hasattr(retrieval, "apply_queries"):
            results = retrieval.apply_queries(cases, queries, retriever).queries
        else:  # the versions for Python 3.11
            results = retrieval.mapply(cases, queries, retriever)
        return {key: result.similarities for key, result in results.items()}

    return search
