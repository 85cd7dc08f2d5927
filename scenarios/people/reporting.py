"""Part of a scenario that describes how knowing one's arm moves answers, withdrawal and care."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from scenarios.fields import Part, optional

_Shift = Annotated[float, Field(ge=-3.0, le=3.0)]
_PointsSD = Annotated[float, Field(gt=0.0)]


class Disappointment(Part):
    """What participants do who did not get what they hoped for."""

    withdrawal: float = optional(
        "ratio", "withdrawals and dropout: with disappointment to without", 1.0, ge=0.0, le=20.0
    )
    contacts: float = optional(
        "ratio",
        "all rates of contacts with health care: with disappointment to without",
        1.0,
        ge=0.0,
        le=20.0,
    )


class Reporting(Part):
    """What participants answer, as far as it is not how they are: expectation, disappointment.

    Answers at baseline come before allocation and are as they are.
    """

    expectation: dict[str, dict[str, _Shift]] = optional(
        "SD", "by which answers are better than the state soon after randomization, "
        "by arm and outcome; worse, if negative", {},
    )  # fmt: skip
    sd: dict[str, _PointsSD] = optional(
        "own unit", "of scores between patients, in which expectation is stated, by outcome", {}
    )
    half_life: float | None = optional(
        "days", "in which that halves, from randomization on; if not stated, it lasts", None, gt=0.0
    )
    disappointment: dict[str, Disappointment] = optional("table", "by arm", {})

    @property
    def shifts(self) -> bool:
        """Whether any answer differs from the state."""
        return any(shift for arm in self.expectation.values() for shift in arm.values())

    def _problems(self) -> Iterator[str]:
        for arm, by_outcome in self.expectation.items():
            for outcome in by_outcome:
                if outcome not in self.sd:
                    yield (
                        f"expectation.{arm}.{outcome}: is not allowed without sd.{outcome}, the SD "
                        "in which it is stated"
                    )


AS_THEY_ARE = Reporting()
"""Everybody answers as they are, and nobody is disappointed."""
