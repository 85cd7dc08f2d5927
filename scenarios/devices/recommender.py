"""The part of a scenario that describes the recommender."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from scenarios.devices.own_recommender import HttpSettings, PluginSettings, known_name
from scenarios.fields import Part, choice, probability, quantity

Feature = Literal[
    "age", "pain", "disability", "sleep", "stress", "self_efficacy", "fear", "barriers",
    "work_load", "physical_activity", "steps", "sessions",
]  # fmt: skip
RecommenderKind = Literal[
    "cbr", "generic", "progressed", "guideline", "static", "random", "nearest", "oracle", "none"
]
RecommenderName = Annotated[
    str, AfterValidator(partial(known_name, built_in=get_args(RecommenderKind)))
]
_UNKNOWN = "similarity where one of two values is unknown (if missing is 'stated')"


class LinearForm(Part):
    """Similarity falls in a straight line from 1 to 0."""

    kind: Literal["linear"] = choice("form of the local similarity")
    range: float = quantity("own unit", "difference from which there is none", gt=0.0)
    unknown: float = probability(_UNKNOWN)


class ThresholdForm(Part):
    """Similarity is 1 up to a difference and 0 beyond."""

    kind: Literal["threshold"] = choice("form of the local similarity")
    within: float = quantity("own unit", "largest difference that does not count", ge=0.0)
    unknown: float = probability(_UNKNOWN)


class SigmoidForm(Part):
    """Similarity falls smoothly, fastest about a difference."""

    kind: Literal["sigmoid"] = choice("form of the local similarity")
    midpoint: float = quantity("own unit", "difference at which it falls fastest", gt=0.0)
    width: float = quantity("own unit", "over which it falls", gt=0.0)
    unknown: float = probability(_UNKNOWN)


class TableForm(Part):
    """Similarity of each pair of categories, coded from 0."""

    kind: Literal["table"] = choice("form of the local similarity")
    rows: tuple[tuple[Annotated[float, Field(ge=0.0, le=1.0)], ...], ...] = quantity(
        "proportion", "a row for each category of the patient, a column for each of the case"
    )
    unknown: float = probability(_UNKNOWN)

    def _problems(self) -> Iterator[str]:
        if any(len(row) != len(self.rows) for row in self.rows) or not self.rows:
            yield "rows: as many rows as columns are needed, at least one"
        elif any(row[place] != 1.0 for place, row in enumerate(self.rows)):
            yield "rows: a category has similarity 1 with itself"


LocalForm = Annotated[
    LinearForm | ThresholdForm | SigmoidForm | TableForm, Field(discriminator="kind")
]


class Usual(Part):
    """What is usual in a week, learned as the trial goes, by time with the app and by pain."""

    weeks: tuple[Annotated[int, Field(gt=0)], ...] = quantity(
        "weeks", "since installation, at which one period ends and the next begins"
    )
    pain: tuple[Annotated[float, Field(gt=0.0, lt=10.0)], ...] = quantity(
        "NRS points", "when the plan was made, at which one level ends and the next begins"
    )
    prior: float = quantity(
        "weeks", "that the first guess counts as: pain as before, half of the sessions done", gt=0.0
    )

    def _problems(self) -> Iterator[str]:
        for key, edges in (("weeks", self.weeks), ("pain", self.pain)):
            if any(later <= earlier for earlier, later in pairwise(edges)):
                yield f"{key}: must increase"


class Recommender(Part):
    """How weekly plans are made."""

    kind: RecommenderName = choice("which recommender")
    cases_from: Literal["experts", "pilot"] = choice("source of the initial cases")
    seed_cases: int = quantity("cases", "at the start", gt=0)
    expert_error: float = quantity("plan units", "SD of an expert's plan about the need", ge=0.0)
    pilot_size: int = quantity("participants", "of the pilot, if cases come from one", ge=20)
    neighbours: int = quantity("cases", "retrieved for each plan (k)", gt=0)
    weights: dict[Feature, Annotated[float, Field(ge=0.0)]] = quantity(
        "weight", "of a feature in the global similarity"
    )
    similarity: dict[Feature, LocalForm] = quantity("table", "local similarity of each feature")
    missing: Literal["stated", "left_out"] = choice(
        "unknown values: a stated similarity, or left out of the weights"
    )
    sharpness: float = quantity("power", "of similarity when plans are combined", ge=0.0)
    first_steps: float = quantity("steps per day", "taken as usual while none are recorded", gt=0.0)
    first_goal: Literal["stated", "none"] = choice(
        "step goal while no steps are recorded: from first_steps, or none"
    )
    goal_floor: Literal["none", "baseline"] = choice(
        "outside a flare a step goal is never below the steps of the first week with the app"
    )
    goal_rounding: float = quantity(
        "steps per day", "to which step goals are rounded; 0 where they are not", ge=0.0
    )
    generic_steps: float = quantity("steps per day", "goal of a generic plan for everybody", gt=0.0)
    generic_progress: float = quantity(
        "plan units per week", "of load by which a physiotherapist advances a generic plan", ge=0.0
    )
    step_quantile: float = probability("quantile of the recent days that a step goal starts from")
    step_rise: float = quantity("proportion", "goal above that at full progression", ge=0.0)
    sessions_per_week: int = quantity("sessions", "exercise sessions asked for", gt=0, le=14)
    session_minutes: int = quantity(
        "minutes", "of an exercise session, time permitting", gt=0, le=60
    )
    variety: int = quantity(
        "lists", "of exercises of the same level that take turns, week by week", ge=1, le=8
    )
    success: Literal["raw", "expected"] = choice(
        "how a plan went: sessions done and change of pain as they are, or less what was usual for "
        "such a patient and week"
    )
    usual: Usual = quantity("table", "what is usual, if success is 'expected'")
    retain: Literal["never", "shared", "per_arm", "per_participant"] = choice(
        "learning during the trial: no, or for whom learned cases are"
    )
    retain_above: float = quantity("score", "outcome score from which a case counts as success")
    redundant_above: float = quantity(
        "similarity", "to its nearest case above which a new case replaces it", ge=0.0, le=1.0
    )
    capacity: int = quantity("cases", "largest case base; the oldest learned case is forgotten")
    flare_pain: float = quantity("NRS points", "pain from which the load is cut", ge=0, le=10)
    flare_load: float = quantity("ratio", "load in a flare to the load otherwise", ge=0, le=1)
    largest_step: float = quantity("plan units", "largest change of load in a week", gt=0, le=1)
    on_failure: Literal["fail", "fallback"] = choice(
        "a recommender's failure ends the trial, or the guideline's plan is used"
    )
    plugin: PluginSettings = quantity("table", "if the recommender is module:attribute")
    http: HttpSettings = quantity("table", "if the recommender is behind HTTP")

    @property
    def is_own(self) -> bool:
        """Whether the recommender is not one of the built-in ones."""
        return self.kind not in get_args(RecommenderKind)

    def _problems(self) -> Iterator[str]:
        used = [name for name, weight in self.weights.items() if weight > 0.0]
        if not used:
            yield "weights: at least one must be above 0"
        for name in used:
            if name not in self.similarity:
                yield f"similarity: {name} is missing, but has a weight"
        if self.neighbours > self.seed_cases:
            yield f"neighbours: {self.neighbours} is more than the {self.seed_cases} seed_cases"
        if self.capacity < self.seed_cases:
            yield f"capacity: must be at least seed_cases ({self.seed_cases})"
