"""The prespecified analysis, a part of a scenario or a plan."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from scenarios.analyses.hypothesis import Hypothesis
from scenarios.analyses.hypothesis import problems as problems_of_hypothesis
from scenarios.analyses.multiplicity import NO_ADJUSTMENT, Multiplicity
from scenarios.analyses.register import (
    ADJUSTED,
    AlternativeName,
    DecidingName,
    Kind,
    SensitivityName,
    asked_for,
    name_in_tables,
    registered,
)
from scenarios.fields import Part, choice, optional, quantity

CONTRAST_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.,+()' -]{0,58}[A-Za-z0-9_.,+()'-])?")
"""What contrasts can be called: labels of tables have it after a colon, and cells between bars."""


class DeclaredContrast(Part):
    """A weighted sum of the arms, whose weights sum to 0."""

    name: str = choice("in tables")
    weights: dict[str, float] = quantity(
        "proportion", "of each arm by its name; arms that are not named have 0"
    )

    def _problems(self) -> Iterator[str]:
        if not CONTRAST_NAME.fullmatch(self.name):
            yield (
                f"name: {self.name!r} is not allowed: must start with a letter or digit, then "
                "letters, digits, spaces and any of _ . , + - ' ( ), 60 in all at most"
            )


class AnalysisPlan(Part):
    """The prespecified analysis."""

    primary_outcome: str = choice("outcome of the primary analysis")
    primary_visit: str = choice("visit of the primary analysis")
    primary_analysis: DecidingName = optional(
        "name", "whose P value decides: a model of the plan, or one of the alternatives", ADJUSTED
    )
    continuous: tuple[str, ...] = optional(
        "name", "outcomes of the constrained longitudinal model", ()
    )
    contrasts: tuple[DeclaredContrast, ...] = optional(
        "list", "by which arms are compared; each with the reference by default", ()
    )
    hypothesis: Hypothesis = optional(
        "name",
        "what the primary analysis is to show: a difference on either side, or by 1-sided tests "
        "that the intervention is better, not worse by the margin, or within the margin",
        "two_sided",
    )
    margin: float = optional(
        "points",
        "of the primary outcome, for non-inferiority and equivalence; 0 for the others",
        0.0,
        ge=0.0,
    )
    binary: tuple[str, ...] = optional("name", "outcomes analysed as events", ())
    counts: tuple[str, ...] = optional("name", "outcomes analysed as counts", ())
    covariates: tuple[str, ...] = optional("name", "baseline covariates adjusted for", ())
    responder_points: tuple[Annotated[int, Field(gt=0)], ...] = optional(
        "points", "improvements of the primary outcome that count as response", ()
    )
    secondary_response: dict[str, Annotated[float, Field(gt=0.0)]] = optional(
        "points", "improvement of a secondary outcome that counts as response", {}
    )
    secondary_level: dict[str, float] = optional(
        "points", "score of a secondary outcome, or a better one, that counts as response", {}
    )
    sensitivity: tuple[SensitivityName, ...] = optional(
        "name", "sensitivity analyses of the primary outcome", ()
    )
    penalty: Literal["none", "firth"] = optional(
        "name",
        "of the odds ratios' likelihood: Firth's keeps them finite where arm and covariates "
        "separate responders from others",
        "none",
    )
    imputations: int = optional(
        "data sets", "imputed for the sensitivity analysis", 20, ge=2, le=1000
    )
    imputation_burn_in: int = optional(
        "iterations", "at most, of each imputation's chain", 1000, ge=5, le=10_000
    )
    alternatives: tuple[AlternativeName, ...] = optional(
        "name", "further analyses of the primary outcome", ()
    )
    covariate_effects: Literal["common", "by visit"] = optional(
        "name", "of the covariates in the mixed models: the same at all visits, or others at each",
        "common",
    )  # fmt: skip
    small_sample: Literal["none", "satterthwaite", "kenward-roger"] = optional(
        "name",
        "degrees of freedom of the alternative mixed models, and with Kenward and Roger also "
        "their standard errors",
        "none",
    )
    cluster: Literal["none", "participant", "clinic"] = optional(
        "name",
        "within which values may be alike in ways that no model says: standard errors are robust "
        "to it",
        "none",
    )
    multiplicity: Multiplicity = optional(
        "table", "what keeps the family-wise error of several hypotheses", NO_ADJUSTMENT
    )
    confidence: float = optional(
        "proportion", "level of confidence intervals", 0.95, gt=0.5, lt=1.0
    )
    alpha: float = optional(
        "probability",
        "significance level: 2-sided with a 2-sided hypothesis, otherwise of each 1-sided test",
        0.05,
        ge=1e-10,
        lt=0.5,
    )
    adherence_plans: int = optional("plans", "made in the adherence weeks to be adherent", 0, ge=0)
    adherence_weeks: int = optional("weeks", "after randomization, for adherence", 1, gt=0)
    engine: Literal["profiled", "statsmodels"] = optional(
        "name", "what fits the models", "profiled"
    )

    def of_primary_alone(self) -> "AnalysisPlan":
        """Return the plan without the outcomes other than the primary one."""
        lists = ("continuous", "binary", "counts")
        mine = {
            key: tuple(name for name in getattr(self, key) if name == self.primary_outcome)
            for key in lists
        }
        return self.model_copy(update={**mine, "secondary_response": {}, "secondary_level": {}})

    @property
    def sensitivity_names(self) -> tuple[str, ...]:
        """What tables call the sensitivity analyses."""
        return tuple(name_in_tables("sensitivity", key) for key in self.sensitivity)

    @property
    def own_analyses(self) -> tuple[str, ...]:
        """The analyses that are not built in, by name."""
        asked = (*self.sensitivity_names, *self.alternatives)
        return tuple(name for name in dict.fromkeys(asked) if registered(name) is None)

    def _problems(self) -> Iterator[str]:
        primary = self.primary_analysis
        entry = registered(primary)
        if (entry is None or entry.kind == "alternative") and primary not in self.alternatives:
            yield (
                f"primary_analysis and alternatives: {primary!r} is an alternative, and must be "
                "one of alternatives to be run"
            )
        yield from problems_of_hypothesis(self.hypothesis, self.margin, self.alpha, self.confidence)
        if self.cluster != "none" and self.small_sample != "none":
            yield (
                f"small_sample and cluster: {self.small_sample!r} is not allowed with the cluster "
                f"{self.cluster!r}, whose robust standard errors have degrees of freedom of their "
                "own: must be 'none'"
            )
        if self.penalty != "none" and self.engine == "statsmodels":
            yield (
                f"penalty and engine: {self.penalty!r} is not allowed with the engine "
                "'statsmodels', which has no such model: must be 'none'"
            )
        if "per protocol" in self.sensitivity and not self.adherence_plans:
            yield (
                "adherence_plans and sensitivity: 0 is not allowed with 'per protocol', which "
                "needs to know who adhered: must be at least 1"
            )
        names = [each.name for each in self.contrasts]
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                yield f"contrasts: {name!r} is named twice: names must differ"
        yield from self._problems_of_names("sensitivity", "sensitivity", self.sensitivity)
        yield from self._problems_of_names("alternatives", "alternative", self.alternatives)
        for key in self.sensitivity:
            if key in self.alternatives:
                yield f"sensitivity and alternatives: {key!r} is in both"

    def _problems_of_names(self, section: str, kind: Kind, keys: tuple[str, ...]) -> Iterator[str]:
        """Yield analyses that are not allowed here, or not with the plan's cluster."""
        for key in dict.fromkeys(keys):
            if keys.count(key) > 1:
                yield f"{section}: {key!r} is named twice"
            entry = asked_for(kind, key)
            if entry is None and registered(key) is not None:
                yield f"{section}: {key!r} is the name of another built-in analysis"
            if entry is not None and self.cluster in entry.refused:
                yield (
                    f"{section} and cluster: {key!r} is not allowed with the cluster "
                    f"{self.cluster!r}, {entry.refused[self.cluster]}"
                )
