"""What sections of a scenario must have in common: checks that no section can make alone.

A check is a function whose parameters are named after the sections that it needs. It yields a line
for each thing that does not go together; a line begins with the keys at fault and a colon.
"""

from collections.abc import Callable, Iterator, Mapping
from inspect import signature
from itertools import pairwise
from typing import Any

from scenarios.analyses.plan import AnalysisPlan
from scenarios.arms.expansion import factorial_makes_the_arms, factorial_suits_the_scenario
from scenarios.checks.allocation import (
    blocks_hold_the_ratio,
    every_stratum_has_clinics,
)
from scenarios.checks.arms import (
    arms_have_keys_of_their_own,
    arms_name_each_other,
    each_arm_has_its_own,
    somebody_is_given_something,
)
from scenarios.checks.care import contacts_go_by_levels, employed_are_levels
from scenarios.checks.declared import (
    analysis_has_declared_covariates,
    analysis_has_declared_outcomes,
    arms_are_told_apart,
    covariates_are_simulated,
    covariates_are_told_apart,
    margins_are_of_traits,
    minimization_has_categories,
    outcomes_are_told_apart,
    strata_have_declared_levels,
    teams_are_levels,
    undeclared,
)
from scenarios.checks.family import family_is_of_the_plan, looks_suit_the_contrasts
from scenarios.checks.people import dependent_levels_can_be
from scenarios.checks.plain import (
    correlation_is_left,
    course_has_every_visit,
    course_suits_its_outcomes,
    covariates_are_known,
)
from scenarios.checks.plan import (
    analysis_has_its_outcomes,
    analysis_knows_the_clinics,
    contrasts_are_of_arms,
    looks_have_one_boundary,
    margin_is_of_a_difference,
    primary_visit_is_a_visit,
)
from scenarios.checks.recruitment import (
    installation_fits_into_a_day,
    limits_are_levels,
    run_in_asks_what_there_is,
    screening_asks_what_is_simulated,
    screening_fits_into_a_day,
)
from scenarios.checks.reporting import (
    reporting_names_arms,
    reporting_shifts_scores,
    the_disappointed_are_left,
    the_disappointed_have_care,
)
from scenarios.checks.withdrawal import reasons_have_their_causes
from scenarios.design.followup import FollowUp
from scenarios.design.outcomes import HIGHER, LOWER, Outcome, by_name
from scenarios.design.trial import Design
from scenarios.mechanisms import mechanisms_are_there
from scenarios.people.course import Course
from scenarios.people.instruments import INSTRUMENT_SCALES, Scale
from scenarios.people.patients import Population
from scenarios.people.plain_course import NormalCourse
from scenarios.targets import published_names

Declared = tuple[Outcome, ...]


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


def targets_are_known(published: str | tuple[str, ...]) -> Iterator[str]:
    """Check that the published numbers are at hand."""
    known = published_names()
    names = (published,) if isinstance(published, str) and published else tuple(published)
    allowed = f"{', '.join(known)}" + (" or ''" if isinstance(published, str) else "")
    for name in dict.fromkeys(names):
        if name not in known:
            yield f"published: {name!r} is not one of {allowed}"
        elif names.count(name) > 1:
            yield f"published: {name!r} is named twice"


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


def slopes_have_their_covariate(followup: FollowUp, population: Population) -> Iterator[str]:
    """Check that ages are simulated, if answers depend on them."""
    if followup.slopes.age and followup.missingness != "mcar" and "age" not in population.margins:
        yield (
            f"followup.slopes.age: {followup.slopes.age:g} is not allowed without "
            "population.margins.age: must be 0"
        )


def follow_up_has_every_visit(trial: Design, followup: FollowUp) -> Iterator[str]:
    """Check that each arm has shares of answers and of withdrawals for every visit."""
    visits = len(trial.visits)
    for arm, follow in followup.arms.items():
        for key in ("response", "withdrawal"):
            given = len(getattr(follow, key))
            if given != visits:
                yield (
                    f"followup.arms.{arm}.{key}: {given} given, must be {visits}, one for each "
                    "visit"
                )


Check = Callable[..., Iterator[str]]

DECLARED_CHECKS: tuple[Check, ...] = (
    factorial_makes_the_arms,
    arms_are_told_apart,
    arms_name_each_other,
    outcomes_are_told_apart,
    covariates_are_told_apart,
    analysis_has_declared_outcomes,
    analysis_has_declared_covariates,
)
"""Those of what scenarios and plans declare."""

CHECKS: tuple[Check, ...] = (
    targets_are_known,
    mechanisms_are_there,
    screening_asks_what_is_simulated,
    run_in_asks_what_there_is,
    *DECLARED_CHECKS,
    factorial_suits_the_scenario,
    each_arm_has_its_own,
    somebody_is_given_something,
    arms_have_keys_of_their_own,
    strata_have_declared_levels,
    teams_are_levels,
    margins_are_of_traits,
    dependent_levels_can_be,
    covariates_are_simulated,
    course_has_declared_outcomes,
    screening_fits_into_a_day,
    installation_fits_into_a_day,
    blocks_hold_the_ratio,
    every_stratum_has_clinics,
    analysis_knows_the_clinics,
    answers_come_before_the_next_visit,
    missingness_has_a_baseline,
    slopes_have_their_covariate,
    reasons_have_their_causes,
    limits_are_levels,
    contacts_go_by_levels,
    employed_are_levels,
    minimization_has_categories,
    primary_visit_is_a_visit,
    contrasts_are_of_arms,
    follow_up_has_every_visit,
    looks_have_one_boundary,
    looks_suit_the_contrasts,
    family_is_of_the_plan,
    margin_is_of_a_difference,
    course_has_every_visit,
    course_suits_its_outcomes,
    covariates_are_known,
    correlation_is_left,
    reporting_names_arms,
    reporting_shifts_scores,
    the_disappointed_are_left,
    the_disappointed_have_care,
    analysis_has_its_outcomes,
)
"""In the order in which they are told."""

PLAN_CHECKS: tuple[Check, ...] = (
    *DECLARED_CHECKS,
    primary_visit_is_a_visit,
    contrasts_are_of_arms,
    family_is_of_the_plan,
    margin_is_of_a_difference,
    analysis_has_its_outcomes,
)
"""Those that matter where data are at hand and nothing is simulated."""
