"""Parts of a scenario that the protocol fixes: allocation, recruitment, follow-up, analysis."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from scenarios.design.allocation import Minimization, Randomization
from scenarios.design.analyses import (
    ADJUSTED,
    AlternativeName,
    DecidingName,
    Kind,
    SensitivityName,
    asked_for,
    name_in_tables,
    registered,
)
from scenarios.design.hypothesis import Hypothesis
from scenarios.design.hypothesis import problems as problems_of_hypothesis
from scenarios.design.interim import NO_LOOKS, Interim
from scenarios.design.multiplicity import NO_ADJUSTMENT, Multiplicity
from scenarios.design.run_in import NoRunIn, RunIn
from scenarios.fields import Part, choice, optional, probability, quantity

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
CONTRAST_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.,+()' -]{0,58}[A-Za-z0-9_.,+()'-])?")
"""What contrasts can be called: labels of tables have it after a colon, and cells between bars."""


class Stratum(Part):
    """One randomization stratum: its level of each factor, and its share of the patients."""

    levels: dict[str, str] = optional("names", "covariate to the level that its patients have", {})
    share: float = quantity("proportion", "share of interested patients", gt=0.0, le=1.0)


class Visit(Part):
    """One scheduled questionnaire after randomization."""

    name: str = choice("short label used in tables")
    day: int = quantity("days", "day after randomization on which it is due", gt=0, le=3660)


class Design(Part):
    """Who is randomized, how, and when they are asked."""

    sample_size: int = quantity("participants", "randomized in all", gt=0, le=200_000)
    opens: date = quantity("date", "first day of recruitment, day 0 of the clock")
    randomization: Randomization = quantity("table", "how participants are allocated")
    strata: tuple[Stratum, ...] = optional(
        "list", "randomization strata; without any, all patients are one", (Stratum(share=1.0),),
        min_length=1,
    )  # fmt: skip
    visits: tuple[Visit, ...] = quantity("list", "follow-up questionnaires", min_length=1)
    interim: Interim = optional("table", "looks at which the trial may stop", NO_LOOKS)

    @property
    def factors(self) -> tuple[str, ...]:
        """Covariates by which the strata differ."""
        return tuple(self.strata[0].levels)

    def factor_levels(self, factor: str) -> tuple[str, ...]:
        """Return the levels of a factor that strata have, as they occur first."""
        return tuple(dict.fromkeys(stratum.levels[factor] for stratum in self.strata))

    def _problems(self) -> Iterator[str]:
        method = self.randomization
        if isinstance(method, Minimization) and len(set(method.factors)) < len(method.factors):
            yield "randomization.factors: a factor is named twice"
        total = sum(stratum.share for stratum in self.strata)
        if abs(total - 1.0) > 1e-6:
            yield f"strata: shares sum to {total:g}, they must sum to 1"
        for position, stratum in enumerate(self.strata):
            if set(stratum.levels) != set(self.factors):
                yield (
                    f"strata.{position}.levels: {', '.join(stratum.levels) or 'none'} given: every "
                    f"stratum must have levels of the same factors, {', '.join(self.factors)}"
                )
            elif any(stratum.levels == other.levels for other in self.strata[:position]):
                levels = ", ".join(stratum.levels.values()) or "the one without levels"
                yield f"strata: {levels} is listed twice"
        if any(later.day <= earlier.day for earlier, later in pairwise(self.visits)):
            yield "visits: days must increase"
        if len({visit.name for visit in self.visits} | {"baseline"}) != len(self.visits) + 1:
            yield "visits: names must differ from each other and from 'baseline'"


class Delay(Part):
    """A waiting time: exponential with this mean, cut off at the longest."""

    mean: float = quantity("days", "mean before the cut-off", gt=0.0)
    longest: float = quantity("days", "cut-off", gt=0.0, le=60.0)


class Exclusion(Part):
    """A reason for which a screened patient is not eligible."""

    reason: str = choice("short label used in the flow diagram")
    group: Literal["inclusion", "other"] = choice("block of the flow diagram it is counted in")
    probability: Probability = probability("among those assessed")


class Eligibility(Part):
    """What a covariate must be to be eligible; a patient is screened for it."""

    covariate: str = choice("that decides")
    reason: str = choice("short label used in the flow diagram")
    minimum: float | None = optional("own unit", "lowest number that is eligible")
    maximum: float | None = optional("own unit", "highest number that is eligible")
    levels: tuple[str, ...] = optional("names", "levels that are eligible", ())

    def _problems(self) -> Iterator[str]:
        bounds = self.minimum is not None or self.maximum is not None
        if bounds == bool(self.levels):
            yield "levels: state either levels that are eligible, or minimum and maximum"
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            yield (
                f"minimum: {self.minimum:g} is not allowed: must be at most maximum, "
                f"{self.maximum:g}"
            )


class Staff(Part):
    """When the research assistants work: on weekdays that are no holidays, some hours a day."""

    day_start: float = quantity("hour of day", "when work begins", ge=0.0, lt=24.0)
    day_hours: float = quantity("hours per day", "working time", gt=0.0, le=24.0)
    teams_by: str = optional(
        "name",
        "factor of the strata each of whose levels has teams and holidays; '' for one team",
        "",
    )
    holidays: dict[str, tuple[date, ...]] = optional(
        "date",
        "weekdays without work, by level of that factor; those of 'all' hold for every team",
        {},
    )

    def _problems(self) -> Iterator[str]:
        if self.day_start + self.day_hours > 24.0:
            yield "day_start and day_hours: the working day must end by midnight"


class Recruitment(Part):
    """From interest to randomization."""

    interest_per_day: float = quantity("patients per day", "arrivals", gt=0.0)
    contact: Delay = quantity("table", "from interest to the first call")
    call_attempts: int = quantity("calls", "tried before giving up", gt=0, le=50)
    call_gap: float = quantity("days", "from a call that nobody takes to the next", gt=0.0, le=60.0)
    reached_per_call: Annotated[float, Field(gt=0.0, le=1.0)] = probability("a call is taken")
    refused_at_contact: Annotated[float, Field(lt=1.0)] = probability(
        "refuse when called, among those reached"
    )
    screening_hours: float = quantity("hours", "staff time of one screening call", gt=0.0, le=8.0)
    screeners: int = quantity("persons", "research assistants who screen, in each team", gt=0)
    exclusions: tuple[Exclusion, ...] = optional(
        "list", "reasons for exclusion, each by chance, other than refusal", ()
    )
    eligibility: tuple[Eligibility, ...] = optional(
        "list", "what covariates must be to be eligible", ()
    )
    minimum_rmdq: int | None = optional(
        "points", "mechanistic course: lowest RMDQ at screening to be eligible", ge=0, le=24
    )
    minimum_pain: int = optional(
        "NRS points",
        "mechanistic course: lowest average pain, as told at screening, to be eligible",
        0, ge=0, le=10,
    )  # fmt: skip
    minimum_duration: str = optional(
        "name",
        "mechanistic course: level of duration from which an episode is long enough to be "
        "eligible, or '' for any",
        "",
    )
    refused_at_screening: Annotated[float, Field(lt=1.0)] = probability("refuse although eligible")
    run_in: RunIn = optional(
        "table", "what must be done between screening and randomization", NoRunIn(kind="none")
    )
    questionnaire: Delay = quantity(
        "table", "from screening, or from the end of the run-in, to the baseline questionnaire"
    )

    def _problems(self) -> Iterator[str]:
        if sum(e.probability for e in self.exclusions) >= 1.0:
            yield "exclusions: probabilities must sum to less than 1"


class Safety(Part):
    """Harms and adverse events that participants report, and their review."""

    rates: dict[str, Annotated[float, Field(ge=0.0, le=30.0)]] = quantity(
        "per person-month", "adverse events in each arm, by its name"
    )
    serious: float = probability("an adverse event is serious")
    related: float = probability(
        "an adverse event in an arm other than the first is related to its treatment"
    )
    meeting_weekday: int = quantity("weekday", "of the management meeting, Monday 0", ge=0, le=6)


class CalendarShock(Part):
    """A change of circumstances from a date on, such as restrictions in a pandemic."""

    enabled: bool = quantity("yes or no", "whether it happens")
    begins: date = quantity("date", "first day")
    pain_shift: float = quantity("NRS points", "added to pain", ge=-10.0, le=10.0)
    steps_ratio: float = quantity("ratio", "usual steps to those before", gt=0.0)
    response_probit: float = quantity("probit", "added to the tendency to answer")


NO_EVENTS = Safety(rates={}, serious=0.0, related=0.0, meeting_weekday=0)
"""Nobody reports an adverse event."""
NO_SHOCK = CalendarShock(
    enabled=False, begins=date(2000, 1, 1), pain_shift=0.0, steps_ratio=1.0, response_probit=0.0
)
"""Circumstances do not change."""


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
