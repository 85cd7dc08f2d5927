"""Published numbers of a trial, and of other studies, as targets for simulated results."""

import json
import math
import tomllib
from collections.abc import Iterator, Sequence
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
    study: str = Field(
        default="", description="another study, of other people, that it is from; '' for the trial"
    )
    se: float | None = Field(
        default=None, gt=0.0, description="its standard error, for a number of another study"
    )
    source: str = Field(description="place in the paper")
    role: Role = Field(description="fitted to, held out, or implied by other targets")
    table: Literal["flow", "summaries", "estimates", "between_visits"] = Field(
        description="result table of a study"
    )
    select: dict[str, str] = Field(description="columns that pick one row of each replicate")
    column: Literal["value", "count", "estimate", "se"] | None = Field(
        default=None, description="column compared; default: the table's own number"
    )
    transform: Literal["exp"] | None = Field(default=None, description="applied to the result")

    @property
    def result_column(self) -> str:
        """Column of the result table that holds the simulated number."""
        own = {"flow": "count", "estimates": "estimate"}
        return self.column or own.get(self.table, "value")

    @property
    def rounding(self) -> float:
        """Half the width of the rounding interval: 0.05 for 10.4."""
        if self.half_width is not None:
            return self.half_width
        return 0.0 if self.decimals is None else 0.5 * 10.0**-self.decimals

    @property
    def own_error(self) -> float | None:
        """Standard error of a number of another study, as estimated; None for the trial's own.

        ``se``, or a quarter of the 95% interval's width (1 / 3.92 of it, on the logarithmic scale
        of a target with ``transform = "exp"``), or that of a share of ``n``.
        """
        if not self.study:
            return None
        if self.se is not None:
            return self.se
        if self.ci is not None:
            low, high = map(math.log, self.ci) if self.transform == "exp" else self.ci
            return (high - low) / 3.92
        if self.n is None:
            return None
        return math.sqrt(self.value * (1.0 - self.value) / self.n)

    def _problems(self) -> Iterator[str]:
        if self.se is not None and not self.study:
            yield "se and study: the spread of the trial's own numbers is simulated, not stated"
        share = self.n is not None and 0.0 < self.value < 1.0
        if self.study and not (self.se or self.ci or share):
            yield "study: a number of another study needs se, ci, or the n that it is a share of"


class Anchor(Part):
    """One published difference between two ways of treating people, for a comparison of trials."""

    label: str = Field(description="what the number is")
    value: float = Field(description="as published")
    ci: tuple[float, float] | None = Field(default=None, description="its published 95% interval")
    n: int | None = Field(default=None, ge=1, description="how many it is of")
    counted: str = Field(default="participants", description="what they are")
    source: str = Field(description="study, and what it compared")
    used: str = Field(description="for which key, or held out")
    compared: str = Field(description="command that compares; '' if there is none yet")


class Published(Part):
    """All targets of a trial, or of a file of other studies."""

    targets: tuple[Target, ...] = Field(min_length=1, description="in the order they are listed")
    anchors: tuple[Anchor, ...] = Field(default=(), description="in the order they are listed")


def published_names() -> list[str]:
    """Return the names of the files of published numbers."""
    folder = resources.files("scenarios") / "published"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir())


def check_compared(published: str | Sequence[str], where: str) -> None:
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
        If there are none.
    """
    if not published:
        raise InputError(
            f"{where}: published = '' is not allowed: there are no targets; only a scenario that "
            f"says so itself, or --set published=NAME, is compared: {', '.join(published_names())}"
        )


def load_published(published: str | Sequence[str]) -> Published:
    """Read published numbers.

    Parameters
    ----------
    published
        Of a scenario: one name, or several, whose targets follow each other.

    Raises
    ------
    FileNotFoundError
        If there is no such file in ``scenarios/published``.
    """
    names = [published] if isinstance(published, str) else published
    files = [_read(name) for name in names]
    return Published(
        targets=tuple(target for file in files for target in file.targets),
        anchors=tuple(anchor for file in files for anchor in file.anchors),
    )


def _read(name: str) -> Published:
    text = (resources.files("scenarios") / "published" / f"{name}.toml").read_text("utf-8")
    document = tomllib.loads(text)
    # By way of JSON, in which strict validation takes lists for tuples.
    return Published.model_validate_json(json.dumps(document), strict=True)
