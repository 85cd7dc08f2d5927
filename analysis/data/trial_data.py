"""The data of one trial, as the analysis sees them: real or simulated, it cannot tell."""

from dataclasses import dataclass, replace

import numpy as np

from scenarios.arms.declared import Arm
from scenarios.arms.given import planning_arms
from scenarios.design.covariates import Covariates
from scenarios.design.outcomes import Outcomes

BASELINE = "baseline"
"""Name of the visit before randomization."""


@dataclass(frozen=True, slots=True)
class TrialData:
    """Data of n randomized participants with a baseline and v follow-up questionnaires.

    Attributes
    ----------
    participant
        (n,) identifiers.
    arm
        (n,) codes, which are positions in ``arms``.
    visits
        v + 1 names, the baseline first.
    scores
        Outcome to (n, v + 1) scores, NaN where missing.
    traits
        Baseline characteristic to (n,) values, NaN where missing; codes where ``levels`` names the
        trait.
    levels
        Categorical characteristic to the labels of codes 0, 1, 2...
    plans_made
        (n,) self-management plans made in the adherence weeks; 0 in an arm without the app, NaN
        if not known.
    outcomes
        Outcomes as they are declared, by name.
    arms
        Arms as they are declared, in the order of their codes; the first is the reference.
    covariates
        Covariates as they are declared, by name.
    strata
        Covariates by which randomization was stratified.
    clinic
        (n,) code of the clinic within which participants are alike, or None where they are
        independent. Of an analysis whose errors are robust to participants, codes of these.
    """

    participant: np.ndarray
    arm: np.ndarray
    visits: tuple[str, ...]
    scores: dict[str, np.ndarray]
    traits: dict[str, np.ndarray]
    levels: dict[str, tuple[str, ...]]
    plans_made: np.ndarray
    outcomes: Outcomes
    arms: tuple[Arm, ...]
    covariates: Covariates
    strata: tuple[str, ...] = ()
    clinic: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.arm)

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Names of the arms, in the order of their codes."""
        return tuple(arm.name for arm in self.arms)

    @property
    def arm_labels(self) -> tuple[str, ...]:
        """Heads of the arms' columns, in the order of their codes."""
        return tuple(arm.label for arm in self.arms)

    @property
    def planning_arms(self) -> tuple[int, ...]:
        """Codes of the arms whose participants can make plans."""
        return planning_arms(self.arms)

    def members_by_arm(self) -> dict[str, np.ndarray]:
        """Return the name of each arm, in the order of codes, with an (n,) mask of its members."""
        return {arm.name: self.arm == code for code, arm in enumerate(self.arms)}

    def present_codes(self, trait: str) -> np.ndarray:
        """Return the codes of a trait's levels that occur, in order."""
        codes = self.traits[trait]
        return np.unique(codes[~np.isnan(codes)])

    def reached(self, outcome: str) -> "TrialData":
        """Return the data without the follow-up visits at which some arm has no answer yet."""
        given = ~np.isnan(self.scores[outcome])
        by_arm = [given[members].any(axis=0) for members in self.members_by_arm().values()]
        all_arms = np.logical_and.reduce(by_arm)
        all_arms[0] = True
        return replace(
            self,
            visits=tuple(name for name, kept in zip(self.visits, all_arms, strict=True) if kept),
            scores={name: scores[:, all_arms] for name, scores in self.scores.items()},
        )

    def own_clusters(self) -> np.ndarray:
        """Return a code for each participant (n,), for standard errors robust to participants."""
        return np.arange(len(self))

    def take(self, members: np.ndarray) -> "TrialData":
        """Return the data of some participants, given as a mask or row numbers."""
        return TrialData(
            participant=self.participant[members],
            arm=self.arm[members],
            visits=self.visits,
            scores={name: scores[members] for name, scores in self.scores.items()},
            traits={name: values[members] for name, values in self.traits.items()},
            levels=self.levels,
            plans_made=self.plans_made[members],
            outcomes=self.outcomes,
            arms=self.arms,
            covariates=self.covariates,
            strata=self.strata,
            clinic=None if self.clinic is None else self.clinic[members],
        )
