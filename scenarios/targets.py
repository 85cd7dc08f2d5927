"""Published numbers of a trial, as targets for simulated results."""

import json
import tomllib
from importlib import resources
from typing import Literal

from pydantic import Field

from scenarios.errors import InputError
from scenarios.fields import Part

Role = Literal["calibration", "held-out", "implied"]
"""Whether parameters may be fitted to a target, it tests the fit, or it follows from others."""


class Target(Part):
    """One published number and the simulated result with which it is compared."""

    section: str = Field(description="heading under which it is listed")
    label: str = Field(description="what the number is")
    value: float = Field(description="as published, or derived from published numbers")
    decimals: int | None = Field(default=None, ge=0, description="as printed")
    half_width: float | None = Field(
        default=None, gt=0.0, description="rounding of a number derived from printed ones"
    )
    ci: tuple[float, float] | None = Field(default=None, description="its published 95% interval")
    n: int | None = Field(default=None, ge=1, description="number of participants")
    source: str = Field(description="place in the paper")
    role: Role = Field(description="fitted to, held out, or implied by other targets")
    table: Literal["flow", "summaries", "estimates"] = Field(description="result table of a study")
    select: dict[str, str] = Field(description="columns that pick one row of each replicate")
    column: Literal["value", "count", "estimate", "se"] | None = Field(
        default=None, description="column compared; default: the table's own number"
    )
    transform: Literal["exp"] | None = Field(default=None, description="applied to the result")

    @property
    def result_column(self) -> str:
        """Column of the result table that holds the simulated number."""
        own = {"flow": "count", "summaries": "value", "estimates": "estimate"}
        return self.column or own[self.table]

    @property
    def rounding(self) -> float:
        """Half the width of the rounding interval: 0.05 for 10.4."""
        if self.half_width is not None:
            return self.half_width
        return 0.0 if self.decimals is None else 0.5 * 10.0**-self.decimals


class Published(Part):
    """All targets of a trial."""

    targets: tuple[Target, ...] = Field(min_length=1, description="in the order they are listed")


def published_names() -> list[str]:
    """Return the names of the trials with published numbers."""
    folder = resources.files("scenarios") / "published"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir())


def check_compared(published: str, where: str) -> None:
    """Refuse a scenario without targets where they are asked for.

    Parameters
    ----------
    published
        Of the scenario.
    where
        What the message begins with: its file, or a study's folder.

    Raises
    ------
    InputError
        If it is ''.
    """
    if not published:
        raise InputError(
            f"{where}: published = '' is not allowed: there are no targets; only a scenario that "
            f"says so itself, or --set published=NAME, is compared: {', '.join(published_names())}"
        )


def load_published(name: str) -> Published:
    """Read the published numbers of a trial.

    Raises
    ------
    FileNotFoundError
        If there is no such file in ``scenarios/published``.
    """
    text = (resources.files("scenarios") / "published" / f"{name}.toml").read_text("utf-8")
    document = tomllib.loads(text)
    # By way of JSON, in which strict validation takes lists for tuples.
    return Published.model_validate_json(json.dumps(document), strict=True)
