import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from recommender.adapters import messages, wire
from recommender.catalogue import LOADS, load_catalogue
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

CATALOGUE = load_catalogue()
NUMBERS = st.floats(allow_nan=True, allow_infinity=False)
KNOWN = st.floats(allow_nan=False, allow_infinity=False)
UNIT = st.floats(0.0, 1.0)
SINGLE = st.floats(width=32, allow_infinity=False)


def table(draw, n: int, columns: int, elements) -> np.ndarray:
    return draw(npst.arrays(np.float64, (n, columns), elements=elements))


def whole(draw, shape, low: int, high: int) -> np.ndarray:
    return draw(npst.arrays(np.int64, shape, elements=st.integers(low, high)))


@st.composite
def any_requests(draw) -> Requests:
    n = draw(st.integers(0, 4))
    previous = table(draw, n, len(ATTRIBUTES), UNIT)
    previous[draw(npst.arrays(bool, n))] = np.nan
    return Requests(
        participant=whole(draw, n, 0, 2**40),
        arm=whole(draw, n, 1, 3),
        week=whole(draw, n, 0, 60),
        features=table(draw, n, len(FEATURES), NUMBERS),
        previous=previous,
        recent_steps=draw(npst.arrays(np.float32, (n, 7), elements=SINGLE)),
        baseline_steps=table(draw, n, 1, NUMBERS)[:, 0],
        available_minutes=whole(draw, n, 0, 600),
        contraindications=whole(draw, n, 0, 2 ** len(LOADS) - 1),
        draws=draw(
            npst.arrays(np.float32, (n, len(ATTRIBUTES)), elements=st.floats(0, 1, width=32))
        ),
    )


@st.composite
def any_plans(draw) -> Plans:
    n, k = draw(st.integers(0, 4)), draw(st.integers(0, 3))
    k = k if n else 0
    return Plans(
        attributes=table(draw, n, len(ATTRIBUTES), UNIT),
        exercises=whole(draw, (n, EXERCISES), -1, len(CATALOGUE.exercises) - 1),
        messages=whole(draw, (n, MESSAGES), -1, len(CATALOGUE.messages) - 1),
        tools=whole(draw, (n, TOOLS), -1, len(CATALOGUE.tools) - 1),
        step_goal=draw(npst.arrays(np.float64, n, elements=KNOWN)),
        similarity=draw(npst.arrays(np.float64, n, elements=NUMBERS)),
        cases=whole(draw, (n, k), -1, 2**40),
        similarities=table(draw, n, k, NUMBERS),
        weights=table(draw, n, k, NUMBERS),
        revised=whole(draw, n, 0, 2 ** len(REVISIONS) - 1),
    )


@st.composite
def any_experience(draw) -> Experience:
    n = draw(st.integers(0, 4))
    return Experience(
        participant=whole(draw, n, 0, 2**40),
        arm=whole(draw, n, 1, 3),
        features=table(draw, n, len(FEATURES), NUMBERS),
        attributes=table(draw, n, len(ATTRIBUTES), UNIT),
        nearest=whole(draw, n, -1, 2**40),
        similarity=draw(npst.arrays(np.float64, n, elements=NUMBERS)),
        outcome=draw(npst.arrays(np.float64, n, elements=UNIT)),
    )


def identical(one, other) -> bool:
    """Return whether two of the protocol's records hold the same bits in the same types."""
    names = type(one).__dataclass_fields__
    pairs = [(getattr(one, name), getattr(other, name)) for name in names]
    return all(
        a.shape == b.shape
        and a.dtype == b.dtype
        and np.where(a == a, a, 0).tobytes() == np.where(b == b, b, 0).tobytes()  # noqa: PLR0124
        and np.array_equal(a != a, b != b)  # noqa: PLR0124
        for a, b in pairs
    )


@given(any_requests())
def test_requests_are_transmitted_exactly(sent):
    body = wire.encode({"session": "s", "number": 1, "requests": wire.request_rows(sent)})
    read = messages.Asking.model_validate_json(body)
    assert identical(wire.requests_of(read.requests), sent)


@given(any_plans())
def test_plans_are_transmitted_exactly(sent):
    body = wire.encode({"plans": wire.plan_rows(sent, CATALOGUE)})
    read = messages.Answering.model_validate_json(body)
    assert identical(wire.plans_of(read.plans, CATALOGUE), sent)


@given(any_experience())
def test_experience_is_transmitted_exactly(sent):
    rows = wire.experience_rows(sent)
    body = wire.encode({"session": "s", "number": 2, "experience": rows})
    read = messages.Telling.model_validate_json(body)
    assert identical(wire.experience_of(read.experience), sent)


@given(any_plans())
def test_messages_are_plain_json(sent):
    body = wire.encode({"plans": wire.plan_rows(sent, CATALOGUE)})

    def refuse(constant: str) -> None:
        pytest.fail(f"{constant} is not JSON")

    assert len(json.loads(body, parse_constant=refuse)["plans"]) == len(sent)


def plan(**changes) -> messages.Plan:
    whole = {
        "attributes": dict.fromkeys(ATTRIBUTES, 0.5),
        "exercises": [], "messages": [], "tools": [], "step_goal": 5000.0, "similarity": None,
        "cases": [], "similarities": [], "weights": [], "revised": [],
    }  # fmt: skip
    return messages.Plan.model_validate_json(json.dumps({**whole, **changes}))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exercises": ["no_such"]}, "exercise 'no_such', not in the catalogue"),
        ({"tools": [None] * (TOOLS + 1)}, f"{TOOLS + 1} places for tools, at most {TOOLS}"),
        ({"cases": [3], "similarities": [0.5]}, "differ in number"),
    ],
)
def test_an_invalid_plan_is_reported(changes, reason):
    with pytest.raises(RecommenderError, match=reason):
        wire.plans_of([plan(**changes)], CATALOGUE)


def test_plans_may_have_different_numbers_of_cases():
    one = plan(cases=[4], similarities=[0.9], weights=[1.0])
    found = wire.plans_of([one, plan()], CATALOGUE)
    assert found.cases.tolist() == [[4], [-1]]
    np.testing.assert_array_equal(found.weights, [[1.0], [np.nan]])


def test_every_message_is_in_the_schema():
    schema = messages.schema()
    refs = {value.split("/")[-1] for path in schema["paths"].values() for value in
            (ref["$ref"] for ref in path.values())}  # fmt: skip
    assert refs <= set(schema["$defs"])
    assert set(schema["$defs"]["Features"]["required"]) == set(FEATURES)
    assert "nan" not in json.dumps(schema, allow_nan=False).lower().split()
