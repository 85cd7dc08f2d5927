"""What is recorded of a plain course, as an expectation: after steps and bounds, by arm and visit.

Means, risks and rates of a plain course are those of everybody, answered or not. What a scale's
ends and steps make of normal scores is worked out here, so that a user sees it before a trial.
"""

from dataclasses import dataclass

from agents.plain.observed import Realised, realised_count, realised_risk, realised_score
from analysis.report.numbers import figures, percent
from analysis.report.tables import TextTable
from scenarios.arms.codes import REFERENCE
from scenarios.design.outcomes import Outcome
from scenarios.people.plain_course import NormalCourse, OutcomeCourse
from scenarios.people.prognosis import loading_of
from scenarios.schema import Scenario
from sim.followup.plain_scores import arm_means

_FULL = 1000
"""Of so many participants a table's shares at the ends are counted."""

LATENT = (
    "Effects, SDs and correlations of a continuous outcome are stated before its scores are "
    "rounded and bounded; correlations of events and counts are those of the normals behind them."
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One outcome at one questionnaire in all arms.

    Attributes
    ----------
    outcome, visit
        Which.
    stated
        Mean, risk or rate of the course, in the order of the arms' codes.
    arms
        What is recorded of it, in the same order.
    """

    outcome: Outcome
    visit: str
    stated: tuple[float, ...]
    arms: tuple[Realised, ...]

    def effect(self, code: int) -> float:
        """Return the difference of an arm from the reference in what is recorded."""
        return self.arms[code].mean - self.arms[REFERENCE].mean


def recorded_course(scenario: Scenario) -> list[Recorded]:
    """Return what is recorded of every outcome of a plain course; nothing of another course."""
    course = scenario.course
    if not isinstance(course, NormalCourse):
        return []
    follow_ups = [visit.name for visit in scenario.trial.visits]
    found = []
    for name in course.by_outcome:
        outcome = scenario.outcome(name)
        asked = ["baseline", *follow_ups] if outcome.has_baseline else follow_ups
        by_arm = [_plain(each).by_outcome[name] for each in scenario.by_arm]
        means = arm_means(by_arm, len(follow_ups))
        for place, visit in enumerate(asked):
            stated = tuple(float(mean) for mean in means[:, place])
            arms = tuple(
                _recorded(course, mine, outcome, stated[arm], _sd(mine, arm, place, len(asked)))
                for arm, mine in enumerate(by_arm)
            )
            found.append(Recorded(outcome, visit, stated, arms))
    return found


def _plain(scenario: Scenario) -> NormalCourse:
    if not isinstance(scenario.course, NormalCourse):
        raise TypeError("only a plain course states means")
    return scenario.course


def _recorded(
    course: NormalCourse, own: OutcomeCourse, outcome: Outcome, mean: float, sd: float
) -> Realised:
    if outcome.kind == "binary":
        return realised_risk(mean)
    if outcome.kind == "count":
        return realised_count(outcome, mean, own.dispersion or 0.0)
    if not course.on_scale:
        return Realised(mean, sd, 0.0, 0.0)
    return realised_score(outcome, mean, sd)


def _sd(own: OutcomeCourse, arm: int, place: int, asked: int) -> float:
    follow_up = place - (asked - len(own.intervention_sd))
    if arm != REFERENCE and own.intervention_sd and follow_up >= 0:
        return own.intervention_sd[follow_up]
    return own.sd[place] if own.sd else 0.0


def recorded_table(scenario: Scenario) -> TextTable:
    """Return what is recorded of a plain course as a table; no rows where it is what is stated."""
    course = scenario.course
    rows: list[tuple[str, ...]] = []
    labels = [arm.label for arm in scenario.arms]
    others = [f"{label} - {labels[REFERENCE]}" for label in labels[1:]]
    heads = ("", *labels, *(others if len(others) > 1 else ["Difference"]))
    title = "What the course gives, as recorded: expected mean (SD), risk or rate (SD)"
    if not isinstance(course, NormalCourse):
        return TextTable(title, heads, rows)
    by_outcome: dict[str, list[Recorded]] = {}
    for each in recorded_course(scenario):
        by_outcome.setdefault(each.outcome.name, []).append(each)
    for name, mine in by_outcome.items():
        outcome = scenario.outcome(name)
        if outcome.kind == "continuous" and not course.on_scale:
            continue
        rows.append((_head(scenario, course.by_outcome[name], outcome), *[""] * (len(heads) - 1)))
        rows += [_row(each) for each in mine]
    return TextTable(title, heads, rows, (LATENT,) if rows else ())


def _head(scenario: Scenario, own: OutcomeCourse, outcome: Outcome) -> str:
    loading, prognosis = loading_of(own, scenario.population)
    if prognosis is None:
        return outcome.label
    share = percent(round(_FULL * loading**2 * prognosis.recorded), _FULL) + "%"
    return f"{outcome.label} (R2 of {', '.join(prognosis.weights)}: {share})"


def _row(each: Recorded) -> tuple[str, ...]:
    others = range(1, len(each.arms))
    if each.outcome.kind == "binary":
        cells = [f"{arm.mean:.3f}" for arm in each.arms]
        return f"  {each.visit}", *cells, *(f"{each.effect(code):.3f}" for code in others)
    cells = [f"{figures(arm.mean)} ({figures(arm.sd)})" for arm in each.arms]
    return f"  {each.visit}", *cells, *(_difference(each, code) for code in others)


def _difference(each: Recorded, code: int) -> str:
    """Return what is recorded of an arm's effect, and what that which is stated comes to."""
    stated = each.stated[code] - each.stated[REFERENCE]
    found = figures(each.effect(code))
    if figures(stated) != found:
        found += f", stated {figures(stated)}"
    compared = each.arms[REFERENCE], each.arms[code]
    ends = max(max(arm.at_lowest, arm.at_highest) for arm in compared)
    if each.outcome.kind == "continuous" and ends >= 0.005:
        found += f"; {percent(round(_FULL * ends), _FULL)}% at an end"
    return found
