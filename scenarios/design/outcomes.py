"""The outcomes of a trial, as a scenario or a plan declares them: scale, direction, kind.

This is where an outcome's label, range, step and direction stand. Everything else that has scores,
a reader of tables or a model, looks them up here by the outcome's name.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from scenarios.fields import Part, choice, optional

NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
"""What scenarios, outcomes and covariates can be called, as a regular expression."""
DeclaredName = Annotated[str, Field(pattern=NAME)]
HIGHER, LOWER = "higher is better", "lower is better"


class Outcome(Part):
    """One outcome; its scores are a column of the table of visits.

    A continuous outcome without ``low``, ``high`` and ``step`` is a measurement of any value. A
    binary outcome is 0 or 1, and its step and range need not be said; nor need those of a count.
    """

    name: DeclaredName = choice("of its column in tables and files")
    label: str = choice("in tables and figures")
    unit: str = optional("name", "of its scores", "points")
    kind: Literal["continuous", "binary", "count"] = optional(
        "name", "what its scores are", "continuous"
    )
    direction: Literal["higher is better", "lower is better"] = choice("which way is better")
    low: float | None = optional("own unit", "lowest score there can be, if there is one")
    high: float | None = optional("own unit", "highest score there can be, if there is one")
    step: float | None = optional(
        "own unit", "between neighbouring scores, if there is one", gt=0.0
    )
    smallest_important: float | None = optional(
        "own unit", "smallest difference that matters to patients", gt=0.0
    )
    has_baseline: bool = optional("yes or no", "whether it is asked at baseline too", True)

    def _problems(self) -> Iterator[str]:
        yield from self._problems_of_kind()
        if self.kind == "binary" or self.low is None or self.high is None:
            return
        reach = self.high - self.low
        if reach <= 0.0:
            yield f"low: {self.low:g} is not allowed: must be below high, {self.high:g}"
            return
        steps = reach / (self.step or reach)
        if abs(steps - round(steps)) > 1e-6:
            yield (
                f"step: {self.step:g} is not allowed: the range from {self.low:g} to "
                f"{self.high:g} must be a whole number of steps"
            )
        if (self.smallest_important or 0.0) > reach:
            yield (
                f"smallest_important: {self.smallest_important:g} is not allowed: must be at most "
                f"the range, {reach:g}"
            )

    def _problems_of_kind(self) -> Iterator[str]:
        only = {"low": 0.0, "high": 1.0, "step": 1.0}
        given = {key: value for key in only if (value := getattr(self, key)) is not None}
        for key, value in given.items():
            if self.kind == "binary" and value != only[key]:
                yield f"{key}: {value:g} is not allowed for a binary outcome: must be {only[key]:g}"
            if self.kind == "count" and (value < 0.0 or value != round(value)):
                yield f"{key}: {value:g} is not allowed for a count: must be a whole number from 0"

    @property
    def higher_is_better(self) -> bool:
        """Whether a higher score is better."""
        return self.direction == HIGHER

    @property
    def lowest(self) -> float:
        """Lowest score that there can be, minus infinity if any."""
        if self.kind == "binary":
            return 0.0
        if self.low is not None:
            return self.low
        return 0.0 if self.kind == "count" else -np.inf

    @property
    def highest(self) -> float:
        """Highest score that there can be, infinity if any."""
        if self.kind == "binary":
            return 1.0
        return np.inf if self.high is None else self.high

    @property
    def grain(self) -> float | None:
        """Step between neighbouring scores, None where there is none."""
        if self.step is None and self.kind != "continuous":
            return 1.0
        return self.step

    @property
    def towards_better(self) -> float:
        """1 where a higher score is better, else -1: the sign of a change for the better."""
        return 1.0 if self.higher_is_better else -1.0

    def on_scale(self, values: np.ndarray) -> np.ndarray:
        """Return values as scores: rounded to the step and bounded to the range, where declared.

        >>> pain = Outcome(name="pain", label="Pain", direction=LOWER, low=0.0, high=10.0, step=1.0)
        >>> pain.on_scale(np.array([-0.7, 3.6, 12.0])).tolist()
        [0.0, 4.0, 10.0]
        """
        grain = self.grain
        if grain is not None:
            # Steps count from 0 wherever 0 is a score or would be one if the scale went on.
            beside = (self.low or 0.0) - round((self.low or 0.0) / grain) * grain
            start = beside if abs(beside) > 1e-9 else 0.0
            values = np.round((values - start) / grain) * grain + start
        return np.asarray(np.clip(values, self.lowest, self.highest))

    @property
    def is_graded(self) -> bool:
        """Whether its scores are a list: it has a range and a step."""
        return self.grain is not None and bool(np.isfinite([self.lowest, self.highest]).all())

    def levels(self) -> tuple[float, ...]:
        """Return every score that there can be, for outcomes with a range and a step.

        Raises
        ------
        ValueError
            If there is no end to them.
        """
        if self.grain is None or not self.is_graded:
            raise ValueError(f"{self.name} has no range or no step")
        steps = round((self.highest - self.lowest) / self.grain)
        return tuple((self.lowest + self.grain * np.arange(steps + 1)).tolist())


Outcomes = Mapping[str, Outcome]
"""Name to declaration, in the order in which they are declared, which is that of tables."""


def by_name(declared: Iterable[Outcome]) -> dict[str, Outcome]:
    """Return outcomes by their names."""
    return {outcome.name: outcome for outcome in declared}
