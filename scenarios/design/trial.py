"""Parts of a scenario that the protocol fixes: allocation, recruitment, staff, safety."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from scenarios.design.allocation import Minimization, Randomization
from scenarios.design.interim import NO_LOOKS, Interim
from scenarios.design.run_in import NoRunIn, RunIn
from scenarios.fields import Part, choice, optional, probability, quantity

Probability = Annotated[float, Field(ge=0.0, le=1.0)]


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
