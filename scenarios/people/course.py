"""Parts of a scenario that describe the mechanistic course of symptoms."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from scenarios.design.trial import Probability
from scenarios.fields import Part, choice, probability, quantity
from scenarios.people.patients import Trait
from scenarios.people.plain_course import NormalCourse


class CourseClass(Part):
    """A kind of natural course."""

    shares: tuple[Probability, ...] = quantity(
        "probability", "of patients of each level of the episode's duration, shortest first"
    )
    recovery: float = quantity("proportion", "mean share of the symptoms that resolves", le=1.0)
    recovery_sd: float = quantity("proportion", "between patients", ge=0.0)
    time_constant: float = quantity("days", "median time constant of recovery", gt=0.0)
    fluctuation: float = quantity(
        "NRS points", "SD of slow swings of pain, from 0 at baseline", ge=0.0
    )


class Flares(Part):
    """Short and long worsenings of pain."""

    per_week: float = quantity("per week", "onsets", ge=0.0, le=7.0)
    height: float = quantity("NRS points", "rise of pain in a flare", ge=0.0)
    long_share: float = probability("of flares that last longer than a day")
    short_duration: float = quantity("days", "length of a short flare", gt=0.0, le=1.0)
    long_duration: float = quantity("days", "time constant with which a long flare fades", gt=0.0)


class Remission(Part):
    """Times without pain: it rests, with its swings and flares, until it comes back."""

    below: float = quantity("NRS points", "level of pain that counts as none", ge=0.0, le=10.0)
    days: int = quantity("days", "in a row with hardly any pain, after which it rests", gt=0)
    pain_left: float = quantity(
        "proportion", "of pain and its slow swings left in remission; 1 without it", ge=0, le=1
    )
    recurrence: float = quantity("per day", "hazard of pain coming back", ge=0.0, lt=1.0)
    height: float = quantity("NRS points", "rise of pain when it comes back", ge=0.0, le=10.0)
    fading: float = quantity("days", "time constant with which that rise fades", gt=0.0)


class Season(Part):
    """Yearly rhythm of pain and steps."""

    pain_amplitude: float = quantity("NRS points", "rise at the worst time of the year", ge=0.0)
    steps_amplitude: float = quantity("proportion", "fall at the same time", ge=0.0, lt=1.0)
    worst_day: int = quantity("day of the year", "when pain is at its worst", ge=1, le=366)


class UsualCare(Part):
    """Treatment by the clinician, in both arms, where contacts of ``[care]`` do not relieve."""

    contacts: dict[str, Annotated[float, Field(ge=0.0, le=20.0)]] = quantity(
        "contacts", "mean number with each kind of clinician"
    )
    period: float = quantity("days", "over which they are spread", gt=0.0)
    relief_per_contact: float = quantity("proportion", "of the remaining symptoms", ge=0.0, lt=1.0)


class MechanisticCourse(Part):
    """Daily pain, beliefs and disability, from their mechanisms."""

    model: Literal["mechanistic"] = choice("which course model")
    recovering: CourseClass = quantity("table", "recover within weeks to months")
    fluctuating: CourseClass = quantity("table", "alternately better and worse")
    persistent: CourseClass = quantity("table", "hardly change, or get worse")
    time_constant_spread: float = quantity("log SD", "of the time constant between patients", ge=0)
    prognosis: dict[Trait, float] = quantity(
        "proportion per SD", "share of recovery gained per SD of a trait's normal score"
    )
    pain_recovery: float = quantity("ratio", "recovery of pain to that of function", ge=0.0, le=1.5)
    swing_memory: float = quantity("days", "memory of slow swings", gt=0.0)
    daily_pain_sd: float = quantity("NRS points", "day-to-day variation of pain", ge=0.0)
    worst_above_mean: float = quantity(
        "NRS points", "mean by which the day's worst pain exceeds its mean, at baseline pain", ge=0
    )
    remission: Remission = quantity("table", "times without pain")
    flares: Flares = quantity("table", "short and long worsenings")
    season: Season = quantity("table", "yearly rhythm")
    usual_care: UsualCare = quantity("table", "treatment by the clinician, in both arms")
    disability_from_pain: float = quantity("proportion", "relative change per change of pain", ge=0)
    disability_from_beliefs: float = quantity("proportion", "per unit of belief change", ge=0.0)
    disability_own: float = quantity("proportion", "recovery of function by itself", ge=0.0)
    disability_from_swings: float = quantity(
        "RMDQ points per NRS point", "response to fluctuations of pain", ge=0.0
    )
    disability_lag: float = quantity("days", "time constant of the lag behind pain", gt=0.0)
    disability_swing_sd: float = quantity("RMDQ points", "slow swings of disability", ge=0.0)
    belief_lag: float = quantity("days", "time constant of beliefs behind recovery", gt=0.0)
    self_efficacy_gain: float = quantity("PSEQ points", "at full recovery")
    fear_gain: float = quantity("FABQ points", "at full recovery")
    illness_perception_gain: float = quantity("BIPQ points", "at full recovery")
    self_efficacy_from_function: float = quantity(
        "PSEQ points per RMDQ point", "lost with more disability than at baseline", ge=0.0
    )
    fear_from_function: float = quantity(
        "FABQ points per RMDQ point", "gained with more disability than at baseline", ge=0.0
    )
    self_efficacy_swing_sd: float = quantity("PSEQ points", "slow swings", ge=0.0)
    fear_swing_sd: float = quantity("FABQ points", "slow swings", ge=0.0)
    illness_perception_swing_sd: float = quantity("BIPQ points", "slow swings", ge=0.0)

    @property
    def classes(self) -> tuple[CourseClass, ...]:
        """The kinds of course, in the order of :data:`agents.symptoms.CLASSES`."""
        return self.recovering, self.fluctuating, self.persistent

    def _problems(self) -> Iterator[str]:
        levels = {len(kind.shares) for kind in self.classes}
        if len(levels) != 1:
            yield "shares: every class needs as many as there are levels of duration"
            return
        for level, of_level in enumerate(zip(*(k.shares for k in self.classes), strict=True)):
            if abs(sum(of_level) - 1.0) > 1e-6:
                yield (
                    f"shares: the classes sum to {sum(of_level):g} at duration level {level + 1}, "
                    "they must sum to 1"
                )


Course = Annotated[MechanisticCourse | NormalCourse, Field(discriminator="model")]
