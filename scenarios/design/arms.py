"""The arms of a trial, as a scenario or a plan declares them: what they are called."""

from collections.abc import Iterable

from scenarios.design.outcomes import DeclaredName
from scenarios.fields import Part, choice, optional


class Arm(Part):
    """One arm. The first one is the reference, with which contrasts compare."""

    name: DeclaredName = choice("in scenarios, tables and files")
    label: str = choice("as head of a column")
    treatment: str = optional("name", "what its participants get, in a few words", "")

    @property
    def within(self) -> str:
        """Where its participants are, in sentences."""
        return f"in the {self.name} arm"


def within_arms(arms: Iterable[Arm]) -> tuple[str, ...]:
    """Return what sentences call the arms, such as ``in the control arm``."""
    return tuple(arm.within for arm in arms)
