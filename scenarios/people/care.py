"""Usual care, a part of a scenario: contacts with health care, sick leave, and what they cost."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from scenarios.fields import Part, optional, probability, quantity

Ratio = Annotated[float, Field(ge=0.0, le=20.0)]


class Contact(Part):
    """A kind of contact with health care, in either arm."""

    per_week: float = quantity(
        "per week", "at the usual pain, soon after randomization", ge=0, le=5
    )
    per_pain: float = quantity(
        "log rate per NRS point", "more contacts with more pain in the week before", ge=0.0, le=2.0
    )
    ratios: dict[str, dict[str, Ratio]] = optional(
        "ratio", "of the rate, by a covariate and its levels; 1 where not named", {}
    )
    app_ratio: float = quantity(
        "ratio", "of the rate with the app to that without; 1 for no change", ge=0.0, le=20.0
    )
    relief: float = quantity(
        "proportion", "of the remaining symptoms relieved by one, if contacts relieve", ge=0, lt=1
    )
    cost: float = quantity("EUR", "of one", ge=0.0)


class SickLeaveRate(Part):
    """How often a spell of sick leave begins, or ends."""

    per_week: float = quantity("per week", "at the usual pain and disability", ge=0.0, le=50.0)
    per_pain: float = quantity(
        "log rate per NRS point", "change with pain in the week before", ge=-2.0, le=2.0
    )
    per_disability: float = quantity(
        "log rate per RMDQ point", "change with disability in the week before", ge=-2.0, le=2.0
    )


class OnLeaveAtBaseline(Part):
    """Who is on sick leave when randomized."""

    probability: float = quantity("probability", "at the usual pain and disability", gt=0.0, lt=1.0)
    per_pain: float = quantity("logit per NRS point", "more with more pain", ge=-2.0, le=2.0)
    per_disability: float = quantity(
        "logit per RMDQ point", "more with more disability", ge=-2.0, le=2.0
    )


class SickLeave(Part):
    """Sick leave, in spells, of those who are employed."""

    employed: tuple[str, ...] = quantity(
        "names", "levels of employment of those who can be on sick leave", min_length=1
    )
    at_baseline: OnLeaveAtBaseline = quantity("table", "who is on sick leave when randomized")
    begins: SickLeaveRate = quantity("table", "how often a spell begins")
    ends: SickLeaveRate = quantity("table", "how often a spell ends")
    cost_per_day: float = quantity("EUR", "of a calendar day", ge=0.0)


class Care(Part):
    """Usual care as events in both arms."""

    relieves: bool = quantity(
        "yes or no", "these contacts relieve symptoms, in place of those of course.usual_care"
    )
    synergy: float = quantity(
        "ratio", "by which a contact relieves more in users of the app; 0 for none", ge=0.0, le=10.0
    )
    usual_pain: float = quantity("NRS points", "at which rates are stated", ge=0.0, le=10.0)
    usual_disability: float = quantity("RMDQ points", "at which rates are stated", ge=0, le=24)
    spread: float = quantity("log SD", "of the rates between patients", ge=0.0, le=3.0)
    fading: float = quantity("days", "time constant with which rates of contacts fall", gt=0.0)
    lasting: float = probability("share of the rates of contacts that lasts")
    price_year: int = quantity("year", "of the prices, in EUR", ge=1990, le=2100)
    advice: Contact = quantity("table", "consultations with advice")
    manual_therapy: Contact = quantity("table", "sessions of manual therapy")
    supervised_exercise: Contact = quantity("table", "sessions of supervised exercise")
    medication: Contact = quantity("table", "prescriptions of pain medication")
    imaging: Contact = quantity("table", "X-ray, CT or MRI")
    referral: Contact = quantity("table", "visits to a specialist after referral")
    sick_leave: SickLeave = quantity("table", "spells of sick leave")

    @property
    def kinds(self) -> tuple[Contact, ...]:
        """The kinds of contact, in the order of :data:`CONTACT_KINDS`."""
        return tuple(getattr(self, name) for name in CONTACT_KINDS)

    def _problems(self) -> Iterator[str]:
        if self.synergy and not self.relieves:
            yield (
                f"synergy: {self.synergy:g} is not allowed with relieves = false, contacts that "
                "relieve nothing relieve no more with the app: must be 0, or relieves true"
            )
        for name, kind in zip(CONTACT_KINDS, self.kinds, strict=True):
            if kind.relief * (1.0 + self.synergy) > 1.0:
                yield (
                    f"synergy and {name}.relief: {kind.relief:g} x (1 + {self.synergy:g}) is not "
                    "allowed: a contact can relieve at most all symptoms, 1"
                )


CONTACT_KINDS = tuple(
    name for name, field in Care.model_fields.items() if field.annotation is Contact
)
"""Names of the kinds of contact: bit 0 of a day's contacts is the first."""
