"""Parts of a scenario that describe follow-up: answers, reminders, withdrawal, retention."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from scenarios.design.trial import Delay, Probability
from scenarios.errors import nearest
from scenarios.fields import Part, choice, optional, probability, quantity
from scenarios.people.patients import Trait

_LogOdds = Annotated[float, Field(ge=-5.0, le=5.0)]


class ArmFollowUp(Part):
    """Follow-up of one arm: a number for each visit."""

    response: tuple[Probability, ...] = quantity(
        "probability",
        "final response, among those who have not withdrawn, with response_reminders reminders",
    )
    withdrawal: tuple[Probability, ...] = quantity(
        "probability", "withdraws between the visit before and this one, among all randomized"
    )
    withdrawal_reasons: dict[str, float] = optional(
        "weight", "reasons given, by frequency", {"not stated": 1.0}
    )

    def _problems(self) -> Iterator[str]:
        if sum(self.withdrawal) > 1.0:
            yield "withdrawal: the visits' probabilities sum to more than 1"
        if any(weight < 0 for weight in self.withdrawal_reasons.values()):
            yield "withdrawal_reasons: weights must not be negative"
        if sum(self.withdrawal_reasons.values()) <= 0:
            yield "withdrawal_reasons: at least one weight must be above 0"


class ReasonOdds(Part):
    """What the odds of a reason for withdrawing depend on; nothing, unless stated.

    They move between persons. Each arm's shares of reasons stay those of ``withdrawal_reasons``.
    """

    needs_app: bool = optional("yes or no", "given only by those who have got the app", False)
    per_pain: float = optional(
        "log odds per NRS point",
        "mean pain of the week before, above that at baseline",
        0.0,
        ge=-5.0,
        le=5.0,
    )
    if_stopped: float = optional(
        "log odds", "has stopped using the app before", 0.0, ge=-10.0, le=10.0
    )
    traits: dict[Trait, _LogOdds] = optional("log odds per SD", "traits' normal scores", {})

    @property
    def moves(self) -> bool:
        """Whether there is anything that the odds depend on."""
        return bool(self.needs_app or self.per_pain or self.if_stopped or any(self.traits.values()))


class ResponseSlopes(Part):
    """Predictors of the tendency to answer; a positive slope means more answers.

    The first three act under MAR and MNAR, the others under MNAR alone. Points are those of the
    primary outcome; under a normal course so is disability, and pain stays at its baseline.
    """

    age: float = optional("probit per SD", "age at baseline", 0.0)
    baseline: float = optional("probit per point", "reported at baseline", 0.0)
    last: float = optional("probit per point", "reported in the last questionnaire answered", 0.0)
    pain: float = optional("probit per NRS point", "pain in the week before the day it is due", 0.0)
    disability: float = optional("probit per RMDQ point", "disability on the day it is due", 0.0)
    quit_app: float = optional("probit", "app arm: does not use the app (any more)", 0.0)


class Retention(Part):
    """Measures to increase response and prevent withdrawal, beyond reminders."""

    incentive: float = quantity(
        "ratio", "cumulative hazard of an answer: with an incentive to without, 1 for none", gt=0.0
    )
    call_days: tuple[Annotated[int, Field(gt=0)], ...] = quantity(
        "days", "calls to non-responders after the invitation, later than all reminders"
    )
    call_strength: float = quantity(
        "ratio", "cumulative hazard of an answer: a call's to the invitation's", ge=0.0
    )
    withdrawal: float = quantity(
        "ratio", "withdrawals and dropout: with retention measures to without", ge=0.0
    )


NO_MEASURES = Retention(incentive=1.0, call_days=(), call_strength=1.0, withdrawal=1.0)
"""Nothing is done beyond reminders."""


class FollowUp(Part):
    """Invitations, reminders, answers, non-response and withdrawal."""

    arms: dict[str, ArmFollowUp] = quantity("table", "of each arm, by its name")
    dropout: float = probability(
        "further loss by the last visit, spread evenly over follow-up, the same in both arms"
    )
    reasons: dict[str, ReasonOdds] = optional(
        "table", "what the odds of reasons depend on, by reason; mechanistic course", {}
    )
    reminder_days: tuple[Annotated[int, Field(gt=0)], ...] = quantity(
        "days", "reminders after the invitation"
    )
    response_reminders: int = quantity(
        "reminders", "with which the arms' response was reached", ge=0
    )
    reminder_strength: float = quantity(
        "ratio", "cumulative hazard of an answer: a reminder's to the invitation's", ge=0.0
    )
    retention: Retention = optional("table", "further retention measures", NO_MEASURES)
    answer_delay: Delay = quantity("table", "from invitation, reminder or call to the answer")
    frailty: float = quantity(
        "proportion",
        "share of the latent tendency to answer that belongs to the person",
        ge=0,
        lt=1,
    )
    missingness: Literal["mcar", "mar", "mnar"] = choice("missingness mechanism")
    slopes: ResponseSlopes = optional("table", "effects of its predictors", ResponseSlopes())

    def _problems(self) -> Iterator[str]:
        if any(later <= earlier for earlier, later in pairwise(self.reminder_days)):
            yield "reminder_days: days must increase"
        elif any(later <= earlier for earlier, later in pairwise(self.contact_days)):
            yield "retention.call_days: days must increase and come after the last reminder"
        given = dict.fromkeys(r for arm in self.arms.values() for r in arm.withdrawal_reasons)
        for name in self.reasons:
            if name not in given:
                close = nearest(name, given)
                if close:  # others may be those of what a scenario extends
                    yield f"reasons: {name!r} is a reason of no arm: did you mean {close!r}?"
        ratio = self.retention.withdrawal
        losses = [sum(arm.withdrawal) for arm in self.arms.values()]
        if ratio > 1.0 and ratio * max([*losses, self.dropout]) > 1.0:
            yield f"retention.withdrawal: {ratio:g} is not allowed: more than all would be lost"

    @property
    def contact_days(self) -> tuple[int, ...]:
        """Days after the due day of the invitation, the reminders and the calls."""
        return (0, *self.reminder_days, *self.retention.call_days)

    @property
    def longest_answer(self) -> float:
        """Days after a questionnaire is due within which an answer comes in, if one does."""
        return self.contact_days[-1] + self.answer_delay.longest
