"""Checks that the plan of analysis goes together with what is analysed."""

from collections.abc import Iterator, Mapping

from scenarios.analyses.hypothesis import WITH_MARGIN
from scenarios.analyses.plan import AnalysisPlan
from scenarios.analyses.register import (
    DIFFERENCE,
    OutcomeKind,
    deciding_on,
    primary_contrast,
    suits,
)
from scenarios.arms.declared import Arm
from scenarios.checks.multiplicity import contrast_problems
from scenarios.design.clinics import Clinics
from scenarios.design.outcomes import Outcome
from scenarios.design.trial import Design
from scenarios.people.course import Course
from scenarios.people.plain_course import NormalCourse

Declared = tuple[Outcome, ...]


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


def primary_visit_is_a_visit(trial: Design, analysis: AnalysisPlan) -> Iterator[str]:
    """Check that the primary visit is one of the visits."""
    visits = [visit.name for visit in trial.visits]
    if analysis.primary_visit not in visits:
        yield (
            f"analysis.primary_visit: {analysis.primary_visit!r} is not one of {', '.join(visits)}"
        )


def looks_have_one_boundary(trial: Design, analysis: AnalysisPlan) -> Iterator[str]:
    """Check that interim looks are held at a test that they have boundaries for."""
    if analysis.hypothesis == "equivalence" and trial.interim.looks:
        yield (
            "analysis.hypothesis and trial.interim.looks: 'equivalence' is not allowed with "
            "interim looks, whose boundaries are of a single test: leave out the looks"
        )


def margin_is_of_a_difference(analysis: AnalysisPlan) -> Iterator[str]:
    """Check that the analysis that decides on a margin estimates a difference."""
    contrast = primary_contrast(analysis.primary_analysis)
    if analysis.hypothesis in WITH_MARGIN and contrast != DIFFERENCE:
        yield (
            f"analysis.primary_analysis and analysis.hypothesis: {analysis.primary_analysis!r} is "
            f"not allowed with {analysis.hypothesis!r}, whose margin is in points, for it decides "
            f"on a {contrast}: must be an analysis of differences"
        )


def contrasts_are_of_arms(arms: tuple[Arm, ...], analysis: AnalysisPlan) -> Iterator[str]:
    """Check that the weights of contrasts are of the arms, and sum to 0."""
    names = [arm.name for arm in arms]
    for position, each in enumerate(analysis.contrasts):
        for problem in contrast_problems(each.weights, names):
            yield f"analysis.contrasts.{position}.{problem}"


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
