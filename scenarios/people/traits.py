"""What is known of participants before randomization: the traits of Table 1, once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plausible:
    """The numbers that a measured trait can have; others are mistakes, or codes for missing.

    Attributes
    ----------
    low, high
        The range.
    unit
        Of the trait.
    """

    low: float
    high: float
    unit: str


@dataclass(frozen=True, slots=True)
class BaselineTrait:
    """A trait that stands in Table 1 and may be a column of a trial's data.

    Attributes
    ----------
    label
        In Table 1.
    plausible
        The range of a number, which has mean and SD; None for a trait with levels, of which there
        are shares.
    of_stratum
        It is the stratum of randomization that tells it, not the patient.
    """

    label: str
    plausible: Plausible | None = None
    of_stratum: bool = False

    @property
    def measured(self) -> bool:
        """Whether it is a number."""
        return self.plausible is not None


TABLE1_TRAITS = {
    # From birth to just below the longest life on record, 122 years.
    "age": BaselineTrait("Age, years", Plausible(0.0, 120.0, "years")),
    # Assumption: adults in a trial are neither below nor above.
    "bmi": BaselineTrait("BMI, kg/m2", Plausible(10.0, 90.0, "kg/m2")),
    "sex": BaselineTrait("Sex"),
    "education": BaselineTrait("Education"),
    "employment": BaselineTrait("Employment"),
    "cohabiting": BaselineTrait("Living"),
    "country": BaselineTrait("Country", of_stratum=True),
    "clinician": BaselineTrait("Clinician", of_stratum=True),
    "duration": BaselineTrait("Duration of the episode"),
    "lbp_days": BaselineTrait("Days with pain in the past year"),
    "medication": BaselineTrait("Pain medication, past week"),
}
"""Trait to what it is, in the order of Table 1."""

STRATUM_TRAITS = tuple(name for name, trait in TABLE1_TRAITS.items() if trait.of_stratum)
PATIENT_TRAITS = tuple(name for name, trait in TABLE1_TRAITS.items() if not trait.of_stratum)
