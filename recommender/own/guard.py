"""Supervision of a user's own recommender: checks every answer, handles failures."""

from dataclasses import replace

import numpy as np

from recommender.catalogue import Catalogue
from recommender.protocol import (
    REVISIONS,
    Experience,
    Plans,
    Recommender,
    RecommenderError,
    Requests,
    check_plans,
)
from scenarios.machine import is_of_machine

_REPLACED = np.uint8(1 << REVISIONS.index("replaced by the fallback plan"))


class GuardedRecommender:
    """Checks every answer of a recommender.

    Parameters
    ----------
    recommender
        The recommender to supervise.
    catalogue
        Items of which its plans may be composed.
    fallback
        Makes the plans if it fails, marked in :attr:`Plans.revised`; None to raise instead.

    Attributes
    ----------
    failures
        Descriptions of the failures, in order of occurrence.
    """

    def __init__(
        self, recommender: Recommender, catalogue: Catalogue, fallback: Recommender | None
    ) -> None:
        self._recommender, self._catalogue, self._fallback = recommender, catalogue, fallback
        self.failures: list[str] = []

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order.

        Raises
        ------
        RecommenderError
            If the recommender fails, or its answer cannot be used, and there is no fallback.
        """
        try:
            plans = self._recommender.recommend(requests)
            check_plans(requests, plans, self._catalogue)
        except Exception as error:  # noqa: BLE001 (anything may fail in a plug-in)
            fallback = self._note("making plans", error)
            plans = fallback.recommend(requests)
            return replace(plans, revised=plans.revised | _REPLACED)
        return plans

    def learn(self, experience: Experience) -> None:
        """Let the recommender learn.

        Raises
        ------
        RecommenderError
            If it fails and there is no fallback.
        """
        try:
            self._recommender.learn(experience)
        except Exception as error:  # noqa: BLE001 (anything may fail in a plug-in)
            self._note("learning", error)

    def close(self) -> None:
        """Close the recommender, if it has a ``close`` method."""
        close = getattr(self._recommender, "close", None)
        if close is not None:
            close()

    def _note(self, doing: str, error: Exception) -> Recommender:
        reason = str(error) if isinstance(error, RecommenderError) else repr(error)
        message = f"the recommender failed in {doing}: {reason}"
        if self._fallback is None or is_of_machine(error):  # another one is no help to the machine
            raise RecommenderError(message) from error
        self.failures.append(message)
        return self._fallback
