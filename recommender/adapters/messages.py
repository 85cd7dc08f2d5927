"""Messages between a trial and a recommender behind HTTP, with names instead of positions.

An unknown number is ``null``. Numbers are written with enough digits to be read back exactly, so
that a recommender behind HTTP gives the same trial as the same recommender in Python.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from recommender.catalogue import LOADS
from recommender.protocol import ATTRIBUTES, FEATURES, REVISIONS

VERSION = 3
"""Of these messages; a change that an older server or client would misread needs a new one."""
STEP_DAYS = 7

Whole = Annotated[int, Field(ge=0, lt=2**53)]
Unit = Annotated[float, Field(json_schema_extra={"minimum": 0.0, "maximum": 1.0})]
"""A proportion. Its range is checked with the rest of the plan, where the participant is known."""


class Message(BaseModel):
    """Anything sent: every key is required, unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _record(name: str, doc: str, keys: tuple[str, ...], kind: Any) -> type[Message]:
    fields: dict[str, Any] = dict.fromkeys(keys, (kind, ...))
    return create_model(name, __base__=Message, __doc__=doc, **fields)


Features = _record("Features", "Features of a patient, null where unknown.", FEATURES, float | None)
Attributes = _record("Attributes", "Attributes of a plan, each 0 to 1.", ATTRIBUTES, Unit)
Load = Literal[LOADS]  # type: ignore[valid-type]  # the names are data
Revision = Literal[REVISIONS]  # type: ignore[valid-type]


class Opening(Message):
    """``POST /open``: a trial begins, with a new recommender."""

    version: Literal[3] = Field(description="of these messages")
    scenario: str = Field(description="name of the scenario")
    seed: Whole = Field(description="root of the scenario's random streams")
    replicate: Whole = Field(description="number of the simulated trial")
    exercises: tuple[str, ...] = Field(description="codes of the catalogue's exercises")
    messages: tuple[str, ...] = Field(description="codes of the catalogue's education messages")
    tools: tuple[str, ...] = Field(description="codes of the catalogue's tools")


class Opened(Message):
    """Answer to ``POST /open``."""

    session: str = Field(description="identifies the trial in later messages", min_length=1)


class Request(Message):
    """A tailoring session waiting for its plan."""

    participant: Whole
    arm: Whole
    week: Whole = Field(description="weeks since installation, from 0")
    features: Features  # type: ignore[valid-type]
    previous: Attributes | None = Field(description="last week's plan")  # type: ignore[valid-type]
    recent_steps: tuple[float | None, ...] = Field(
        description="steps recorded on each of the 7 days before",
        min_length=STEP_DAYS,
        max_length=STEP_DAYS,
    )
    baseline_steps: float | None = Field(
        description="mean steps a day recorded in the first week with the app"
    )
    available_minutes: Whole = Field(description="for an exercise session")
    contraindications: tuple[Load, ...] = Field(description="loads an exercise must not have")
    draws: tuple[float, ...] = Field(
        description="uniform draws of the participant and the week, for random plans",
        min_length=len(ATTRIBUTES),
        max_length=len(ATTRIBUTES),
    )


class Asking(Message):
    """``POST /recommend``: asks for plans for these requests."""

    session: str
    number: Whole = Field(
        description="increases within a session, over /recommend and /learn together; a repeated "
        "number is a repeated message and gets the same answer"
    )
    requests: tuple[Request, ...]


class Plan(Message):
    """A plan for the coming week."""

    attributes: Attributes  # type: ignore[valid-type]
    exercises: tuple[str | None, ...] = Field(description="codes, null in places not used")
    messages: tuple[str | None, ...] = Field(description="codes, null in places not used")
    tools: tuple[str | None, ...] = Field(description="codes, null in places not used")
    step_goal: float = Field(description="steps a day")
    similarity: float | None = Field(description="mean similarity of the cases used")
    cases: tuple[Annotated[int, Field(ge=-1, lt=2**53)], ...] = Field(
        description="numbers of these cases, the most similar first, -1 in places not used"
    )
    similarities: tuple[float | None, ...] = Field(description="of each of the cases")
    weights: tuple[float | None, ...] = Field(description="of each of the cases in the plan")
    revised: tuple[Revision, ...] = Field(description="what revision changed")


class Answering(Message):
    """Answer to ``POST /recommend``: a plan for every request, in the same order."""

    plans: tuple[Plan, ...]


class PlanOutcome(Message):
    """Outcome of a plan of the week before."""

    participant: Whole
    arm: Whole
    features: Features  # type: ignore[valid-type]
    attributes: Attributes  # type: ignore[valid-type]
    nearest: Annotated[int, Field(ge=-1, lt=2**53)] = Field(
        description="first of the plan's cases, -1 without cases"
    )
    similarity: float | None = Field(description="of that case")
    outcome: float = Field(description="0 (useless) to 1 (done in full, the patient is better)")


class Telling(Message):
    """``POST /learn``: outcomes of plans. Its answer is ``{}``."""

    session: str
    number: Whole = Field(description="as in /recommend")
    experience: tuple[PlanOutcome, ...]


class Closing(Message):
    """``POST /close``: the trial is over. Its answer is ``{}``."""

    session: str


class Done(Message):
    """Answer that only confirms."""


class Failed(Message):
    """Answer with an HTTP status other than 200."""

    error: str = Field(description="reason, in one line")


PATHS: dict[str, tuple[type[Message], type[Message]]] = {
    "/open": (Opening, Opened),
    "/recommend": (Asking, Answering),
    "/learn": (Telling, Done),
    "/close": (Closing, Done),
}
"""Path to the message posted there and its answer."""


def schema() -> dict[str, Any]:
    """Return the JSON schema of all messages, with their paths."""
    definitions: dict[str, Any] = {}
    sent: list[type[Message]] = [message for pair in PATHS.values() for message in pair]
    sent.append(Failed)
    for message in sent:
        found = message.model_json_schema(ref_template="#/$defs/{model}")
        definitions |= found.pop("$defs", {})
        definitions[message.__name__] = found
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A recommender behind HTTP",
        "version": VERSION,
        "paths": {
            path: {
                "post": {"$ref": f"#/$defs/{asked.__name__}"},
                "answer": {"$ref": f"#/$defs/{answered.__name__}"},
                "failure": {"$ref": "#/$defs/Failed"},
            }
            for path, (asked, answered) in PATHS.items()
        },
        "$defs": dict(sorted(definitions.items())),
    }
