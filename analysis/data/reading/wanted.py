"""What a plan asks of a trial's tables: only this is read and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scenarios.arms.declared import Arm
from scenarios.design.covariates import Covariates
from scenarios.design.outcomes import Outcomes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a plan uses.

    Attributes
    ----------
    declared
        The plan's outcomes by name.
    arms
        The plan's arms, the reference first.
    known
        The plan's covariates by name, in the order of Table 1.
    visits
        The visits that may occur, the baseline first.
    outcomes
        Outcomes that are analysed.
    covariates
        Traits, and outcomes at baseline, that are adjusted for.
    levels
        Trait to the order of its levels; the levels of a trait that is not named are sorted.
    bounded
        Scores off their scale are refused; a normal course has such scores.
    adherence
        An analysis asks who made how many plans.
    strata
        Covariates by which randomization was stratified.
    clinics
        Participants of a clinic are alike, and the clinic of each is needed.
    """

    declared: Outcomes
    arms: tuple[Arm, ...]
    known: Covariates
    visits: tuple[str, ...]
    outcomes: tuple[str, ...]
    covariates: tuple[str, ...] = ()
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    bounded: bool = True
    adherence: bool = False
    clinics: bool = False
    strata: tuple[str, ...] = ()

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Names of the arms, in the order of their codes."""
        return tuple(arm.name for arm in self.arms)

    @property
    def baseline(self) -> str:
        """Name of the first visit."""
        return self.visits[0]

    @property
    def traits(self) -> tuple[str, ...]:
        """Covariates that are columns of the participants."""
        return tuple(name for name in self.covariates if name not in self.declared)

    @property
    def scores(self) -> tuple[str, ...]:
        """Columns of the visits, in the order of their declaration."""
        used = {*self.outcomes, *self.covariates}
        return tuple(name for name in self.declared if name in used)
