"""What sections of a scenario must have in common: checks that no section can make alone.

A check is a function whose parameters are named after the sections that it needs. It yields a line
for each thing that does not go together; a line begins with the keys at fault and a colon.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from inspect import signature
from itertools import pairwise
from typing import Any

from scenarios.arms import ARM_NAMES
from scenarios.design.allocation import Minimization, PermutedBlocks
from scenarios.design.analyses import OutcomeKind, deciding_on, suits
from scenarios.design.clinics import Clinics
from scenarios.design.followup import FollowUp
from scenarios.design.outcomes import HIGHER, LOWER, Outcome, by_name
from scenarios.design.trial import AnalysisPlan, Design, Recruitment, Staff
from scenarios.devices.app import AppUse
from scenarios.errors import nearest
from scenarios.people.course import Course
from scenarios.people.instruments import INSTRUMENT_SCALES, Scale
from scenarios.people.patients import Categories, Population
from scenarios.people.plain_course import NormalCourse
from scenarios.plain_checks import (
    correlation_is_left,
    course_has_every_visit,
    course_suits_its_outcomes,
    covariates_are_known,
)
from scenarios.targets import published_names

Declared = tuple[Outcome, ...]
VISIT_COLUMNS = ("participant", "visit", "answered_after_days", "reminders")
"""Columns of the table of visits that are no outcomes."""


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


def outcomes_are_told_apart(outcomes: Declared) -> Iterator[str]:
    """Check that no two outcomes have one name, and none that of another column of visits."""
    names = [outcome.name for outcome in outcomes]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"outcomes: {name!r} is declared {names.count(name)} times: once is allowed"
        if name in VISIT_COLUMNS:
            yield (
                f"outcomes: {name!r} is not allowed: the table of visits has another column of "
                "this name"
            )


def analysis_has_declared_outcomes(outcomes: Declared, analysis: AnalysisPlan) -> Iterator[str]:
    """Check that what is analysed is declared, and has a baseline where one is needed."""
    known = by_name(outcomes)
    named = {
        "primary_outcome": (analysis.primary_outcome,),
        "continuous": analysis.continuous,
        "binary": analysis.binary,
        "counts": analysis.counts,
        "secondary_response": analysis.secondary_response,
        "secondary_level": analysis.secondary_level,
    }
    for key, names in named.items():
        for name in dict.fromkeys(names):
            if name not in known:
                yield f"analysis.{key}: {undeclared(name, known)}"
    improved = {
        "responder_points": (analysis.primary_outcome,) if analysis.responder_points else (),
        "secondary_response": analysis.secondary_response,
    }
    for key, names in improved.items():
        for name in names:
            if name in known and not known[name].has_baseline:
                yield (
                    f"analysis.{key}: {name!r} has no baseline from which it could improve: must "
                    "be an outcome that has one; secondary_level needs none"
                )


def course_has_declared_outcomes(outcomes: Declared, course: Course) -> Iterator[str]:
    """Check that what is simulated is declared, on the scale on which it is simulated."""
    known = by_name(outcomes)
    if isinstance(course, NormalCourse):
        for key, name in (("outcome", course.outcome), *(("further", n) for n in course.further)):
            if name not in known:
                yield f"course.{key}: {undeclared(name, known)}"
        return
    names = ", ".join(INSTRUMENT_SCALES)
    for name in INSTRUMENT_SCALES:
        if name not in known:
            yield (
                f"outcomes: {name!r} is missing: a mechanistic course yields {names}, and all of "
                "them must be declared"
            )
    for position, outcome in enumerate(outcomes):
        scale = INSTRUMENT_SCALES.get(outcome.name)
        if scale is None:
            yield f"outcomes: {outcome.name!r} is not allowed: a mechanistic course yields {names}"
        else:
            yield from _on_its_scale(position, outcome, scale)


def _on_its_scale(position: int, outcome: Outcome, scale: Scale) -> Iterator[str]:
    wanted = {
        "kind": "continuous",
        "low": scale.low,
        "high": scale.high,
        "step": scale.step,
        "direction": HIGHER if scale.higher_is_better else LOWER,
        "has_baseline": scale.has_baseline,
    }
    for key, value in wanted.items():
        given = getattr(outcome, key)
        if given != value:
            yield (
                f"outcomes.{position}.{key}: {given!r} is not allowed: the instrument that a "
                f"mechanistic course simulates as {outcome.name} has {value!r}"
            )


def undeclared(name: str, known: Collection[str]) -> str:
    """Return that a name is not declared, and which name may be meant."""
    close = nearest(name, known)
    hint = f"did you mean {close!r}?" if close else f"must be one of {', '.join(known)}"
    return f"{name!r} is not declared: {hint}"


def missingness_has_a_baseline(
    outcomes: Declared, followup: FollowUp, analysis: AnalysisPlan
) -> Iterator[str]:
    """Check that what answers depend on has a baseline."""
    primary = by_name(outcomes).get(analysis.primary_outcome)
    if followup.missingness != "mcar" and primary is not None and not primary.has_baseline:
        yield (
            f"followup.missingness: {followup.missingness!r} is not allowed with the primary "
            f"outcome {primary.name!r}, which has no baseline to depend on: must be mcar"
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


def analysis_has_its_outcomes(
    outcomes: Declared, analysis: AnalysisPlan, course: Course
) -> Iterator[str]:
    """Check that what is analysed is simulated, and analysed as what it is."""
    kinds = {outcome.name: outcome.kind for outcome in outcomes}
    simulated = course.by_outcome if isinstance(course, NormalCourse) else kinds
    for key, kind in LISTS.items():
        for name in getattr(analysis, key):
            if name not in kinds:
                continue  # told by another check
            if kinds[name] != kind:
                yield (
                    f"analysis.{key}: {name!r} is not allowed, its kind is {kinds[name]}: must be "
                    f"in analysis.{_list_of(kinds[name])}"
                )
            elif name not in simulated:
                yield (
                    f"analysis.{key}: {name!r} is not simulated: a normal course yields what it "
                    f"states, {', '.join(simulated)}"
                )
    primary = analysis.primary_outcome
    if primary in kinds:
        wanted = _list_of(kinds[primary])
        if primary not in getattr(analysis, wanted):
            yield f"analysis.primary_outcome: must be one of analysis.{wanted}"
        yield from _analyses_suit(analysis, kinds[primary])


LISTS: Mapping[str, OutcomeKind] = {
    "continuous": "continuous",
    "binary": "binary",
    "counts": "count",
}
"""The plan's lists of outcomes, and what their outcomes are."""


def _list_of(kind: OutcomeKind) -> str:
    return next(key for key, of in LISTS.items() if of == kind)


def _analyses_suit(analysis: AnalysisPlan, kind: OutcomeKind) -> Iterator[str]:
    """Check that the analyses of the primary outcome are made for its kind."""
    primary, allowed = analysis.primary_outcome, ", ".join(deciding_on(kind))
    if not suits(analysis.primary_analysis, kind):
        yield (
            f"analysis.primary_analysis: {analysis.primary_analysis!r} is not allowed with the "
            f"primary outcome {primary!r}, whose kind is {kind}: must be one of {allowed}"
        )
    names = {"alternatives": analysis.alternatives, "sensitivity": analysis.sensitivity_names}
    for key, given in names.items():
        for name in given:
            if not suits(name, kind):
                yield (
                    f"analysis.{key}: {name!r} is not allowed with the primary outcome "
                    f"{primary!r}, whose kind is {kind}: leave it out"
                )
    if kind != "continuous" and analysis.responder_points:
        yield (
            f"analysis.responder_points: {list(analysis.responder_points)} is not allowed with the "
            f"primary outcome {primary!r}, whose kind is {kind}: must be []"
        )


Check = Callable[..., Iterator[str]]

CHECKS: tuple[Check, ...] = (
    targets_are_known,
    outcomes_are_told_apart,
    analysis_has_declared_outcomes,
    course_has_declared_outcomes,
    screening_fits_into_a_day,
    installation_fits_into_a_day,
    blocks_hold_the_ratio,
    every_stratum_has_clinics,
    analysis_knows_the_clinics,
    answers_come_before_the_next_visit,
    missingness_has_a_baseline,
    limits_are_levels,
    minimization_has_categories,
    primary_visit_is_a_visit,
    follow_up_has_every_visit,
    course_has_every_visit,
    course_suits_its_outcomes,
    covariates_are_known,
    correlation_is_left,
    analysis_has_its_outcomes,
)
"""In the order in which they are told."""

PLAN_CHECKS: tuple[Check, ...] = (
    outcomes_are_told_apart,
    analysis_has_declared_outcomes,
    primary_visit_is_a_visit,
    analysis_has_its_outcomes,
)
"""Those that matter where data are at hand and nothing is simulated."""
