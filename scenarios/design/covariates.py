"""The covariates of a trial, as a scenario or a plan declares them: numbers, or ordered levels."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from scenarios.design.outcomes import DeclaredName
from scenarios.fields import Part, choice, optional


class Covariate(Part):
    """What is known of participants before randomization; a column of the table of participants.

    Covariates stand in Table 1 in the order in which they are declared. Levels need not be named
    where a margin of the population or the strata have them; without either, those that occur in
    the data are sorted.
    """

    name: DeclaredName = choice("of its column in tables and files")
    label: str = choice("in Table 1")
    kind: Literal["number", "levels"] = choice("what its values are")
    unit: str = optional("name", "of a number", "")
    low: float | None = optional("own unit", "lowest number there can be, if there is one")
    high: float | None = optional("own unit", "highest number there can be, if there is one")
    levels: tuple[str, ...] = optional("names", "its levels in their order", ())

    def _problems(self) -> Iterator[str]:
        if self.kind == "number":
            if self.levels:
                yield f"levels: {self.levels[0]!r} is not allowed for a number: leave levels out"
            if self.low is not None and self.high is not None and self.low >= self.high:
                yield f"low: {self.low:g} is not allowed: must be below high, {self.high:g}"
            return
        for key in ("low", "high"):
            if getattr(self, key) is not None:
                yield f"{key}: {getattr(self, key):g} is not allowed for levels: leave it out"
        for level in dict.fromkeys(self.levels):
            if self.levels.count(level) > 1:
                yield f"levels: {level!r} is named twice or more: once is allowed"
        if len(self.levels) == 1:
            yield f"levels: {self.levels[0]!r} alone is not allowed: must be 2 or more"

    @property
    def is_number(self) -> bool:
        """Whether it is a number, which has mean and SD."""
        return self.kind == "number"


Covariates = Mapping[str, Covariate]
"""Name to declaration, in the order of Table 1."""


def covariates_by_name(declared: Iterable[Covariate]) -> dict[str, Covariate]:
    """Return covariates by their names."""
    return {covariate.name: covariate for covariate in declared}
