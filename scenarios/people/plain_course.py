"""The plain course, a part of a scenario: outcomes at the visits, from correlated normals.

Each outcome has a latent deviation at each questionnaire, standard normal. A continuous outcome is
the mean of the arm plus the SD times the deviation; a binary one happens where the deviation is
high enough; a count is the quantile that has the deviation's rank. Correlations and prognosis are
those of the deviations. What is recorded of them, on a scale with ends and steps, is in
:mod:`agents.plain.observed`.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from scenarios.fields import Part, choice, optional, quantity
from scenarios.people.visit_correlation import (
    SMALLEST,
    Pattern,
    PatternError,
    correlation_between,
)

Measure = Literal["difference", "ratio", "odds ratio"]
Kind = Literal["continuous", "binary", "count"]
MEASURES: Mapping[Kind, tuple[Measure, ...]] = {
    "continuous": ("difference",),
    "binary": ("difference", "ratio", "odds ratio"),
    "count": ("difference", "ratio"),
}
"""How the effect on each kind of outcome can be stated."""
_STATED = ("effect", "effect_size", "intervention")
_Correlation = Annotated[float, Field(gt=-1.0, lt=1.0)]


class OutcomeCourse(Part):
    """The course of one outcome in both arms."""

    exclusive: ClassVar[tuple[tuple[str, ...], ...]] = (_STATED,)

    means: tuple[float, ...] = quantity(
        "own unit",
        "control arm, at baseline (if the outcome has one) and each visit: means of the latent "
        "scores, risks of an event or rates of a count",
    )
    sd: tuple[Annotated[float, Field(gt=0.0)], ...] = optional(
        "own unit", "of the latent scores of a continuous outcome, one for each of the means", ()
    )
    intervention_sd: tuple[Annotated[float, Field(gt=0.0)], ...] = optional(
        "own unit", "the same in the intervention arm at each visit, if it differs", ()
    )
    dispersion: float | None = optional(
        "ratio",
        "of a count, whose variance is rate + dispersion x rate^2; 0 is Poisson's",
        ge=0.0,
        le=1000.0,
    )
    correlation: tuple[tuple[float, ...], ...] = quantity(
        "correlation", "between baseline and visits: a matrix, or [[r]] for the same r everywhere"
    )
    pattern: Pattern = optional(
        "name", "what the numbers of the correlation mean: see docs/guides/own_trial.md", "matrix"
    )
    effect: tuple[float, ...] | None = optional(
        "own unit", "of the intervention at each visit, latent, as effect_measure says"
    )
    effect_size: float | None = optional("own unit", "the same at all visits, instead of effect")
    intervention: tuple[float, ...] | None = optional(
        "own unit", "means, risks or rates in the intervention arm at each visit, instead of effect"
    )
    effect_measure: Measure = optional(
        "name", "intervention minus control, or the ratio of both, or of their odds", "difference"
    )
    prognosis: dict[str, float] = optional(
        "SD per SD", "covariate to its weight: of the deviation on the covariate's normal score", {}
    )
    r2: float | None = optional(
        "proportion",
        "of the variance of the deviations that the covariates of prognosis explain, as recorded; "
        "their weights are then relative to each other",
        ge=0.0,
        lt=1.0,
    )

    def _problems(self) -> Iterator[str]:
        size = len(self.means)
        if self.sd and len(self.sd) != size:
            yield f"sd: {len(self.sd)} given, one for each of the {size} means is needed"
        try:
            self.correlation_matrix()
        except PatternError as error:
            yield f"correlation: {error}"
        given = [name for name in _STATED if getattr(self, name) is not None]
        if len(given) != 1:
            what = " and ".join(given) or "effect"
            yield (
                f"{what}: state the effect once, as effect (one for each visit), effect_size or "
                "intervention"
            )
        if self.r2 is not None and not any(self.prognosis.values()):
            yield f"r2 and prognosis: {self.r2:g} is not allowed: prognosis must name covariates"

    def correlation_matrix(self) -> np.ndarray:
        """Return the correlation matrix of the deviations at all questionnaires.

        Raises
        ------
        PatternError
            If the numbers make none.
        """
        return correlation_between(self.pattern, self.correlation, len(self.means))

    def within(self, shared: float, *, baseline: bool, icc: float) -> np.ndarray:
        """Return the part of that matrix that neither covariates nor clinics account for.

        Clinics share their patients' deviation at all follow-ups, and none at baseline; the parts
        add up to the matrix of the course, so that neither changes anything about one person.

        Parameters
        ----------
        shared
            Weight of the covariates' sum in each deviation.
        baseline
            Whether the first questionnaire is the baseline.
        icc
            Intracluster correlation.
        """
        follow_up = np.ones(len(self.means))
        follow_up[0] = 0.0 if baseline else 1.0
        matrix = self.correlation_matrix() - icc * np.outer(follow_up, follow_up)
        return np.asarray(matrix - shared**2)

    def effects(self, follow_ups: int) -> tuple[float, ...]:
        """Return the effect at each follow-up, as ``effect_measure`` says.

        With ``intervention`` it is what its numbers amount to.
        """
        if self.effect is not None:
            return self.effect
        if self.effect_size is not None:
            return (self.effect_size,) * follow_ups
        control = np.array(self.means[-follow_ups:])
        treated = np.array(self.intervention)
        if self.effect_measure == "difference":
            found = treated - control
        elif self.effect_measure == "ratio":
            found = treated / control
        else:
            found = treated / (1.0 - treated) / (control / (1.0 - control))
        return tuple(found.tolist())

    def treated_means(self, follow_ups: int) -> np.ndarray:
        """Return means, risks or rates of the intervention arm, one for each of the ``means``."""
        means = np.array(self.means, dtype=float)
        control, effect = means[-follow_ups:], np.array(self.effects(follow_ups))
        if self.intervention is not None:
            treated = np.array(self.intervention)
        elif self.effect_measure == "difference":
            treated = control + effect
        elif self.effect_measure == "ratio":
            treated = control * effect
        else:
            odds = control / (1.0 - control) * effect
            treated = odds / (1.0 + odds)
        means[-follow_ups:] = treated
        return means

    @property
    def no_effect(self) -> float:
        """What ``effect_measure`` is without an effect."""
        return 0.0 if self.effect_measure == "difference" else 1.0


class NormalCourse(OutcomeCourse):
    """One outcome or several at the visits, and nothing between them; no mechanisms, no app.

    The keys of the outcome that comes first stand in the section itself, those of others in
    ``further``.
    """

    model: Literal["normal"] = choice("which course model")
    outcome: str = choice("the outcome that the keys of this section are of")
    on_scale: bool = optional(
        "yes or no",
        "continuous scores are rounded and bounded where their outcome is; if not, closed forms "
        "of normal scores hold exactly",
        True,
    )
    further: dict[str, OutcomeCourse] = optional("table", "other outcomes, by name", {})
    between: dict[str, dict[str, _Correlation]] = optional(
        "correlation",
        "of the deviations of two outcomes at a visit, beyond covariates and clinics; pairs not "
        "named are 0",
        {},
    )

    @property
    def by_outcome(self) -> dict[str, OutcomeCourse]:
        """Every outcome that is simulated, the first one first."""
        return {self.outcome: self, **self.further}

    @property
    def without_effect(self) -> tuple[str, ...]:
        """What switches the effect on every outcome off, as ``--set`` would take it."""
        return (
            f"course.effect_size={self.no_effect}",
            *(
                f"course.further.{name}.effect_size={own.no_effect}"
                for name, own in self.further.items()
            ),
        )

    @property
    def prognostic(self) -> bool:
        """Whether covariates are related to any outcome."""
        return any(any(own.prognosis.values()) for own in self.by_outcome.values())

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        if self.outcome in self.further:
            yield f"further: {self.outcome!r} is the outcome of the section itself"
            return
        names = self.by_outcome
        for first, row in self.between.items():
            for second in row:
                unknown = next((name for name in (first, second) if name not in names), None)
                if unknown is not None:
                    yield f"between: {unknown!r} is not one of {', '.join(names)}"
                    return
                if first == second or first in self.between.get(second, {}):
                    yield f"between: {first} with {second} is stated twice"
        smallest = float(np.linalg.eigvalsh(self.between_outcomes())[0])
        if smallest < SMALLEST:
            yield (
                f"between: the matrix is not positive definite (smallest eigenvalue {smallest:.3g})"
            )

    def between_outcomes(self) -> np.ndarray:
        """Return the correlation matrix of the outcomes at a visit, in the order of by_outcome."""
        order = {name: place for place, name in enumerate(self.by_outcome)}
        matrix = np.eye(len(order))
        for first, row in self.between.items():
            for second, value in row.items():
                matrix[order[first], order[second]] = matrix[order[second], order[first]] = value
        return matrix
