"""Parts of a scenario that describe how patients answer the questionnaires."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from scenarios.fields import Part, probability, quantity

ITEM_NUMBERS = {
    "rmdq": tuple(range(1, 25)),
    "pseq": tuple(range(1, 11)),
    # Four of the five items about physical activity are scored; the first is not simulated.
    "fabq": tuple(range(2, 6)),
    "bipq": tuple(range(1, 9)),
}
"""Numbers of the scored items of each questionnaire that is scored by a sum."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What scores of an instrument of the mechanistic course can be: range, step, direction."""

    low: float
    high: float
    step: float
    higher_is_better: bool
    has_baseline: bool = True


INSTRUMENT_SCALES: dict[str, Scale] = {
    "rmdq": Scale(0, 24, 1, higher_is_better=False),
    "nrs_average": Scale(0, 10, 1, higher_is_better=False),
    "nrs_worst": Scale(0, 10, 1, higher_is_better=False),
    "pseq": Scale(0, 60, 1, higher_is_better=True),
    "fabq": Scale(0, 24, 1, higher_is_better=False),
    "bipq": Scale(0, 80, 1, higher_is_better=False),
    "eq_vas": Scale(0, 100, 1, higher_is_better=True),
    "eq_5d": Scale(-0.624, 1.0, 0.001, higher_is_better=True),
    "sgpals": Scale(1, 4, 1, higher_is_better=True),
    "gpe": Scale(-5, 5, 1, higher_is_better=True, has_baseline=False),
}
"""What the mechanistic course yields: outcome to the scale that its instrument has by design.

A scenario declares these outcomes (``[[outcomes]]``), and must declare these scales.
"""


class ItemAnswers(Part):
    """Response model of the items of a questionnaire."""

    difficulties: tuple[float, ...] = quantity(
        "answer steps", "of each item: a higher one means a lower answer"
    )
    spread: float = quantity("answer steps", "SD of a person's answers about the location", gt=0.0)
    stability: float = probability("share of that variance that stays with the person")


class PainRecall(Part):
    """Average and worst pain of the past week, as recalled."""

    towards_worst: float = probability("weight of the worst pain in the recalled average")
    towards_latest: float = probability("weight of the latest day in the recalled average")
    error: float = quantity("NRS points", "SD of an answer about the recalled pain", ge=0.0)
    shared_error: float = probability("share of that variance that both answers have in common")

    def _problems(self) -> Iterator[str]:
        if self.towards_worst + self.towards_latest > 1.0:
            yield "towards_worst, towards_latest: their sum must be at most 1"


class Dimension(Part):
    """A dimension of EQ-5D: an ordered probit on its causes."""

    per_disability: float = quantity("SD per RMDQ point", "weight of disability")
    per_pain: float = quantity("SD per NRS point", "weight of today's pain")
    per_depression: float = quantity("SD per SD", "weight of depression")
    per_stress: float = quantity("SD per SD", "weight of stress")
    thresholds: tuple[float, ...] = quantity(
        "SD", "where levels 2 to 5 begin, increasing", min_length=4, max_length=4
    )

    def _problems(self) -> Iterator[str]:
        if any(upper <= lower for lower, upper in pairwise(self.thresholds)):
            yield "thresholds: must increase"


class Eq5d(Part):
    """The five answers of EQ-5D."""

    stability: float = probability("share of the residual variance that stays with the person")
    mobility: Dimension = quantity("table", "walking about")
    self_care: Dimension = quantity("table", "washing and dressing")
    usual_activities: Dimension = quantity("table", "work, household, leisure")
    pain: Dimension = quantity("table", "pain or discomfort")
    anxiety: Dimension = quantity("table", "anxiety or depression")


class EqVas(Part):
    """Health today, 0 to 100."""

    per_disability: float = quantity("EQ-VAS points per RMDQ point", "slope on change")
    per_pain: float = quantity("EQ-VAS points per NRS point", "slope on change")
    error: float = quantity("EQ-VAS points", "SD of one answer", ge=0.0)
    in_tens: float = probability("of a person who answers in tens")
    in_fives: float = probability("of a person who answers in fives")

    def _problems(self) -> Iterator[str]:
        if self.in_tens + self.in_fives > 1.0:
            yield "in_tens, in_fives: their sum must be at most 1"


class ActivityLevel(Part):
    """SGPALS: the usual level of physical activity, 1 to 4."""

    error: float = quantity("SD", "of one answer on the latent activity scale", ge=0.0)
    per_capacity: float = quantity("SD", "shift at full capacity gained with the app")
    per_pain: float = quantity("SD per NRS point", "shift with a change of pain")


class PerceivedEffect(Part):
    """GPE: change since baseline as perceived by the patient, -5 to 5."""

    unchanged: float = quantity("GPE points", "mean with no change and no symptoms left")
    per_relief: float = quantity("GPE points", "at full relief of pain and disability")
    per_symptoms: float = quantity("GPE points", "with the highest possible pain and disability")
    per_belief: float = quantity("GPE points", "at full change of beliefs by the app")
    error: float = quantity("GPE points", "SD of one answer", ge=0.0)


class Instruments(Part):
    """Response models of all instruments."""

    rmdq: ItemAnswers = quantity("table", "24 items, no or yes")
    pseq: ItemAnswers = quantity("table", "10 items, 0 to 6")
    fabq: ItemAnswers = quantity("table", "4 scored items about physical activity, 0 to 6")
    bipq: ItemAnswers = quantity("table", "8 items, 0 to 10, three of them reversed")
    nrs: PainRecall = quantity("table", "pain of the past week")
    eq_5d: Eq5d = quantity("table", "five dimensions, five levels")
    eq_vas: EqVas = quantity("table", "health today")
    sgpals: ActivityLevel = quantity("table", "physical activity")
    gpe: PerceivedEffect = quantity("table", "perceived change")

    def _problems(self) -> Iterator[str]:
        for name, numbers in ITEM_NUMBERS.items():
            items = len(numbers)
            given = len(getattr(self, name).difficulties)
            if given != items:
                yield f"{name}.difficulties: {given} given, the {items} items need one each"
