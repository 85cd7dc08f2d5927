"""What an analysis is given."""

from dataclasses import dataclass, field

import numpy as np

from analysis.contrasts.declared import Contrast
from analysis.contrasts.labels import contrast_label
from analysis.data.estimates import Label
from analysis.data.joint import Joint
from analysis.data.trial_data import TrialData
from analysis.plan.engines import Engine
from scenarios.analyses.plan import AnalysisPlan


@dataclass(frozen=True, slots=True)
class Inputs:
    """A trial and its plan, as an analysis gets them.

    Attributes
    ----------
    name
        Under which the analysis is reported.
    data
        The trial; its ``clinic`` is what the plan's standard errors are to be robust to, clinics or
        participants, or None.
    plan
        The scenario's ``[analysis]``.
    engine
        Fits the models of the plan.
    contrasts
        By which the arms are compared, at each visit.
    covariates
        (n, k) baseline covariates that the plan adjusts for, NaN where unknown.
    covariate_names
        Names of these columns, such as 'sex = female'.
    rng
        Source of randomness.
    remarks
        Where an analysis says of its estimates what they do not say themselves.
    joint
        Where an analysis puts the joint covariance of its contrasts, if there are several.
    """

    name: str
    data: TrialData
    plan: AnalysisPlan
    engine: Engine
    contrasts: tuple[Contrast, ...]
    covariates: np.ndarray
    covariate_names: tuple[str, ...]
    rng: np.random.Generator
    remarks: list[str] = field(default_factory=list)
    joint: list[Joint] = field(default_factory=list)

    def labels(self, outcome: str, visit: str, kind: str) -> list[Label]:
        """Return the labels of the contrasts at a visit, in their order.

        Parameters
        ----------
        outcome, visit
            Names.
        kind
            On which scale the contrasts are, such as 'difference'.
        """
        return [(self.name, outcome, visit, contrast_label(kind, each)) for each in self.contrasts]
