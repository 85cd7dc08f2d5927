"""What usual care has in common with covariates: checks as in :mod:`scenarios.checks.cross`."""

from collections.abc import Iterator

from scenarios.design.covariates import Covariate
from scenarios.design.trial import Design
from scenarios.errors import nearest
from scenarios.levels import levels_known
from scenarios.people.care import CONTACT_KINDS, Care
from scenarios.people.course import Course, MechanisticCourse
from scenarios.people.patients import Population

EMPLOYMENT = "employment"
"""The trait whose levels tell who can be on sick leave."""


def contacts_go_by_levels(
    covariates: tuple[Covariate, ...],
    trial: Design,
    population: Population,
    course: Course,
    care: Care | None,
) -> Iterator[str]:
    """Check that rates of contacts differ by levels that there are."""
    if care is None or not isinstance(course, MechanisticCourse):
        return
    known = levels_known(covariates, trial, population)
    for name, kind in zip(CONTACT_KINDS, care.kinds, strict=True):
        for factor, ratios in kind.ratios.items():
            if factor not in known:
                close = nearest(factor, known)
                hint = f"did you mean {close!r}?" if close else f"must be among {', '.join(known)}"
                yield f"care.{name}.ratios: {factor!r} is no covariate with levels: {hint}"
                continue
            key = f"care.{name}.ratios.{factor}"
            yield from _unknown(key, tuple(ratios), known[factor])


def employed_are_levels(population: Population, course: Course, care: Care | None) -> Iterator[str]:
    """Check that who can be on sick leave is told by levels of employment that there are."""
    margin = population.margins.get(EMPLOYMENT)
    if care is None or margin is None or not isinstance(course, MechanisticCourse):
        return
    levels = getattr(margin, "levels", ())
    yield from _unknown("care.sick_leave.employed", care.sick_leave.employed, levels)


def _unknown(key: str, named: tuple[str, ...], levels: tuple[str, ...]) -> Iterator[str]:
    for level in named:
        if level not in levels:
            allowed = f"must be among {', '.join(levels)}" if levels else "there are no levels"
            yield f"{key}: {level!r} is not allowed: {allowed}"
