"""What is known of participants before randomization: the traits of Table 1, once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BaselineTrait:
    """A trait that stands in Table 1 and may be a column of a trial's data.

    Attributes
    ----------
    label
        In Table 1.
    measured
        It is a number with mean and SD; else it has levels, of which there are shares.
    of_stratum
        It is the stratum of randomization that tells it, not the patient.
    """

    label: str
    measured: bool = False
    of_stratum: bool = False


TABLE1_TRAITS = {
    "age": BaselineTrait("Age, years", measured=True),
    "bmi": BaselineTrait("BMI, kg/m2", measured=True),
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
