"""A recommender that runs in another process and is called over HTTP."""

from typing import Any, TypeVar

from pydantic import ValidationError

from recommender.adapters import messages, wire
from recommender.adapters.exchange import Exchange
from recommender.catalogue import Catalogue
from recommender.protocol import Experience, Plans, RecommenderError, Requests
from scenarios.devices.own_recommender import HttpSettings
from scenarios.errors import one_line

Answer = TypeVar("Answer", bound=messages.Message)


class HttpRecommender:
    """Calls a server; the messages are in :mod:`recommender.adapters.messages`.

    Parameters
    ----------
    settings
        The scenario's ``[recommender.http]``.
    catalogue
        Items of which plans can be composed.
    scenario, seed, replicate
        Identify the trial, for the server's information.

    Raises
    ------
    RecommenderError
        If the server cannot be reached or fails; raised by the methods as well.
    """

    def __init__(
        self,
        settings: HttpSettings,
        catalogue: Catalogue,
        *,
        scenario: str,
        seed: int,
        replicate: int,
    ) -> None:
        self._url, self._batch = settings.url, settings.batch_size
        self._catalogue = catalogue
        self._number = 0
        self._exchange = Exchange(
            settings.url,
            timeout=settings.timeout,
            retries=settings.retries,
            largest_body=settings.largest_body,
        )
        exercises, education, tools = wire.codes(catalogue)
        opening = {
            "version": messages.VERSION, "scenario": scenario, "seed": seed,
            "replicate": replicate, "exercises": exercises, "messages": education, "tools": tools,
        }  # fmt: skip
        try:
            self._session = self._ask("/open", opening, messages.Opened).session
        except RecommenderError:
            self._exchange.close()
            raise

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        rows = wire.request_rows(requests)
        plans: list[messages.Plan] = []
        for start in range(0, len(rows), self._batch):
            batch = rows[start : start + self._batch]
            answer = self._ask("/recommend", self._next(requests=batch), messages.Answering)
            if len(answer.plans) != len(batch):
                raise RecommenderError(
                    f"{self._url}: {len(answer.plans)} answers to {len(batch)} requests"
                )
            plans.extend(answer.plans)
        return wire.plans_of(plans, self._catalogue)

    def learn(self, experience: Experience) -> None:
        """Send the outcomes of plans."""
        rows = wire.experience_rows(experience)
        for start in range(0, len(rows), self._batch):
            batch = rows[start : start + self._batch]
            self._ask("/learn", self._next(experience=batch), messages.Done)

    def close(self) -> None:
        """Tell the server that the trial is over, and close the connection."""
        try:
            self._ask("/close", {"session": self._session}, messages.Done)
        finally:
            self._exchange.close()

    def _next(self, **content: Any) -> dict[str, Any]:
        self._number += 1
        return {"session": self._session, "number": self._number, **content}

    def _ask(self, path: str, message: dict[str, Any], expected: type[Answer]) -> Answer:
        try:
            body = self._exchange.post(path, wire.encode(message))
        except RecommenderError as error:
            raise type(error)(f"{self._url}{path}: {error}") from error
        try:
            return expected.model_validate_json(body)
        except ValidationError as error:
            raise RecommenderError(f"{self._url}{path}: {_wrong(error)}") from None


def _wrong(error: ValidationError) -> str:
    """Return the first error in an answer."""
    problem = error.errors(include_url=False)[0]
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in problem["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return one_line(f"the answer{where}: {problem['msg']}")[:300] + more
