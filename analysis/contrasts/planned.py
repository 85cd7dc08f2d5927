"""The contrasts by which a plan compares the arms of a trial."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from analysis.contrasts.declared import Contrast, against_reference, declared_contrast
from analysis.contrasts.labels import contrast_labels
from scenarios.analyses.plan import AnalysisPlan
from scenarios.analyses.register import primary_contrast
from scenarios.arms.declared import Arm


def planned_contrasts(plan: AnalysisPlan, arms: Sequence[Arm]) -> tuple[Contrast, ...]:
    """Return the contrasts that a plan declares; without any, each arm against the reference.

    Parameters
    ----------
    plan
        The scenario's ``[analysis]``.
    arms
        As they are declared, in the order of their codes, the reference first.

    Raises
    ------
    InputError
        If a declared contrast is none of these arms.
    """
    names = tuple(arm.name for arm in arms)
    if plan.contrasts:
        return tuple(declared_contrast(each.name, each.weights, names) for each in plan.contrasts)
    return _against_first(names)


@cache
def _against_first(names: tuple[str, ...]) -> tuple[Contrast, ...]:
    """Return every other arm minus the first; the same for all trials of a study."""
    found = against_reference(names)
    return (replace(found[0], only=True),) if len(found) == 1 else found


def planned_labels(plan: AnalysisPlan, arms: Sequence[Arm], kind: str) -> tuple[str, ...]:
    """Return what tables call a plan's contrasts of a kind, in their order."""
    return contrast_labels(kind, planned_contrasts(plan, arms))


def primary_labels(
    plan: AnalysisPlan, arms: Sequence[Arm], analysis: str | None = None
) -> tuple[str, ...]:
    """Return what tables call the contrasts on which an analysis decides, in their order.

    Parameters
    ----------
    plan, arms
        As of :func:`planned_contrasts`.
    analysis
        Its name in tables; None: the plan's primary analysis.
    """
    name = plan.primary_analysis if analysis is None else analysis
    return planned_labels(plan, arms, primary_contrast(name))
