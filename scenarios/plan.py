"""A plan: what is needed to analyse somebody's trial, and nothing about how one is simulated."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, ClassVar

from scenarios.analyses.plan import AnalysisPlan
from scenarios.arms.declared import MOST, Arm, reference_first
from scenarios.arms.expansion import expanded
from scenarios.arms.factorial import Factorial
from scenarios.checks.cross import PLAN_CHECKS, checks_of
from scenarios.design.covariates import Covariate
from scenarios.design.interim import NO_LOOKS, Interim
from scenarios.design.outcomes import DeclaredName, Outcome, Outcomes, by_name
from scenarios.design.trial import Design, Stratum
from scenarios.fields import Part, choice, optional, quantity
from scenarios.schema import Scenario


class PlanVisit(Part):
    """A follow-up by its name; the day on which it is due does not matter to an analysis."""

    name: str = choice("short label used in tables and files")
    day: int | None = optional("days", "after randomization", gt=0, le=3660)


class PlanDesign(Part):
    """What a plan says of the trial."""

    visits: tuple[PlanVisit, ...] = quantity("list", "follow-up questionnaires", min_length=1)
    interim: Interim = optional("table", "looks at which the trial may have stopped", NO_LOOKS)
    strata: tuple[Stratum, ...] = optional("list", "randomization strata", ())

    @property
    def factors(self) -> tuple[str, ...]:
        """Covariates by which the strata differ."""
        return tuple(self.strata[0].levels) if self.strata else ()

    def _problems(self) -> Iterator[str]:
        names = ["baseline", *(visit.name for visit in self.visits)]
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                yield f"visits: {name!r} is named twice: names must differ, and from 'baseline'"


class Plan(Part):
    """Visits, outcomes, covariates, arms and analyses. A scenario has them, too."""

    name: DeclaredName = optional("name", "of the plan", "plan")
    title: str = optional("name", "one line for tables and pages", "")
    published: str | tuple[str, ...] = optional("name", "not used", "")
    seed: int = optional("integer", "root of the imputations' random numbers", 0, ge=0, lt=2**63)
    on_scale: bool = optional(
        "yes or no", "scores off the range of their outcome are refused", True
    )
    outcomes: tuple[Outcome, ...] = quantity("list", "that are analysed", min_length=1)
    covariates: tuple[Covariate, ...] = optional(
        "list", "what is known of participants before randomization", ()
    )
    reference: str = optional(
        "name", "arm that the others are compared with; the first one by default", ""
    )
    arms: tuple[Arm, ...] = quantity(
        "list", "of two or more, the reference before the others", min_length=2, max_length=MOST
    )
    factorial: Factorial | None = optional(
        "table", "components that are crossed, of which the arms are made, instead of arms"
    )
    trial: PlanDesign = quantity("table", "its visits")
    analysis: AnalysisPlan = quantity("table", "prespecified analysis")

    checks: ClassVar = PLAN_CHECKS
    """What its sections must have in common."""

    @property
    def scales(self) -> Outcomes:
        """The declared outcomes by name."""
        return by_name(self.outcomes)

    @property
    def levels(self) -> dict[str, tuple[str, ...]]:
        """Covariate to its levels in their order, where they are named."""
        return {each.name: each.levels for each in self.covariates if each.levels}

    @classmethod
    def relevant(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a plan needs of a scenario's tables and keys, and what nobody knows.

        Levels that only a margin of the population or the strata name go to the covariates.
        """
        skipped = set(Scenario.model_fields) - set(cls.model_fields)
        made = reference_first(expanded(dict(data)))
        found = {key: value for key, value in made.items() if key not in skipped}
        trial = data.get("trial")
        if isinstance(trial, Mapping):
            beyond = set(Design.model_fields) - set(PlanDesign.model_fields)
            found["trial"] = {key: each for key, each in trial.items() if key not in beyond}
        if isinstance(data.get("covariates"), list):
            found["covariates"] = [_with_levels(each, data) for each in data["covariates"]]
        course = data.get("course")
        if isinstance(course, Mapping) and course.get("model") == "normal":
            found |= {} if course.get("on_scale", True) else {"on_scale": False}
            found["analysis"] = _of_simulated(found.get("analysis"), course)
        return found

    def _problems(self) -> Iterator[str]:
        sections = {name: getattr(self, name) for name in type(self).model_fields}
        yield from chain.from_iterable(checks_of({**sections, "course": None}, self.checks))


def _with_levels(covariate: Any, data: Mapping[str, Any]) -> Any:
    """Return a covariate with the levels that the rest of a scenario has for it."""
    if not isinstance(covariate, Mapping) or covariate.get("levels"):
        return covariate
    if covariate.get("kind") != "levels":
        return covariate
    name, levels = covariate.get("name"), None
    margins = _inside(data, "population", "margins")
    if isinstance(margins, Mapping):
        levels = _inside(margins, str(name), "levels")
    strata = _inside(data, "trial", "strata")
    if levels is None and isinstance(strata, list):
        given = [_inside(stratum, "levels", str(name)) for stratum in strata]
        levels = list(dict.fromkeys(level for level in given if level is not None))
    return {**covariate, "levels": levels} if levels and len(levels) > 1 else covariate


def _of_simulated(analysis: Any, course: Mapping[str, Any]) -> Any:
    """Return an analysis without responses on outcomes that a plain course does not yield."""
    if not isinstance(analysis, Mapping):
        return analysis
    further = course.get("further")
    yields = {course.get("outcome"), *(further if isinstance(further, Mapping) else ())}
    kept = dict(analysis)
    for key in ("secondary_response", "secondary_level"):
        if isinstance(kept.get(key), Mapping):
            kept[key] = {name: value for name, value in kept[key].items() if name in yields}
    return kept


def _inside(data: Any, *steps: str) -> Any:
    for step in steps:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data
