"""Checks of recruitment, screening and its staff; see :mod:`scenarios.checks.cross`."""

from collections.abc import Iterator

from scenarios.checks.declared import (
    undeclared,
)
from scenarios.design.trial import Recruitment, Staff
from scenarios.devices.app import AppUse
from scenarios.devices.step_sources import StepSources
from scenarios.people.instruments import Instruments
from scenarios.people.patients import Categories, Population


def screening_fits_into_a_day(recruitment: Recruitment, staff: Staff) -> Iterator[str]:
    """Check that a screening is not longer than a working day."""
    yield from _fits("recruitment.screening_hours", recruitment.screening_hours, staff)


def installation_fits_into_a_day(app: AppUse | None, staff: Staff) -> Iterator[str]:
    """Check that the appointment to install the app is not longer than a working day."""
    if app is not None:
        yield from _fits("app.appointment_hours", app.appointment_hours, staff)


def _fits(key: str, hours: float, staff: Staff) -> Iterator[str]:
    if hours > staff.day_hours:
        yield (
            f"{key} and staff.day_hours: {hours:g} hours of work do not fit into a day of "
            f"{staff.day_hours:g} hours"
        )


def run_in_asks_what_there_is(
    recruitment: Recruitment, app: AppUse | None, step_sources: StepSources | None
) -> Iterator[str]:
    """Check that a run-in with the app or with steps has them."""
    for kind, part, section in (("app", app, "app"), ("steps", step_sources, "step_sources")):
        if recruitment.run_in.kind == kind and part is None:
            yield f"recruitment.run_in.kind: {kind!r} is not allowed without [{section}]"


def screening_asks_what_is_simulated(
    recruitment: Recruitment, instruments: Instruments | None, population: Population
) -> Iterator[str]:
    """Check that what decides about eligibility is simulated."""
    for key in ("minimum_rmdq", "minimum_pain"):
        least = getattr(recruitment, key)
        if least and instruments is None:
            yield (
                f"recruitment.{key}: {least:g} is not allowed without the instruments of a "
                "mechanistic course: leave it out; recruitment.eligibility takes covariates"
            )
    for position, each in enumerate(recruitment.eligibility):
        margin, key = population.margins.get(each.covariate), f"recruitment.eligibility.{position}"
        levels = margin.levels if isinstance(margin, Categories) else ()
        if margin is None:
            yield f"{key}.covariate: {undeclared(each.covariate, population.margins)}"
        elif bool(levels) != bool(each.levels):
            wanted = "levels" if levels else "minimum or maximum"
            yield f"{key}: {each.covariate} must have {wanted}"
        for level in each.levels if levels else ():
            if level not in levels:
                yield f"{key}.levels: {level!r} is not allowed: must be among {', '.join(levels)}"


def limits_are_levels(recruitment: Recruitment, population: Population) -> Iterator[str]:
    """Check that the shortest duration to be eligible is a level of duration."""
    shortest, duration = recruitment.minimum_duration, population.margins.get("duration")
    levels = duration.levels if isinstance(duration, Categories) else ()
    if shortest and shortest not in levels:
        allowed = f"one of {', '.join(levels)} or ''" if levels else "'': it has no categories"
        yield (
            f"recruitment.minimum_duration: {shortest!r} is not allowed with "
            f"population.margins.duration: must be {allowed}"
        )
