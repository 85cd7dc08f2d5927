"""Checks of a plan's family of hypotheses; see :mod:`scenarios.checks.cross`."""

from collections.abc import Iterator

from scenarios.checks.declared import undeclared
from scenarios.design.analyses import registered
from scenarios.design.arms import Arm
from scenarios.design.clinics import Clinics
from scenarios.design.contrast_names import contrast_names
from scenarios.design.multiplicity import FROM_JOINT
from scenarios.design.trial import AnalysisPlan, Design

_KEY = "analysis.multiplicity"
_LOOKS = "trial.interim.looks"


def family_is_of_the_plan(
    arms: tuple[Arm, ...], trial: Design, analysis: AnalysisPlan
) -> Iterator[str]:
    """Check that hypotheses are of contrasts, outcomes and visits that the primary analysis has."""
    asked = analysis.multiplicity
    if asked.procedure == "none":
        if asked.hypotheses:
            yield f"{_KEY}.hypotheses and procedure: are not allowed with 'none': name a procedure"
        return
    known = contrast_names(analysis, arms)
    names = tuple(each.name for each in asked.hypotheses) or known
    yield from (f"{_KEY}.{problem}" for problem in asked.problems_of(names))
    visits = [visit.name for visit in trial.visits]
    allowed = _outcomes_of(analysis)
    for position, each in enumerate(asked.hypotheses):
        key = f"{_KEY}.hypotheses.{position}"
        if each.contrast and each.contrast not in known:
            yield f"{key}.contrast: {undeclared(each.contrast, known)}"
        if not each.contrast and len(known) > 1:
            yield f"{key}.contrast: is missing, for there are several: must be {_one_of(known)}"
        if each.outcome and each.outcome not in allowed:
            yield (
                f"{key}.outcome: {each.outcome!r} is not allowed with the primary analysis "
                f"{analysis.primary_analysis!r}: must be {_one_of(allowed)}"
            )
        if each.visit and each.visit not in visits:
            yield f"{key}.visit: {each.visit!r} is not allowed: must be {_one_of(visits)}"
    apart = {(each.outcome, each.visit) for each in asked.hypotheses}
    if asked.procedure in FROM_JOINT and len(apart) > 1:
        yield (
            f"{_KEY}.procedure: {asked.procedure!r} is not allowed with hypotheses of several "
            "outcomes or visits, which are not in one fit: must be graph, holm or another that "
            "needs no covariance"
        )
    if asked.procedure in FROM_JOINT and analysis.hypothesis == "equivalence":
        yield (
            f"{_KEY}.procedure and analysis.hypothesis: {asked.procedure!r} is not allowed with "
            "'equivalence', which is two tests: must be bonferroni, holm, hochberg, fixed sequence "
            "or graph"
        )


def looks_suit_the_contrasts(
    arms: tuple[Arm, ...], trial: Design, analysis: AnalysisPlan, clinics: Clinics
) -> Iterator[str]:
    """Check that interim looks are at one contrast, or at arms against the reference."""
    if not trial.interim.looks:
        return
    known, procedure = contrast_names(analysis, arms), analysis.multiplicity.procedure
    if len(known) == 1:
        if procedure != "none":
            yield (
                f"{_LOOKS} and {_KEY}.procedure: looks are not allowed with {procedure!r} and a "
                "single contrast: must be 'none', or no looks"
            )
        return
    if procedure != "bonferroni":
        yield (
            f"{_LOOKS} and {_KEY}.procedure: {procedure!r} is not allowed with looks at "
            f"{len(known)} contrasts ({', '.join(known)}): must be 'bonferroni', which splits "
            "alpha between them, or no looks"
        )
    elif analysis.multiplicity.hypotheses:
        yield (
            f"{_LOOKS} and {_KEY}.hypotheses: are not allowed with looks, which test every "
            "contrast of the primary outcome: leave them out"
        )
    yield from _each_has_an_arm(arms, analysis)
    if clinics.randomized and trial.interim.drop_arms:
        yield (
            "trial.interim.drop_arms and clinics.randomized: true is not allowed where clinics are "
            "randomized, whose arms are settled at the start: must be false"
        )


def _each_has_an_arm(arms: tuple[Arm, ...], analysis: AnalysisPlan) -> Iterator[str]:
    """Check that declared contrasts are each of another arm against the reference."""
    reference, there = arms[0].name, set[str]()
    for position, each in enumerate(analysis.contrasts):
        weights = {arm: weight for arm, weight in each.weights.items() if weight != 0.0}
        own = [arm for arm, weight in weights.items() if weight == 1.0]
        if len(own) != 1 or weights != {own[0]: 1.0, reference: -1.0}:
            yield (
                f"analysis.contrasts.{position}.weights and {_LOOKS}: with looks at several "
                f"contrasts each must be of one arm against the reference: must be 1 of an arm "
                f"and -1 of {reference!r}, or no looks"
            )
        elif own[0] in there:
            yield (
                f"analysis.contrasts.{position}.weights and {_LOOKS}: {own[0]!r} has a contrast "
                "already: with looks each must be of another arm"
            )
        there.update(own)


def _outcomes_of(analysis: AnalysisPlan) -> tuple[str, ...]:
    """Return the outcomes that the primary analysis yields."""
    entry = registered(analysis.primary_analysis)
    kinds = {
        "continuous": analysis.continuous, "response": analysis.binary, "count": analysis.counts,
    }  # fmt: skip
    if entry is None or entry.kind not in kinds:
        return (analysis.primary_outcome,)
    return kinds[entry.kind]


def _one_of(names: tuple[str, ...] | list[str]) -> str:
    return " or ".join(names) if len(names) < 3 else f"one of {', '.join(names)}"
