"""What traits that depend on others must be; see :mod:`scenarios.checks.cross`."""

from collections.abc import Iterator

import numpy as np

from scenarios.checks.declared import undeclared
from scenarios.people.course import Course, MechanisticCourse
from scenarios.people.given import joint_levels
from scenarios.people.patients import Bounded, Categories, Given, LogNormal, Margin, Population

_ALLOWED = 1e-6
"""Difference of a margin from the one stated, from which on there are no such people."""


def dependent_levels_can_be(population: Population, course: Course) -> Iterator[str]:
    """Check that levels that depend on another trait can have the shares that are stated.

    They do not matter under a normal course, see :attr:`scenarios.schema.Scenario.people`.
    """
    if not isinstance(course, MechanisticCourse):
        return
    for trait, given in population.given.items():
        key = f"population.given.{trait}"
        told = list(_traits(population, trait, given))
        told = told or list(_table(population, trait, given))
        yield from (f"{key}{problem}" for problem in told)
        if not told and joint_levels(population, trait).missed > _ALLOWED:
            yield (
                f"{key}.weights: too many are 0 for {trait} and {given.by} to have the shares of "
                "their margins: more must be above 0"
            )


def _traits(population: Population, trait: str, given: Given) -> Iterator[str]:
    """Check which traits they are."""
    margins = population.margins
    if trait not in margins:
        yield f": {undeclared(trait, margins)}"
    elif not isinstance(margins[trait], Categories):
        yield f": {trait} is a number, it has no levels that could depend on another trait"
    elif given.by not in margins:
        yield f".by: {undeclared(given.by, margins)}"
    elif given.by == trait or given.by in population.given:
        yield f".by: {given.by!r} is not allowed: must be a trait that depends on no other"


def _table(population: Population, trait: str, given: Given) -> Iterator[str]:
    """Check that weights have a row for each group, a column for each level."""
    levels, other = population.margins[trait], population.margins[given.by]
    groups = len(given.cuts) + 1
    if isinstance(other, Categories):
        groups = len(other.levels)
        if given.cuts:
            yield f".cuts: {list(given.cuts)} is not allowed, {given.by} has levels: leave it out"
    low, high = _range(other)
    for cut in given.cuts:
        if not low < cut < high:
            yield f".cuts: {cut:g} is not allowed: must be between {low:g} and {high:g}"
    if len(given.weights) != groups:
        yield (
            f".weights: {len(given.weights)} rows given, the {groups} groups of {given.by} need "
            "one each"
        )
    columns = len(levels.levels) if isinstance(levels, Categories) else 0
    for row in given.weights:
        if len(row) != columns:
            yield f".weights: {list(row)} given, the {columns} levels of {trait} need one each"
        elif not any(row):
            yield f".weights: {list(row)} is not allowed: one must be above 0"


def _range(margin: Margin) -> tuple[float, float]:
    """Return the bounds within which a margin has values."""
    if isinstance(margin, Bounded):
        return margin.low, margin.high
    return (0.0 if isinstance(margin, LogNormal) else -np.inf), np.inf
