"""What sections of a scenario must have in common: checks that no section can make alone.

A check is a function whose parameters are named after the sections that it needs. It yields a line
for each thing that does not go together; a line begins with the keys at fault and a colon.
"""

from collections.abc import Callable, Iterator, Mapping
from inspect import signature
from itertools import pairwise
from typing import Any

import numpy as np

from scenarios.arms import ARM_NAMES
from scenarios.design.allocation import Minimization, PermutedBlocks
from scenarios.design.clinics import Clinics
from scenarios.design.followup import FollowUp
from scenarios.design.trial import AnalysisPlan, Design, Recruitment, Staff
from scenarios.devices.app import AppUse
from scenarios.people.course import MechanisticCourse, NormalCourse
from scenarios.people.patients import Categories, Population
from scenarios.targets import published_names

Course = MechanisticCourse | NormalCourse


def checks_of(
    sections: Mapping[str, Any], checks: "tuple[Check, ...] | None" = None
) -> Iterator[Iterator[str]]:
    """Yield checks, ready to yield what does not go together.

    Parameters
    ----------
    sections
        Name to section. A check is left out where one of its sections is missing.
    checks
        Those to make; all by default.
    """
    for check in CHECKS if checks is None else checks:
        needed = signature(check).parameters
        if all(name in sections for name in needed):
            yield check(**{name: sections[name] for name in needed})


def targets_are_known(published: str) -> Iterator[str]:
    """Check that the published numbers are at hand."""
    if published and published not in published_names():
        yield f"published: {published!r} is not one of {', '.join(published_names())} or ''"


def screening_fits_into_a_day(recruitment: Recruitment, staff: Staff) -> Iterator[str]:
    """Check that a screening is not longer than a working day."""
    yield from _fits("recruitment.screening_hours", recruitment.screening_hours, staff)


def installation_fits_into_a_day(app: AppUse, staff: Staff) -> Iterator[str]:
    """Check that the appointment to install the app is not longer than a working day."""
    yield from _fits("app.appointment_hours", app.appointment_hours, staff)


def _fits(key: str, hours: float, staff: Staff) -> Iterator[str]:
    if hours > staff.day_hours:
        yield (
            f"{key} and staff.day_hours: {hours:g} hours of work do not fit into a day of "
            f"{staff.day_hours:g} hours"
        )


def blocks_hold_the_ratio(trial: Design, clinics: Clinics) -> Iterator[str]:
    """Check that blocks are multiples of the ratio, and that clinics have stratified blocks."""
    method, ratio = trial.randomization, trial.allocation_ratio
    if not clinics.randomized:
        if isinstance(method, PermutedBlocks):
            yield from _blocks("trial.randomization.block_sizes", method.block_sizes, ratio)
        return
    if method.kind != "stratified_blocks":
        yield (
            f"clinics.randomized and trial.randomization.kind: {method.kind!r} is not allowed, "
            "clinics are randomized in stratified blocks of clinics.block_sizes: must be "
            "'stratified_blocks'"
        )
    yield from _blocks("clinics.block_sizes", clinics.block_sizes, ratio)


def _blocks(key: str, sizes: tuple[int, ...], ratio: tuple[int, int]) -> Iterator[str]:
    for size in sizes:
        if size < 1 or size % sum(ratio):
            yield (
                f"{key}: {size} is not allowed: a block must be a multiple of {sum(ratio)} to hold "
                f"the {ratio[0]}:{ratio[1]} allocation"
            )
            return


def every_stratum_has_clinics(trial: Design, clinics: Clinics) -> Iterator[str]:
    """Check that every stratum has clinics, and that their ICC is of a day in the trial."""
    strata = len(trial.strata)
    if 0 < clinics.number < 2 * strata:
        yield (
            f"clinics.number: {clinics.number} is not allowed: must be 0, or at least "
            f"{2 * strata}, 2 for each of the {strata} strata"
        )
    if clinics.icc_day > trial.visits[-1].day:
        yield (
            f"clinics.icc_day: {clinics.icc_day} is not allowed: must be at most the day of "
            f"the last visit, {trial.visits[-1].day}"
        )


def analysis_knows_the_clinics(analysis: AnalysisPlan, clinics: Clinics) -> Iterator[str]:
    """Check that clinics that are randomized are the clusters of the analysis."""
    if analysis.cluster == "clinic" and not clinics.number:
        yield "analysis.cluster and clinics.number: 'clinic' is not allowed without clinics"
    if clinics.randomized and analysis.cluster != "clinic":
        yield (
            "clinics.randomized and analysis.cluster: where clinics are randomized, the "
            "cluster of the analysis must be 'clinic'; 'clda ignoring clinics' in "
            "analysis.alternatives shows what it would be without"
        )


def correlation_within_clinics(course: Course, clinics: Clinics) -> Iterator[str]:
    """Check that clinics leave something to the correlation of their patients' scores."""
    if isinstance(course, NormalCourse):
        within = course.within_clinics(clinics.icc)
        if np.linalg.eigvalsh(within)[0] < 1e-8:
            yield (
                f"clinics.icc and course.correlation: {clinics.icc:g} leaves nothing for the "
                "correlation within clinics: it must be smaller"
            )


def answers_come_before_the_next_visit(trial: Design, followup: FollowUp) -> Iterator[str]:
    """Check that a questionnaire is answered before the next one is due."""
    latest = followup.longest_answer
    shortest = min((b.day - a.day for a, b in pairwise(trial.visits)), default=latest)
    if latest > shortest:
        last = "retention.call_days" if followup.retention.call_days else "reminder_days"
        yield (
            f"followup.{last} and followup.answer_delay.longest: answers may take "
            f"{latest:g} days, but the next questionnaire is due after {shortest:g}"
        )


def missingness_has_a_baseline(followup: FollowUp, analysis: AnalysisPlan) -> Iterator[str]:
    """Check that what answers depend on has a baseline."""
    if followup.missingness != "mcar" and analysis.primary_outcome == "gpe":
        yield (
            f"followup.missingness: {followup.missingness!r} is not allowed with the primary "
            "outcome 'gpe', which has no baseline to depend on: must be mcar"
        )


def limits_are_levels(recruitment: Recruitment, population: Population) -> Iterator[str]:
    """Check that the shortest duration to be eligible is a level of duration."""
    shortest, duration = recruitment.minimum_duration, population.margins["duration"]
    levels = duration.levels if isinstance(duration, Categories) else ()
    if shortest and shortest not in levels:
        allowed = f"one of {', '.join(levels)} or ''" if levels else "'': it has no categories"
        yield (
            f"recruitment.minimum_duration: {shortest!r} is not allowed with "
            f"population.margins.duration: must be {allowed}"
        )


def minimization_has_categories(trial: Design, population: Population) -> Iterator[str]:
    """Check that minimization balances traits that have levels."""
    method, margins = trial.randomization, population.margins
    for factor in method.factors if isinstance(method, Minimization) else ():
        if factor in margins and not isinstance(margins[factor], Categories):
            yield (
                f"trial.randomization.factors: {factor} has no categories in "
                "population.margins, which minimization needs"
            )


def primary_visit_is_a_visit(trial: Design, analysis: AnalysisPlan) -> Iterator[str]:
    """Check that the primary visit is one of the visits."""
    visits = [visit.name for visit in trial.visits]
    if analysis.primary_visit not in visits:
        yield (
            f"analysis.primary_visit: {analysis.primary_visit!r} is not one of {', '.join(visits)}"
        )


def follow_up_has_every_visit(trial: Design, followup: FollowUp) -> Iterator[str]:
    """Check that each arm has shares of answers and of withdrawals for every visit."""
    visits = len(trial.visits)
    for arm, follow in zip(ARM_NAMES, followup.arms, strict=True):
        for key in ("response", "withdrawal"):
            given = len(getattr(follow, key))
            if given != visits:
                yield f"followup.{arm}.{key}: {given} given, the {visits} visits need one each"


def looks_have_one_boundary(trial: Design, analysis: AnalysisPlan) -> Iterator[str]:
    """Check that interim looks are held at a test that they have boundaries for."""
    if analysis.hypothesis == "equivalence" and trial.interim.looks:
        yield (
            "analysis.hypothesis and trial.interim.looks: 'equivalence' is not allowed with "
            "interim looks, whose boundaries are of a single test: leave out the looks"
        )


def course_has_every_visit(trial: Design, course: Course) -> Iterator[str]:
    """Check that a normal course has an effect for every visit."""
    visits = len(trial.visits)
    if isinstance(course, NormalCourse) and len(course.effect) != visits:
        yield f"course.effect: {len(course.effect)} given, the {visits} visits need one each"


def analysis_has_its_outcomes(analysis: AnalysisPlan, course: Course) -> Iterator[str]:
    """Check that what is analysed is simulated."""
    if isinstance(course, NormalCourse) and set(analysis.continuous) != {course.outcome}:
        yield f"analysis.continuous: a normal course yields {course.outcome!r} only"
    if analysis.primary_outcome not in analysis.continuous:
        yield "analysis.primary_outcome: must be one of analysis.continuous"


Check = Callable[..., Iterator[str]]

CHECKS: tuple[Check, ...] = (
    targets_are_known,
    screening_fits_into_a_day,
    installation_fits_into_a_day,
    blocks_hold_the_ratio,
    every_stratum_has_clinics,
    analysis_knows_the_clinics,
    correlation_within_clinics,
    answers_come_before_the_next_visit,
    missingness_has_a_baseline,
    limits_are_levels,
    minimization_has_categories,
    primary_visit_is_a_visit,
    follow_up_has_every_visit,
    looks_have_one_boundary,
    course_has_every_visit,
    analysis_has_its_outcomes,
)
"""In the order in which they are told."""

PLAN_CHECKS: tuple[Check, ...] = (primary_visit_is_a_visit, analysis_has_its_outcomes)
"""Those that matter where data are at hand and nothing is simulated."""
