"""Parts of a scenario that describe virtual patients: traits, steps, needs."""

from collections.abc import Iterator
from typing import Annotated, Literal, get_args

import numpy as np
from pydantic import Field

from scenarios.errors import nearest
from scenarios.fields import Part, choice, optional, probability, quantity

Load = Literal["flexion", "extension", "rotation", "knee", "shoulder"]
Trait = Literal[
    "age", "sex", "bmi", "education", "employment", "cohabiting", "duration", "lbp_days",
    "medication", "disability", "pain", "self_efficacy", "fear", "illness_perception", "health",
    "physical_activity", "steps", "comorbidities", "depression", "stress", "motivation",
    "sleep", "barriers", "work_load",
]  # fmt: skip


TRAITS: tuple[str, ...] = get_args(Trait)
"""What a mechanistic course needs to know of every patient."""


class Bounded(Part):
    """A beta distribution on [low, high] with the stated mean and SD."""

    kind: Literal["bounded"] = choice("form of the margin")
    mean: float = quantity("own unit", "mean")
    sd: float = quantity("own unit", "standard deviation", gt=0.0)
    low: float = quantity("own unit", "lowest value")
    high: float = quantity("own unit", "highest value")

    def _problems(self) -> Iterator[str]:
        if not self.low < self.mean < self.high:
            yield f"mean: {self.mean:g} is not between low and high"
        elif self.sd**2 >= (self.mean - self.low) * (self.high - self.mean):
            yield f"sd: {self.sd:g} is too large for values from low to high"


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

    def _problems(self) -> Iterator[str]:
        if len(self.levels) != len(self.shares):
            yield "shares: one for each of the levels is needed"
        if abs(sum(self.shares) - 1.0) > 1e-6:
            yield f"shares: sum to {sum(self.shares):g}, they must sum to 1"


Margin = Annotated[Bounded | LogNormal | StandardNormal | Categories, Field(discriminator="kind")]
Correlation = Annotated[float, Field(gt=-1.0, lt=1.0)]


class Given(Part):
    """How the levels of a trait depend on another trait, beyond their correlation.

    Each weight multiplies what the correlation alone would give; then rows and columns are scaled
    for both margins to stay as stated. A weight of 0 says that there are no such people.
    """

    by: str = choice("the other trait")
    cuts: tuple[float, ...] = optional(
        "own unit", "values of the other trait that part its groups; its levels are groups", ()
    )
    weights: tuple[tuple[Annotated[float, Field(ge=0.0)], ...], ...] = quantity(
        "ratio", "a row for each group, a column for each level", min_length=2
    )

    def _problems(self) -> Iterator[str]:
        if list(self.cuts) != sorted(set(self.cuts)):
            yield "cuts: must rise"


class Population(Part):
    """Traits of an interested patient: margins joined by a Gaussian copula."""

    margins: dict[str, Margin] = quantity("table", "one for each trait")
    correlations: dict[str, dict[str, Correlation]] = optional(
        "correlation", "of the underlying normal scores; pairs not named are 0", {}
    )
    given: dict[str, Given] = optional(
        "table", "levels that depend on another trait; mechanistic course", {}
    )

    def _problems(self) -> Iterator[str]:
        named = dict.fromkeys(n for a, row in self.correlations.items() for n in (a, *row))
        unknown = [name for name in named if name not in self.margins]
        if unknown:
            close = nearest(unknown[0], self.margins)
            hint = f"did you mean {close!r}?" if close else f"must be {' or '.join(self.margins)}"
            yield f"correlations: {unknown[0]!r} has no margin: {hint}"
            return
        for first, row in self.correlations.items():
            for second in row:
                if first == second or first in self.correlations.get(second, {}):
                    yield f"correlations: {first} with {second} is stated twice"
        if not self.margins:
            return
        smallest = float(np.linalg.eigvalsh(self.correlation_matrix())[0])
        if smallest < 1e-8:
            yield (
                "correlations: the matrix is not positive definite "
                f"(smallest eigenvalue {smallest:.3g})"
            )

    def correlation_matrix(self) -> np.ndarray:
        """Return the correlation matrix of the normal scores, in the order of ``margins``."""
        order = {name: position for position, name in enumerate(self.margins)}
        matrix = np.eye(len(order))
        for first, row in self.correlations.items():
            for second, value in row.items():
                matrix[order[first], order[second]] = matrix[order[second], order[first]] = value
        return matrix


class Activity(Part):
    """True steps of a day."""

    weekday_factor: tuple[Annotated[float, Field(gt=0.0)], ...] = quantity(
        "ratio", "Monday to Sunday", min_length=7, max_length=7
    )
    daily_sd: float = quantity("log SD", "between days of one person", ge=0.0)
    daily_memory: float = quantity("correlation", "of one day with the next", ge=0.0, lt=1.0)
    most_steps: float = quantity("steps per day", "that anybody walks", gt=0.0)
    pain_slope: float = quantity("proportion per NRS point", "steps lost to pain above baseline")
    goal_response: float = probability("share of the gap to the goal closed by an engaged user")
    goal_reach: float = quantity(
        "steps per day", "gap to the goal that an engaged user closes in full", ge=0.0
    )


class Needs(Part):
    """How a hidden need of the patient depends on traits: weights of normal scores."""

    weights: dict[Trait, float] = quantity("weight", "on the traits' normal scores")
    residual: float = quantity("weight", "of the part not explained by traits", ge=0.0)

    def _problems(self) -> Iterator[str]:
        if not any(self.weights.values()) and self.residual == 0.0:
            yield "weights: at least one weight or the residual must be above 0"


class PatientNeeds(Part):
    """The plan that fits a patient's needs, by attribute (each 0 to 1)."""

    load: Needs = quantity("table", "suitable intensity of exercise")
    strength_share: Needs = quantity("table", "strength rather than flexibility")
    reassurance: Needs = quantity("table", "education against fear rather than on coping")
    progression: Needs = quantity("table", "suitable rate of increase of the step goal")


PLAN_ATTRIBUTES = tuple(PatientNeeds.model_fields)
"""What a plan decides and may suit a patient or not, in the order of every array of plans."""


class AvailableMinutes(Part):
    """Minutes that patients have for an exercise session."""

    choices: tuple[Annotated[int, Field(gt=0, le=120)], ...] = quantity(
        "minutes", "from the shortest to the longest", min_length=1
    )
    shares: tuple[Annotated[float, Field(gt=0.0, le=1.0)], ...] = quantity(
        "proportion", "of patients who have each"
    )
    weights: dict[Trait, float] = quantity("weight", "on the traits' normal scores")
    residual: float = quantity("weight", "of the part not explained by traits", ge=0.0)

    def _problems(self) -> Iterator[str]:
        if len(self.choices) != len(self.shares):
            yield "shares: one for each of the choices is needed"
        if list(self.choices) != sorted(set(self.choices)):
            yield "choices: must rise from the shortest to the longest"
        if abs(sum(self.shares) - 1.0) > 1e-6:
            yield f"shares: sum to {sum(self.shares):g}, they must sum to 1"
        if not any(self.weights.values()) and self.residual == 0.0:
            yield "weights: at least one weight or the residual must be above 0"


class Limits(Part):
    """What keeps patients from exercises, which a plan must mind."""

    minutes: AvailableMinutes = quantity("table", "minutes for an exercise session")
    contraindicated: dict[Load, Annotated[float, Field(ge=0.0, le=1.0)]] = quantity(
        "probability", "that exercises with a load must not be done; loads not named are allowed"
    )
