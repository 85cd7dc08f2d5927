"""The levels of covariates: where they are stated, and in which order."""

from collections.abc import Iterable

from scenarios.design.covariates import Covariate
from scenarios.design.trial import Design
from scenarios.people.patients import Categories, Population


def levels_known(
    covariates: Iterable[Covariate], trial: Design, population: Population
) -> dict[str, tuple[str, ...]]:
    """Return the levels of every trait that has such.

    Those that a covariate declares come first, then those of margins and of strata.
    """
    found = {
        name: margin.levels
        for name, margin in population.margins.items()
        if isinstance(margin, Categories)
    }
    for factor in trial.factors:
        found.setdefault(factor, trial.factor_levels(factor))
    return found | {each.name: each.levels for each in covariates if each.levels}
