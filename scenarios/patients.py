"""Parts of a scenario that describe virtual patients: traits, courses, needs."""

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from scenarios.design import Outcome, Probability
from scenarios.fields import Part, choice, probability, quantity

Trait = Literal[
    "age", "sex", "bmi", "education", "employment", "cohabiting", "duration", "lbp_days",
    "medication", "disability", "pain", "self_efficacy", "fear", "illness_perception", "health",
    "physical_activity", "steps", "comorbidities", "depression", "stress", "motivation",
]  # fmt: skip


class Bounded(Part):
    """A beta distribution on [low, high] with the stated mean and SD."""

    kind: Literal["bounded"] = choice("form of the margin")
    mean: float = quantity("own unit", "mean")
    sd: float = quantity("own unit", "standard deviation", gt=0.0)
    low: float = quantity("own unit", "lowest value")
    high: float = quantity("own unit", "highest value")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.low < self.mean < self.high:
            raise ValueError(f"mean: {self.mean:g} is not between low and high")
        if self.sd**2 >= (self.mean - self.low) * (self.high - self.mean):
            raise ValueError(f"sd: {self.sd:g} is too large for values from low to high")
        return self


class LogNormal(Part):
    """A log-normal distribution with the stated mean and SD."""

    kind: Literal["lognormal"] = choice("form of the margin")
    mean: float = quantity("own unit", "mean", gt=0.0)
    sd: float = quantity("own unit", "standard deviation", gt=0.0)


class StandardNormal(Part):
    """A score with mean 0 and SD 1."""

    kind: Literal["standard"] = choice("form of the margin")


class Categories(Part):
    """Ordered categories with their shares, lowest first."""

    kind: Literal["categories"] = choice("form of the margin")
    levels: tuple[str, ...] = quantity("names", "labels, lowest first", min_length=2)
    shares: tuple[Annotated[float, Field(gt=0.0, lt=1.0)], ...] = quantity(
        "proportion", "share of each level"
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.levels) != len(self.shares):
            raise ValueError("shares: one for each of the levels is needed")
        if abs(sum(self.shares) - 1.0) > 1e-6:
            raise ValueError(f"shares: sum to {sum(self.shares):g}, they must sum to 1")
        return self


Margin = Annotated[Bounded | LogNormal | StandardNormal | Categories, Field(discriminator="kind")]
Correlation = Annotated[float, Field(gt=-1.0, lt=1.0)]


class Population(Part):
    """Traits of an interested patient: margins joined by a Gaussian copula."""

    margins: dict[Trait, Margin] = quantity("table", "one for each trait")
    correlations: dict[Trait, dict[Trait, Correlation]] = quantity(
        "correlation", "of the underlying normal scores; pairs not named are 0"
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        missing = set(Trait.__args__) - set(self.margins)  # type: ignore[attr-defined]
        if missing:
            raise ValueError(f"margins: {', '.join(sorted(missing))} missing")
        for first, row in self.correlations.items():
            for second in row:
                if first == second or first in self.correlations.get(second, {}):
                    raise ValueError(f"correlations: {first} with {second} is stated twice")
        smallest = float(np.linalg.eigvalsh(self.correlation_matrix())[0])
        if smallest < 1e-8:
            raise ValueError(
                "correlations: the matrix is not positive definite "
                f"(smallest eigenvalue {smallest:.3g})"
            )
        return self

    def correlation_matrix(self) -> np.ndarray:
        """Return the correlation matrix of the normal scores, in the order of ``margins``."""
        order = {name: position for position, name in enumerate(self.margins)}
        matrix = np.eye(len(order))
        for first, row in self.correlations.items():
            for second, value in row.items():
                matrix[order[first], order[second]] = matrix[order[second], order[first]] = value
        return matrix


class CourseClass(Part):
    """A kind of natural course."""

    share_short: float = probability("of patients whose episode has lasted up to 12 weeks")
    share_long: float = probability("of patients whose episode has lasted longer")
    recovery: float = quantity("proportion", "mean share of the symptoms that resolves", le=1.0)
    recovery_sd: float = quantity("proportion", "between patients", ge=0.0)
    time_constant: float = quantity("days", "median time constant of recovery", gt=0.0)
    fluctuation: float = quantity(
        "NRS points", "SD of slow swings of pain, from 0 at baseline", ge=0.0
    )


class MechanisticCourse(Part):
    """Daily pain, beliefs and disability, from the inside."""

    model: Literal["mechanistic"] = choice("which course model")
    recovering: CourseClass = quantity("table", "recover within weeks to months")
    fluctuating: CourseClass = quantity("table", "better and worse by turns")
    persistent: CourseClass = quantity("table", "hardly change, or get worse")
    time_constant_spread: float = quantity("log SD", "of the time constant between patients", ge=0)
    recovery_per_depression: float = quantity("proportion per SD", "recovery lost to depression")
    recovery_per_stress: float = quantity("proportion per SD", "recovery lost to stress")
    recovery_per_comorbidity: float = quantity(
        "proportion per level", "recovery lost to each level of comorbidity"
    )
    pain_recovery: float = quantity("ratio", "recovery of pain to that of function", ge=0.0, le=1.5)
    swing_memory: float = quantity("days", "memory of slow swings", gt=0.0)
    daily_pain_sd: float = quantity("NRS points", "day-to-day variation of pain", ge=0.0)
    flares_per_week: float = quantity("per week", "onsets of flares", ge=0.0, le=7.0)
    flare_height: float = quantity("NRS points", "rise of pain in a flare", ge=0.0)
    flare_duration: float = quantity("days", "length of a flare", gt=0.0, le=1.0)
    disability_from_pain: float = quantity("proportion", "relative change per change of pain", ge=0)
    disability_from_beliefs: float = quantity("proportion", "per unit of belief change", ge=0.0)
    disability_own: float = quantity("proportion", "recovery of function by itself", ge=0.0)
    disability_lag: float = quantity("days", "time constant of the lag behind pain", gt=0.0)
    disability_swing_sd: float = quantity("RMDQ points", "slow swings of disability", ge=0.0)
    belief_lag: float = quantity("days", "time constant of beliefs behind recovery", gt=0.0)
    self_efficacy_gain: float = quantity("PSEQ points", "at full recovery")
    fear_gain: float = quantity("FABQ points", "at full recovery")
    illness_perception_gain: float = quantity("BIPQ points", "at full recovery")
    self_efficacy_swing_sd: float = quantity("PSEQ points", "slow swings", ge=0.0)
    fear_swing_sd: float = quantity("FABQ points", "slow swings", ge=0.0)
    illness_perception_swing_sd: float = quantity("BIPQ points", "slow swings", ge=0.0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for field in ("share_short", "share_long"):
            total = sum(
                getattr(c, field) for c in (self.recovering, self.fluctuating, self.persistent)
            )
            if abs(total - 1.0) > 1e-6:
                raise ValueError(f"{field}: the classes sum to {total:g}, they must sum to 1")
        return self


class NormalCourse(Part):
    """Multivariate-normal scores of one outcome, for planning and for checks on closed forms."""

    model: Literal["normal"] = choice("which course model")
    outcome: Outcome = choice("the outcome that is simulated")
    means: tuple[float, ...] = quantity("points", "control means at baseline and each visit")
    sd: tuple[Annotated[float, Field(gt=0.0)], ...] = quantity(
        "points", "standard deviations at baseline and each visit"
    )
    correlation: tuple[tuple[float, ...], ...] = quantity(
        "correlation", "between baseline and visits: a matrix, or [[r]] for the same r everywhere"
    )
    effect: tuple[float, ...] = quantity("points", "intervention minus control at each visit")

    @model_validator(mode="after")
    def _check(self) -> Self:
        size = len(self.means)
        if len(self.sd) != size:
            raise ValueError(
                f"sd: {len(self.sd)} given, one for each of the {size} means is needed"
            )
        if len(self.effect) != size - 1:
            raise ValueError(
                f"effect: {len(self.effect)} given, {size - 1} follow-ups need one each"
            )
        if len(self.correlation) not in {1, size} or any(
            len(row) != len(self.correlation) for row in self.correlation
        ):
            raise ValueError(f"correlation: a {size} x {size} matrix or [[r]] is needed")
        matrix = self.correlation_matrix()
        if not np.array_equal(matrix, matrix.T) or not np.all(np.diag(matrix) == 1.0):
            raise ValueError("correlation: must be symmetric with 1 on the diagonal")
        smallest = float(np.linalg.eigvalsh(matrix)[0])
        if smallest < 1e-8:
            raise ValueError(
                "correlation: the matrix is not positive definite "
                f"(smallest eigenvalue {smallest:.3g})"
            )
        return self

    def correlation_matrix(self) -> np.ndarray:
        """Return the (visits + 1) x (visits + 1) correlation matrix."""
        size = len(self.means)
        if len(self.correlation) == 1 and size > 1:
            common = self.correlation[0][0]
            return np.full((size, size), common) + (1.0 - common) * np.eye(size)
        return np.array(self.correlation, dtype=float)


Course = Annotated[MechanisticCourse | NormalCourse, Field(discriminator="model")]


class Activity(Part):
    """True steps of a day."""

    weekday_factor: tuple[Annotated[float, Field(gt=0.0)], ...] = quantity(
        "ratio", "Monday to Sunday", min_length=7, max_length=7
    )
    daily_sd: float = quantity("log SD", "between days of one person", ge=0.0)
    pain_slope: float = quantity("proportion per NRS point", "steps lost to pain above baseline")
    goal_response: float = probability("share of the gap to the goal closed by an engaged user")


class Needs(Part):
    """How a hidden need of the patient depends on traits: weights of normal scores."""

    weights: dict[Trait, float] = quantity("weight", "on the traits' normal scores")
    residual: float = quantity("weight", "on what no trait tells", ge=0.0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not any(self.weights.values()) and self.residual == 0.0:
            raise ValueError("weights: at least one weight or the residual must be above 0")
        return self


class PatientNeeds(Part):
    """The plan that would suit a patient, attribute by attribute (each 0 to 1)."""

    load: Needs = quantity("table", "intensity of exercise that suits")
    strength_share: Needs = quantity("table", "strength rather than flexibility")
    reassurance: Needs = quantity("table", "education against fear rather than on coping")
    progression: Needs = quantity("table", "how fast the step goal may rise")


__all__ = [
    "Activity", "Bounded", "Categories", "Course", "CourseClass", "LogNormal",
    "Margin", "MechanisticCourse", "Needs", "NormalCourse", "PatientNeeds", "Population",
    "Probability", "StandardNormal", "Trait",
]  # fmt: skip
