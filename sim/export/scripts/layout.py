"""What a script needs to know: the model of the primary analysis, and where its columns are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from analysis.contrasts.declared import Contrast
from analysis.contrasts.planned import planned_contrasts
from scenarios.analyses.plan import AnalysisPlan
from scenarios.analyses.register import primary_contrast
from scenarios.design.outcomes import Outcome
from scenarios.schema import Scenario
from sim.export.names import r_names

Model = Literal[
    "random intercept", "repeated measures", "baseline adjusted", "change", "marginal",
    "risk difference", "negative binomial",
]  # fmt: skip
_MODELS: Mapping[str, Model] = {
    "clda": "random intercept",
    "clda unadjusted": "random intercept",
    "clda reml": "random intercept",
    "clda ignoring clinics": "random intercept",
    "clda robust": "random intercept",
    "mmrm": "repeated measures",
    "mmrm robust": "repeated measures",
    "mmrm constrained": "repeated measures",
    "mmrm constrained robust": "repeated measures",
    "ancova": "baseline adjusted",
    "t-test on change": "change",
    "gee logistic": "marginal",
    "gee rates": "marginal",
    "risk difference": "risk difference",
    "negative binomial": "negative binomial",
}
OWN = ("participant", "arm", "visit", "score", "start", "change", "when")
"""Columns of the scripts themselves."""


@dataclass(frozen=True, slots=True)
class Column:
    """A covariate in a script.

    Attributes
    ----------
    name, called
        Its name in the scenario, and in the script.
    levels
        In their order; none of a number.
    at_baseline
        Whether it is the score of an outcome at baseline.
    """

    name: str
    called: str
    levels: tuple[str, ...]
    at_baseline: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """The primary analysis of a trial.

    Attributes
    ----------
    title
        Of the scenario.
    plan, outcome
        The plan, and its primary outcome.
    model
        What is fitted; None where no standard call gives the same.
    arms
        By name, the reference first.
    visits
        That are analysed, by name in their order.
    baseline
        Whether the baseline score is one of the outcomes of the model.
    covariates
        That are adjusted for.
    contrasts
        Between the arms.
    """

    title: str
    plan: AnalysisPlan
    outcome: Outcome
    model: Model | None
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    baseline: bool
    covariates: tuple[Column, ...]
    contrasts: tuple[Contrast, ...]

    @property
    def analysis(self) -> str:
        """Its name in tables."""
        return self.plan.primary_analysis

    @property
    def scale(self) -> str:
        """On which contrasts are, such as 'log odds ratio'."""
        return primary_contrast(self.analysis)

    @property
    def restricted(self) -> bool:
        """Whether the likelihood is restricted (REML)."""
        return self.model == "repeated measures" or self.analysis == "clda reml"

    @property
    def degrees_of_freedom(self) -> bool:
        """Whether the mixed model has degrees of freedom, Satterthwaite's."""
        return self.restricted and self.plan.small_sample != "none"

    @property
    def clustered(self) -> str:
        """To what standard errors are robust, '' where they are those of the model."""
        if self.analysis == "clda ignoring clinics":
            return ""
        if self.analysis.endswith("robust"):
            return "participant"
        return "" if self.plan.cluster == "none" else self.plan.cluster

    @property
    def by_visit(self) -> bool:
        """Whether covariates have an effect of their own at each visit."""
        mixed = self.model in {"random intercept", "repeated measures"}
        return mixed and self.plan.covariate_effects == "by visit"


def layout_of(scenario: Scenario, visits: tuple[str, ...], participants: Collection[str]) -> Layout:
    """Return the layout of a scenario's primary analysis.

    Parameters
    ----------
    scenario
        With its plan.
    visits
        That are analysed, the baseline first.
    participants
        Columns of the table of participants.
    """
    plan = scenario.analysis
    name, outcome = plan.primary_analysis, scenario.scales[plan.primary_outcome]
    model = None if plan.penalty != "none" and outcome.kind == "binary" else _MODELS.get(name)
    adjusted = () if name in {"clda unadjusted", "t-test on change"} else plan.covariates
    called = r_names([*OWN, *adjusted])
    covariates = tuple(
        Column(each, called[each], scenario.levels.get(each, ()), each not in participants)
        for each in adjusted
    )
    constrained = model == "random intercept" or name.startswith("mmrm constrained")
    baseline = constrained and outcome.has_baseline
    analysed = visits if baseline else visits[1:]
    return Layout(
        scenario.title, plan, outcome, model, scenario.arm_names, analysed, baseline, covariates,
        planned_contrasts(plan, scenario.arms),
    )  # fmt: skip
