"""Building blocks of the schema: strict frozen parts, and fields that carry their unit."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A section of a scenario: every key is required, unknown keys are refused, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def quantity(unit: str, description: str, **limits: Any) -> Any:
    """Declare a required parameter with its unit, meaning and limits (``ge``, ``gt``, ...)."""
    return Field(description=description, json_schema_extra={"unit": unit}, **limits)


def probability(description: str) -> Any:
    """Declare a required probability, 0 to 1."""
    return quantity("probability", description, ge=0.0, le=1.0)


def choice(description: str) -> Any:
    """Declare a required name or list of names, which has no unit."""
    return quantity("name", description)
