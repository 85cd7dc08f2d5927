"""Parts of a scenario that the protocol fixes: allocation, recruitment, follow-up, analysis."""

from datetime import date
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scenarios.fields import Part, choice, probability, quantity

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Country = Literal["denmark", "norway"]
Clinician = Literal["general_practitioner", "physiotherapist", "chiropractor", "outpatient_clinic"]
Outcome = Literal[
    "rmdq", "nrs_average", "nrs_worst", "pseq", "fabq", "bipq", "eq_vas", "eq_5d", "sgpals", "gpe"
]
Covariate = Literal[
    "country", "clinician", "education", "duration", "nrs_average", "sex", "age"
]  # adjusted for in the primary model
Alternative = Literal["ancova", "t-test on change", "clda reml", "mmrm", "mmrm constrained"]


class Stratum(Part):
    """One randomization stratum, country by clinician, and its share of the patients."""

    country: Country = choice("country of recruitment")
    clinician: Clinician = choice("kind of clinician consulted")
    share: float = quantity("proportion", "share of interested patients", gt=0.0, le=1.0)


class Visit(Part):
    """One scheduled questionnaire after randomization."""

    name: str = choice("short label used in tables")
    day: int = quantity("days", "day after randomization on which it is due", gt=0)


class Design(Part):
    """Who is randomized, how, and when they are asked."""

    sample_size: int = quantity("participants", "randomized in all", gt=0, le=200_000)
    opens: date = quantity("date", "first day of recruitment, day 0 of the clock")
    allocation_ratio: tuple[int, int] = quantity("ratio", "control to intervention")
    block_sizes: tuple[int, ...] = quantity(
        "participants", "sizes of the permuted blocks, each as likely as another", min_length=1
    )
    strata: tuple[Stratum, ...] = quantity("list", "randomization strata", min_length=1)
    visits: tuple[Visit, ...] = quantity("list", "follow-up questionnaires", min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if min(self.allocation_ratio) < 1:
            raise ValueError("allocation_ratio: both numbers must be at least 1")
        unit = sum(self.allocation_ratio)
        for size in self.block_sizes:
            if size < 1 or size % unit:
                raise ValueError(
                    f"block_sizes: {size} is not allowed: a block must be a multiple of {unit} "
                    f"to hold the {self.allocation_ratio[0]}:{self.allocation_ratio[1]} allocation"
                )
        total = sum(stratum.share for stratum in self.strata)
        if abs(total - 1.0) > 1e-6:
            raise ValueError(f"strata: shares sum to {total:g}, they must sum to 1")
        if len({(s.country, s.clinician) for s in self.strata}) != len(self.strata):
            raise ValueError("strata: a country and clinician pair is listed twice")
        if any(later.day <= earlier.day for earlier, later in pairwise(self.visits)):
            raise ValueError("visits: days must increase")
        if len({visit.name for visit in self.visits} | {"baseline"}) != len(self.visits) + 1:
            raise ValueError("visits: names must differ from each other and from 'baseline'")
        return self


class Delay(Part):
    """A waiting time: exponential with this mean, cut off at the longest."""

    mean: float = quantity("days", "mean before the cut-off", gt=0.0)
    longest: float = quantity("days", "cut-off", gt=0.0, le=60.0)


class Exclusion(Part):
    """A reason for which a screened patient is not eligible."""

    reason: str = choice("short label used in the flow diagram")
    group: Literal["inclusion", "other"] = choice("block of the flow diagram it is counted in")
    probability: Probability = probability("among those assessed")


class Recruitment(Part):
    """From interest to randomization."""

    interest_per_day: float = quantity("patients per day", "arrivals", gt=0.0)
    not_reached: float = probability("never reached by the trial staff")
    refused_at_contact: float = probability("refuse when contacted, among all interested")
    contact: Delay = quantity("table", "from interest to contact")
    staff_hours: float = quantity("hours per day", "working time of one person", gt=0.0, le=24.0)
    screening_hours: float = quantity("hours", "staff time of one screening call", gt=0.0, le=8.0)
    screeners: int = quantity("persons", "staff who screen, in each country", gt=0)
    exclusions: tuple[Exclusion, ...] = quantity("list", "reasons other than the RMDQ and refusal")
    minimum_rmdq: int = quantity("points", "lowest RMDQ at screening to be eligible", ge=0, le=24)
    refused_at_screening: float = probability("refuse although eligible")
    questionnaire: Delay = quantity("table", "from screening to the baseline questionnaire")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.not_reached + self.refused_at_contact >= 1.0:
            raise ValueError("not_reached and refused_at_contact: must sum to less than 1")
        if sum(e.probability for e in self.exclusions) >= 1.0:
            raise ValueError("exclusions: probabilities must sum to less than 1")
        if self.refused_at_screening >= 1.0:
            raise ValueError("refused_at_screening: must be less than 1")
        return self


class ArmFollowUp(Part):
    """How one arm is followed: a number a visit."""

    response: tuple[Probability, ...] = quantity(
        "probability", "answers the questionnaire, among those who have not withdrawn"
    )
    withdrawal: tuple[Probability, ...] = quantity(
        "probability", "withdraws between the visit before and this one, among all randomized"
    )
    withdrawal_reasons: dict[str, float] = quantity("weight", "reasons given, by frequency")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if sum(self.withdrawal) > 1.0:
            raise ValueError("withdrawal: the visits' probabilities sum to more than 1")
        if any(weight < 0 for weight in self.withdrawal_reasons.values()):
            raise ValueError("withdrawal_reasons: weights must not be negative")
        if sum(self.withdrawal_reasons.values()) <= 0:
            raise ValueError("withdrawal_reasons: at least one weight must be above 0")
        return self


class FollowUp(Part):
    """Invitations, answers, silence and withdrawal."""

    control: ArmFollowUp = quantity("table", "usual care")
    intervention: ArmFollowUp = quantity("table", "app and usual care")
    dropout: float = probability(
        "further loss by the last visit, spread evenly over follow-up, the same in both arms"
    )
    frailty: float = quantity(
        "proportion",
        "share of the latent tendency to answer that belongs to the person",
        ge=0,
        lt=1,
    )
    age_slope: float = quantity("probit per SD of age", "older participants answer more often")
    answer_delay: Delay = quantity("table", "from invitation or reminder to the answer")
    reminder_days: tuple[Annotated[int, Field(gt=0)], ...] = quantity(
        "days", "reminders after the invitation"
    )
    answer_after_reminder: float = probability("share of answers that need one more reminder")


class AnalysisPlan(Part):
    """The prespecified analysis."""

    primary_outcome: Outcome = choice("outcome of the primary analysis")
    primary_visit: str = choice("visit of the primary analysis")
    continuous: tuple[Outcome, ...] = choice("outcomes of the constrained longitudinal model")
    covariates: tuple[Covariate, ...] = choice("baseline covariates adjusted for")
    responder_points: tuple[Annotated[int, Field(gt=0)], ...] = quantity(
        "points", "improvements of the primary outcome that count as response"
    )
    secondary_response: dict[Outcome, Annotated[float, Field(gt=0.0)]] = quantity(
        "points", "improvement of a secondary outcome that counts as response"
    )
    secondary_level: dict[Outcome, float] = quantity(
        "points", "score of a secondary outcome, or a better one, that counts as response"
    )
    sensitivity: tuple[Literal["multiple imputation", "complete case", "per protocol"], ...] = (
        choice("sensitivity analyses of the primary outcome")
    )
    imputations: int = quantity("data sets", "imputed for the sensitivity analysis", ge=2, le=1000)
    imputation_burn_in: int = quantity("iterations", "of each imputation's chain", gt=0, le=10_000)
    alternatives: tuple[Alternative, ...] = choice("further analyses of the primary outcome")
    small_sample: Literal["none", "satterthwaite"] = choice(
        "degrees of freedom of the alternative mixed models"
    )
    confidence: float = quantity("proportion", "level of confidence intervals", gt=0.5, lt=1.0)
    alpha: float = quantity("probability", "2-sided significance level", gt=0.0, lt=0.5)
    adherence_plans: int = quantity("plans", "made in the adherence weeks to be adherent", ge=0)
    adherence_weeks: int = quantity("weeks", "after randomization, for adherence", gt=0)
    engine: Literal["profiled", "statsmodels"] = choice("who fits the models")
