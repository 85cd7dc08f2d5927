"""Outcomes and harms, in sentences."""

from analysis.report.checklists.words.wording import listed, number
from scenarios.design.outcomes import Outcome
from scenarios.people.plain_course import NormalCourse
from scenarios.schema import Scenario


def primary(scenario: Scenario) -> str:
    """Return the primary outcome with its visit."""
    plan = scenario.analysis
    return f"{described(scenario.primary_outcome)}, at {plan.primary_visit}"


def secondary(scenario: Scenario) -> list[str]:
    """Return the other outcomes that the plan analyses and the trial yields."""
    return [described(scenario.outcome(name)) for name in analysed(scenario)[1:]]


def analysed(scenario: Scenario) -> list[str]:
    """Return the names of the outcomes that are analysed, the primary one first."""
    plan, course = scenario.analysis, scenario.course
    asked = (
        plan.primary_outcome, *plan.continuous, *plan.binary, *plan.counts,
        *plan.secondary_response, *plan.secondary_level,
    )  # fmt: skip
    yields = set(course.by_outcome) if isinstance(course, NormalCourse) else set(scenario.scales)
    return [name for name in dict.fromkeys(asked) if name in yields]


def described(outcome: Outcome) -> str:
    """Return an outcome with its scale, direction and smallest important difference."""
    if outcome.kind == "binary":
        parts = ["event", outcome.direction]
    elif outcome.kind == "count":
        parts = [f"count, {outcome.unit}", outcome.direction]
    else:
        low, high = outcome.low, outcome.high
        scale = (
            f"{number(low)} to {number(high)} {outcome.unit}"
            if low is not None and high is not None
            else outcome.unit
        )
        parts = [scale, outcome.direction]
    if outcome.smallest_important is not None:
        parts.append(
            f"smallest important difference {number(outcome.smallest_important)} {outcome.unit}"
        )
    if not outcome.has_baseline:
        parts.append("not asked at baseline")
    return f"{outcome.label} ({'; '.join(parts)})"


def responses(scenario: Scenario) -> str:
    """Return what counts as response, '' for nothing."""
    plan, yields = scenario.analysis, analysed(scenario)
    label = scenario.primary_outcome.label
    told = []
    if plan.responder_points:
        points = listed(map(number, plan.responder_points), "or")
        told.append(f"{label} better by {points} {scenario.primary_outcome.unit} or more")
    told += [
        f"{scenario.outcome(name).label} better by {number(cut)} or more"
        for name, cut in plan.secondary_response.items()
        if name in yields
    ]
    told += [
        f"{scenario.outcome(name).label} of {number(level)} or better"
        for name, level in plan.secondary_level.items()
        if name in yields
    ]
    return f"Response is {'; '.join(told)}." if told else ""


def harms(scenario: Scenario) -> str:
    """Return how adverse events are modelled; '' if nobody has any."""
    safety = scenario.safety
    if not any(safety.rates.values()):
        return ""
    rates = [f"{number(rate)} in {_label(scenario, name)}" for name, rate in safety.rates.items()]
    return (
        f"Participants report adverse events at rates of {listed(rates)} per person-month; "
        f"{number(100.0 * safety.serious)}% are serious, and of those in arms other than the "
        f"reference {number(100.0 * safety.related)}% are related to treatment. A weekly meeting "
        "reviews them."
    )


def _label(scenario: Scenario, name: str) -> str:
    return next((arm.label for arm in scenario.arms if arm.name == name), name)
