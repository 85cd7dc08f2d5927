"""Clinics, a part of a scenario: where patients come from, and what may be randomized."""

from collections.abc import Iterator

from scenarios.design.allocation import BlockSize
from scenarios.fields import Part, quantity


class Clinics(Part):
    """Clinics within the randomization strata, and the correlation of their patients."""

    number: int = quantity(
        "clinics", "in all, distributed over the strata by their patients; 0 for none", ge=0,
        le=20_000,
    )  # fmt: skip
    size_cv: float = quantity(
        "ratio",
        "coefficient of variation of clinics' expected numbers of patients, within strata",
        ge=0.0,
        le=3.0,
    )
    icc: float = quantity(
        "proportion",
        "intracluster correlation: share of the variance of the RMDQ (of a normal course's scores) "
        "within strata that lies between clinics, under usual care",
        ge=0.0,
        lt=0.5,
    )
    icc_day: int = quantity(
        "days", "after randomization on which the RMDQ has it; a normal course, at all visits", gt=0
    )
    randomized: bool = quantity("yes or no", "clinics are randomized instead of participants")
    block_sizes: tuple[BlockSize, ...] = quantity(
        "clinics",
        "sizes of the permuted blocks in a stratum, all equally likely",
        min_length=1,
    )

    def _problems(self) -> Iterator[str]:
        if not self.number and (self.icc or self.randomized):
            yield (
                "number: 0 is not allowed with an icc or with clinics that are randomized: "
                "must be at least 2 for each stratum"
            )


NO_CLINICS = Clinics(number=0, size_cv=0.0, icc=0.0, icc_day=1, randomized=False, block_sizes=(2,))
"""Patients do not come from clinics."""
