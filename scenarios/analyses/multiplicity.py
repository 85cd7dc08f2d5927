"""How a plan with several hypotheses keeps its family-wise error."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from scenarios.checks.multiplicity import graph_problems, order_problems
from scenarios.fields import Part, choice, optional

Procedure = Literal[
    "none", "bonferroni", "holm", "hochberg", "dunnett", "dunnett step-down", "fixed sequence",
    "graph",
]  # fmt: skip
"""Dunnett's are from the joint covariance of one fit; a graph passes the level of a rejected
hypothesis on to others (Bretz, Maurer, Brannath and Posch 2009)."""
FROM_JOINT: tuple[Procedure, ...] = ("dunnett", "dunnett step-down")
"""Procedures that need the joint covariance of all estimates."""
_Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Tested(Part):
    """One hypothesis of the family, tested by the primary analysis."""

    name: str = choice("of the hypothesis")
    contrast: str = optional("name", "between arms; '' for the only one", "")
    outcome: str = optional("name", "'' for the primary outcome", "")
    visit: str = optional("name", "'' for the primary visit", "")


class Multiplicity(Part):
    """A family of hypotheses, and the procedure that keeps its family-wise error at alpha."""

    procedure: Procedure = optional("name", "what adjusts the P values of the family", "none")
    hypotheses: tuple[Tested, ...] = optional(
        "list",
        "of the family; by default every contrast of the primary outcome at the primary visit",
        (),
    )
    order: tuple[str, ...] = optional(
        "names", "in which a fixed sequence tests; by default that of the hypotheses", ()
    )
    weights: dict[str, _Share] = optional(
        "proportion", "of alpha with which a graph begins, by hypothesis", {}
    )
    transitions: dict[str, dict[str, _Share]] = optional(
        "proportion",
        "of its level that a rejected hypothesis of a graph passes on to each other one",
        {},
    )

    def problems_of(self, names: tuple[str, ...]) -> Iterator[str]:
        """Yield what does not go together, given the names of the family's hypotheses."""
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            yield f"hypotheses: {twice!r} is the name of {names.count(twice)}: must differ"
        elif self.procedure == "graph":
            yield from graph_problems(self.weights, self.transitions)
            absent = [name for name in names if name not in self.weights]
            unknown = [name for name in self.weights if name not in names]
            if absent:
                yield f"weights: {absent[0]!r} is missing: must have every hypothesis, or 0"
            if unknown:
                yield f"weights: {unknown[0]!r} is no hypothesis: must be one of {', '.join(names)}"
        elif self.order:
            yield from order_problems(self.order, names)

    def _problems(self) -> Iterator[str]:
        if self.procedure != "graph" and (self.weights or self.transitions):
            key = "weights" if self.weights else "transitions"
            yield f"{key} and procedure: are not allowed with {self.procedure!r}: must be 'graph'"
        if self.procedure != "fixed sequence" and self.order:
            yield (
                f"order and procedure: is not allowed with {self.procedure!r}: must be "
                "'fixed sequence'"
            )


NO_ADJUSTMENT = Multiplicity()
