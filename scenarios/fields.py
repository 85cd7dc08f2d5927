"""Building blocks of the schema: strict frozen parts, and fields that carry their unit."""

from collections.abc import Iterator
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class CheckError(ValueError):
    """Values of a section, each allowed by itself, do not go together.

    Attributes
    ----------
    problems
        One line each. A line begins with the keys at fault, joined by " and ", and a colon.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Part(BaseModel):
    """A section of a scenario: unknown keys are refused, nothing changes.

    Every key is required unless it is declared as :func:`optional`, which parameters of a model
    never are.

    A section whose values must go together yields what does not from ``_problems``; all of it is
    told at once.
    """

    exclusive: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of keys that say the same in other ways; of layers, the last one's way holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="after")
    def _check(self) -> Self:
        found = tuple(self.problems())
        if found:
            raise CheckError(*found)
        return self

    def problems(self) -> Iterator[str]:
        """Yield what does not go together, a line each; see :class:`CheckError`."""
        yield from self._problems()

    def _problems(self) -> Iterator[str]:
        yield from ()


def quantity(unit: str, description: str, **limits: Any) -> Any:
    """Declare a required parameter with its unit, meaning and limits (``ge``, ``gt``, ...)."""
    return Field(description=description, json_schema_extra={"unit": unit}, **limits)


def probability(description: str) -> Any:
    """Declare a required probability, 0 to 1."""
    return quantity("probability", description, ge=0.0, le=1.0)


def choice(description: str) -> Any:
    """Declare a required name or list of names, which has no unit."""
    return quantity("name", description)


def optional(unit: str, description: str, default: Any = None, **limits: Any) -> Any:
    """Declare what need not be said: a unit, a meaning, and what holds where nothing is said."""
    return Field(
        default=default, description=description, json_schema_extra={"unit": unit}, **limits
    )
