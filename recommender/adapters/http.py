"""A recommender that runs elsewhere and is asked over HTTP."""

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
    """Asks a server; see :mod:`recommender.adapters.messages` for what is asked.

    Parameters
    ----------
    settings
        The scenario's ``[recommender.http]``.
    catalogue
        What plans can be made of.
    scenario, seed, replicate
        Which trial this is, for the server's information.

    Raises
    ------
    RecommenderError
        If the server cannot be had. So do the methods.
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
        """Tell how plans went."""
        rows = wire.experience_rows(experience)
        for start in range(0, len(rows), self._batch):
            batch = rows[start : start + self._batch]
            self._ask("/learn", self._next(experience=batch), messages.Done)

    def close(self) -> None:
        """Say that the trial is over, and hang up."""
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
    """Return the first thing wrong with an answer."""
    problem = error.errors(include_url=False)[0]
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in problem["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return one_line(f"the answer{where}: {problem['msg']}")[:300] + more
