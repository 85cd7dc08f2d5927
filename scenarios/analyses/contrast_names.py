"""What the contrasts of a plan are called."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scenarios.arms.declared import Arm

if TYPE_CHECKING:
    from scenarios.analyses.plan import AnalysisPlan


def pair_name(arm: str, other: str) -> str:
    """Return the name of one arm less another.

    >>> pair_name("app", "usual care")
    'app - usual care'
    """
    return f"{arm} - {other}"


def contrast_names(plan: "AnalysisPlan", arms: Sequence[Arm]) -> tuple[str, ...]:
    """Return the names of a plan's contrasts: declared ones, or each arm less the reference."""
    if plan.contrasts:
        return tuple(each.name for each in plan.contrasts)
    reference, *others = arms
    return tuple(pair_name(arm.name, reference.name) for arm in others)
