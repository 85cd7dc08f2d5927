"""Exact conversion of the protocol's arrays to messages and back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic_core import to_json

from recommender.adapters import messages
from recommender.catalogue import LOADS, Catalogue
from recommender.protocol import (
    ATTRIBUTES,
    EXERCISES,
    FEATURES,
    MESSAGES,
    REVISIONS,
    TOOLS,
    Experience,
    Plans,
    RecommenderError,
    Requests,
)

Rows = list[dict[str, Any]]
_SINGLE = np.float32


def encode(message: dict[str, Any]) -> bytes:
    """Write a message as JSON: floats in their shortest exact form, unknown values as null."""
    return to_json(message, inf_nan_mode="null")


def request_rows(requests: Requests) -> Rows:
    """Return the requests as plain data of :class:`recommender.adapters.messages.Request`."""
    first = np.isnan(requests.previous).any(axis=1).tolist()
    columns = zip(
        requests.participant.tolist(),
        requests.arm.tolist(),
        requests.week.tolist(),
        requests.features.tolist(),
        requests.previous.tolist(),
        requests.recent_steps.tolist(),
        requests.baseline_steps.tolist(),
        requests.available_minutes.tolist(),
        requests.contraindications.tolist(),
        requests.draws.tolist(),
        first,
        strict=True,
    )
    return [
        {
            "participant": participant,
            "arm": arm,
            "week": week,
            "features": dict(zip(FEATURES, features, strict=True)),
            "previous": None if new else dict(zip(ATTRIBUTES, previous, strict=True)),
            "recent_steps": steps,
            "baseline_steps": baseline,
            "available_minutes": minutes,
            "contraindications": _names(bits, LOADS),
            "draws": draws,
        }
        for (
            participant, arm, week, features, previous, steps, baseline, minutes, bits, draws, new
        ) in columns
    ]  # fmt: skip


def requests_of(rows: Sequence[messages.Request]) -> Requests:
    """Invert :func:`request_rows`.

    Steps and draws are in single precision, as in a trial, so that arithmetic with them has the
    same result on either side.
    """
    unknown = dict.fromkeys(ATTRIBUTES)
    return Requests(
        participant=_whole([row.participant for row in rows]),
        arm=_whole([row.arm for row in rows]),
        week=_whole([row.week for row in rows]),
        features=_table([_values(row.features, FEATURES) for row in rows], len(FEATURES)),
        previous=_table(
            [_values(row.previous or unknown, ATTRIBUTES) for row in rows], len(ATTRIBUTES)
        ),
        recent_steps=_table([row.recent_steps for row in rows], messages.STEP_DAYS).astype(_SINGLE),
        baseline_steps=_table([[row.baseline_steps] for row in rows], 1)[:, 0],
        available_minutes=_whole([row.available_minutes for row in rows]),
        contraindications=_whole([_bits(row.contraindications, LOADS) for row in rows]),
        draws=_table([row.draws for row in rows], len(ATTRIBUTES)).astype(_SINGLE),
    )


def plan_rows(plans: Plans, catalogue: Catalogue) -> Rows:
    """Return the plans as plain data of :class:`recommender.adapters.messages.Plan`."""
    exercises, education, tools = codes(catalogue)
    columns = zip(
        plans.attributes.tolist(),
        plans.exercises.tolist(),
        plans.messages.tolist(),
        plans.tools.tolist(),
        plans.step_goal.tolist(),
        plans.similarity.tolist(),
        plans.cases.tolist(),
        plans.similarities.tolist(),
        plans.weights.tolist(),
        plans.revised.tolist(),
        strict=True,
    )
    return [
        {
            "attributes": dict(zip(ATTRIBUTES, attributes, strict=True)),
            "exercises": [None if at < 0 else exercises[at] for at in exercise],
            "messages": [None if at < 0 else education[at] for at in message],
            "tools": [None if at < 0 else tools[at] for at in tool],
            "step_goal": goal,
            "similarity": similarity,
            "cases": cases,
            "similarities": similarities,
            "weights": weights,
            "revised": _names(bits, REVISIONS),
        }
        for attributes, exercise, message, tool, goal, similarity, cases, similarities, weights,
        bits in columns
    ]  # fmt: skip


def plans_of(rows: Sequence[messages.Plan], catalogue: Catalogue) -> Plans:
    """Invert :func:`plan_rows`.

    Raises
    ------
    RecommenderError
        If a plan has items that are not in the catalogue, or more items than allowed.
    """
    width = max((len(row.cases) for row in rows), default=0)
    offered = [{code: at for at, code in enumerate(kind)} for kind in codes(catalogue)]
    for row in rows:
        if not len(row.cases) == len(row.similarities) == len(row.weights):
            raise RecommenderError("cases, similarities and weights of a plan differ in number")
    return Plans(
        attributes=_table([_values(row.attributes, ATTRIBUTES) for row in rows], len(ATTRIBUTES)),
        exercises=_chosen([row.exercises for row in rows], offered[0], EXERCISES, "exercise"),
        messages=_chosen([row.messages for row in rows], offered[1], MESSAGES, "message"),
        tools=_chosen([row.tools for row in rows], offered[2], TOOLS, "tool"),
        step_goal=_numbers([row.step_goal for row in rows]),
        similarity=_numbers([row.similarity for row in rows]),
        cases=_whole([_padded(row.cases, width, -1) for row in rows]).reshape(len(rows), width),
        similarities=_table([_padded(row.similarities, width, None) for row in rows], width),
        weights=_table([_padded(row.weights, width, None) for row in rows], width),
        revised=_whole([_bits(row.revised, REVISIONS) for row in rows]),
    )


def experience_rows(experience: Experience) -> Rows:
    """Return the experience as plain data of :class:`recommender.adapters.messages.PlanOutcome`."""
    columns = zip(
        experience.participant.tolist(),
        experience.arm.tolist(),
        experience.features.tolist(),
        experience.attributes.tolist(),
        experience.nearest.tolist(),
        experience.similarity.tolist(),
        experience.outcome.tolist(),
        strict=True,
    )
    return [
        {
            "participant": participant,
            "arm": arm,
            "features": dict(zip(FEATURES, features, strict=True)),
            "attributes": dict(zip(ATTRIBUTES, attributes, strict=True)),
            "nearest": nearest,
            "similarity": similarity,
            "outcome": outcome,
        }
        for participant, arm, features, attributes, nearest, similarity, outcome in columns
    ]


def experience_of(rows: Sequence[messages.PlanOutcome]) -> Experience:
    """Invert :func:`experience_rows`."""
    return Experience(
        participant=_whole([row.participant for row in rows]),
        arm=_whole([row.arm for row in rows]),
        features=_table([_values(row.features, FEATURES) for row in rows], len(FEATURES)),
        attributes=_table([_values(row.attributes, ATTRIBUTES) for row in rows], len(ATTRIBUTES)),
        nearest=_whole([row.nearest for row in rows]),
        similarity=_numbers([row.similarity for row in rows]),
        outcome=_numbers([row.outcome for row in rows]),
    )


def codes(catalogue: Catalogue) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the codes of all exercises, messages and tools, in the catalogue's order."""
    return (
        tuple(item.code for item in catalogue.exercises),
        tuple(item.code for item in catalogue.messages),
        tuple(item.code for item in catalogue.tools),
    )


def _names(bits: int, names: Sequence[str]) -> list[str]:
    return [name for at, name in enumerate(names) if bits >> at & 1]


def _bits(chosen: Sequence[str], names: Sequence[str]) -> int:
    return sum(1 << names.index(name) for name in set(chosen))


def _values(record: Any, names: Sequence[str]) -> list[float | None]:
    if isinstance(record, dict):
        return [record[name] for name in names]
    return [getattr(record, name) for name in names]


def _chosen(
    rows: Sequence[Sequence[str | None]], offered: dict[str, int], places: int, what: str
) -> np.ndarray:
    table = np.full((len(rows), places), -1, dtype=np.int64)
    for at, row in enumerate(rows):
        if len(row) > places:
            raise RecommenderError(f"a plan has {len(row)} places for {what}s, at most {places}")
        for place, code in enumerate(row):
            if code is None:
                continue
            if code not in offered:
                raise RecommenderError(f"a plan has {what} {code[:60]!r}, not in the catalogue")
            table[at, place] = offered[code]
    return table


def _padded(values: Sequence[Any], width: int, filler: Any) -> list[Any]:
    return [*values, *[filler] * (width - len(values))]


def _table(rows: Sequence[Sequence[float | None]], columns: int) -> np.ndarray:
    return np.array(rows, dtype=np.float64).reshape(len(rows), columns)


def _numbers(values: Sequence[float | None]) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def _whole(values: Sequence[Any]) -> np.ndarray:
    return np.array(values, dtype=np.int64)
