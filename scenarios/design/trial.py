"""Parts of a scenario that the protocol fixes: allocation, recruitment, follow-up, analysis."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from scenarios.arms import ARM_NAMES
from scenarios.design.allocation import Minimization, Randomization
from scenarios.design.analyses import (
    AlternativeName,
    DecidingName,
    Kind,
    SensitivityName,
    asked_for,
    name_in_tables,
    registered,
)
from scenarios.design.interim import Interim
from scenarios.design.run_in import RunIn
from scenarios.fields import Part, choice, optional, probability, quantity

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Country = Literal["denmark", "norway"]
Clinician = Literal["general_practitioner", "physiotherapist", "chiropractor", "outpatient_clinic"]
Covariate = Literal[
    "country", "clinician", "education", "duration", "nrs_average", "sex", "age"
]  # adjusted for in the primary model


class Stratum(Part):
    """One randomization stratum, country by clinician, and its share of the patients."""

    country: Country = choice("country of recruitment")
    clinician: Clinician = choice("kind of clinician consulted")
    share: float = quantity("proportion", "share of interested patients", gt=0.0, le=1.0)


class Visit(Part):
    """One scheduled questionnaire after randomization."""

    name: str = choice("short label used in tables")
    day: int = quantity("days", "day after randomization on which it is due", gt=0, le=3660)


class Design(Part):
    """Who is randomized, how, and when they are asked."""

    sample_size: int = quantity("participants", "randomized in all", gt=0, le=200_000)
    opens: date = quantity("date", "first day of recruitment, day 0 of the clock")
    allocation_ratio: tuple[int, int] = quantity("ratio", "control to intervention")
    randomization: Randomization = quantity("table", "how participants are allocated")
    strata: tuple[Stratum, ...] = quantity("list", "randomization strata", min_length=1)
    visits: tuple[Visit, ...] = quantity("list", "follow-up questionnaires", min_length=1)
    interim: Interim = quantity("table", "looks at which the trial may stop")

    def _problems(self) -> Iterator[str]:
        if min(self.allocation_ratio) < 1:
            yield "allocation_ratio: both numbers must be at least 1"
        method = self.randomization
        if isinstance(method, Minimization) and len(set(method.factors)) < len(method.factors):
            yield "randomization.factors: a factor is named twice"
        total = sum(stratum.share for stratum in self.strata)
        if abs(total - 1.0) > 1e-6:
            yield f"strata: shares sum to {total:g}, they must sum to 1"
        if len({(s.country, s.clinician) for s in self.strata}) != len(self.strata):
            yield "strata: a country and clinician pair is listed twice"
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


class Staff(Part):
    """When the research assistants work: on weekdays that are no holidays, some hours a day."""

    day_start: float = quantity("hour of day", "when work begins", ge=0.0, lt=24.0)
    day_hours: float = quantity("hours per day", "working time", gt=0.0, le=24.0)
    holidays: dict[Country, tuple[date, ...]] = quantity("date", "weekdays without work")

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
    screeners: int = quantity("persons", "research assistants who screen, in each country", gt=0)
    exclusions: tuple[Exclusion, ...] = quantity("list", "reasons other than the RMDQ and refusal")
    minimum_rmdq: int = quantity("points", "lowest RMDQ at screening to be eligible", ge=0, le=24)
    minimum_pain: int = quantity(
        "NRS points", "lowest average pain, as told at screening, to be eligible", ge=0, le=10
    )
    minimum_duration: str = choice(
        "level of duration from which an episode is long enough to be eligible, or '' for any"
    )
    refused_at_screening: Annotated[float, Field(lt=1.0)] = probability("refuse although eligible")
    run_in: RunIn = quantity("table", "what must be done between screening and randomization")
    questionnaire: Delay = quantity(
        "table", "from screening, or from the end of the run-in, to the baseline questionnaire"
    )

    def _problems(self) -> Iterator[str]:
        if sum(e.probability for e in self.exclusions) >= 1.0:
            yield "exclusions: probabilities must sum to less than 1"


class Safety(Part):
    """Harms and adverse events that participants report, and their review."""

    rate_control: float = quantity("per person-month", "adverse events, usual care", ge=0.0, le=30)
    rate_intervention: float = quantity("per person-month", "adverse events, app", ge=0.0, le=30)
    serious: float = probability("an adverse event is serious")
    related: float = probability("an adverse event in the app arm is related to the app")
    meeting_weekday: int = quantity("weekday", "of the management meeting, Monday 0", ge=0, le=6)

    @property
    def rates(self) -> tuple[float, ...]:
        """Adverse events per person-month, in the order of :data:`scenarios.arms.ARMS`."""
        return tuple(getattr(self, f"rate_{name}") for name in ARM_NAMES)


class CalendarShock(Part):
    """A change of circumstances from a date on, such as restrictions in a pandemic."""

    enabled: bool = quantity("yes or no", "whether it happens")
    begins: date = quantity("date", "first day")
    pain_shift: float = quantity("NRS points", "added to pain", ge=-10.0, le=10.0)
    steps_ratio: float = quantity("ratio", "usual steps to those before", gt=0.0)
    response_probit: float = quantity("probit", "added to the tendency to answer")


class AnalysisPlan(Part):
    """The prespecified analysis."""

    primary_outcome: str = choice("outcome of the primary analysis")
    primary_visit: str = choice("visit of the primary analysis")
    primary_analysis: DecidingName = choice(
        "whose P value decides: a model of the plan, or one of the alternatives"
    )
    continuous: tuple[str, ...] = choice("outcomes of the constrained longitudinal model")
    binary: tuple[str, ...] = optional("name", "outcomes analysed as events", ())
    counts: tuple[str, ...] = optional("name", "outcomes analysed as counts", ())
    covariates: tuple[Covariate, ...] = choice("baseline covariates adjusted for")
    responder_points: tuple[Annotated[int, Field(gt=0)], ...] = quantity(
        "points", "improvements of the primary outcome that count as response"
    )
    secondary_response: dict[str, Annotated[float, Field(gt=0.0)]] = quantity(
        "points", "improvement of a secondary outcome that counts as response"
    )
    secondary_level: dict[str, float] = quantity(
        "points", "score of a secondary outcome, or a better one, that counts as response"
    )
    sensitivity: tuple[SensitivityName, ...] = choice("sensitivity analyses of the primary outcome")
    penalty: Literal["none", "firth"] = choice(
        "of the odds ratios' likelihood: Firth's keeps them finite where arm and covariates "
        "separate responders from others"
    )
    imputations: int = quantity("data sets", "imputed for the sensitivity analysis", ge=2, le=1000)
    imputation_burn_in: int = quantity(
        "iterations", "at most, of each imputation's chain", ge=5, le=10_000
    )
    alternatives: tuple[AlternativeName, ...] = choice("further analyses of the primary outcome")
    covariate_effects: Literal["common", "by visit"] = choice(
        "of the covariates in the mixed models: the same at all visits, or others at each"
    )
    small_sample: Literal["none", "satterthwaite", "kenward-roger"] = choice(
        "degrees of freedom of the alternative mixed models, and with Kenward and Roger also "
        "their standard errors"
    )
    cluster: Literal["none", "participant", "clinic"] = choice(
        "within which values may be alike in ways that no model says: standard errors are robust "
        "to it"
    )
    confidence: float = quantity("proportion", "level of confidence intervals", gt=0.5, lt=1.0)
    alpha: float = quantity("probability", "2-sided significance level", ge=1e-10, lt=0.5)
    adherence_plans: int = quantity("plans", "made in the adherence weeks to be adherent", ge=0)
    adherence_weeks: int = quantity("weeks", "after randomization, for adherence", gt=0)
    engine: Literal["profiled", "statsmodels"] = choice("what fits the models")

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
