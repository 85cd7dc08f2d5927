"""Interim looks at the primary outcome, at which a trial may stop."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from scenarios.fields import Part, choice, optional, quantity

Boundary = Literal["obrien_fleming", "pocock", "obrien_fleming_spending", "pocock_spending"]


class Interim(Part):
    """Interim looks, and when they stop the trial."""

    looks: tuple[Annotated[float, Field(gt=0.0, lt=1.0)], ...] = quantity(
        "proportion",
        "of the planned participants whose primary visit is over, at each look; [] for no look",
        max_length=10,
    )
    boundary: Boundary = choice("shape of the boundary at which a trial stops for efficacy")
    futility: float = quantity(
        "probability",
        "conditional power below which it stops for futility, 0 for never",
        ge=0,
        le=0.5,
    )
    drop_arms: bool = optional(
        "yes or no",
        "with several contrasts, the arm of one that a look decides, for efficacy, harm or "
        "futility, takes no further participants",
        True,
    )

    def _problems(self) -> Iterator[str]:
        for earlier, later in pairwise(self.looks):
            if later < earlier + 0.01:
                yield (
                    f"looks: {later:g} after {earlier:g} is not allowed: each look must be at "
                    "least 0.01 after the one before"
                )


NO_LOOKS = Interim(looks=(), boundary="obrien_fleming", futility=0.0)
"""The trial does not look before its end."""
