"""Design matrices of the longitudinal models: visits, arms at visits, baseline covariates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from analysis.contrasts.declared import Contrast
from analysis.data.trial_data import TrialData
from analysis.estimators.clustered_design import ClusteredDesign
from scenarios.arms.declared import within_arms

CovariateEffects = Literal["common", "by visit"]


@dataclass(frozen=True, slots=True)
class SetAside:
    """Rows at a visit that a model sets aside, because arm and covariates tell their outcomes.

    Attributes
    ----------
    arms
        Codes of the arms that have such rows.
    words
        Arm to what all its rows at the visit have in common, such as 'nobody in the control arm met
        it'; arms whose rows differ are not among them.
    """

    arms: frozenset[int]
    words: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class LongData:
    """Observed values of one outcome in long form.

    Attributes
    ----------
    y
        (N,) values.
    design
        Columns (N, p), one for each visit, one for each arm but the reference at each contrasted
        visit, then the covariates; and the participant of each row. Outcomes known of the same
        participants at the same visits may share it.
    contrasts
        Columns of the arms' effects at each contrasted visit, by the visit's name: of every arm but
        the reference, in the order of their codes.
    visits
        Names of the visits, whose indicators are the first columns.
    incomplete
        Whether participants are left out for want of a covariate.
    aside
        Visits whose rows are set aside, with the reason.
    separated
        Visits at which rows are set aside for their outcomes.
    arms
        What sentences call the arms, the reference first.
    by_visit
        Visits at each of which covariates have columns of their own, one covariate after the other;
        none where their effects are common to all visits.
    """

    y: np.ndarray
    design: ClusteredDesign
    contrasts: dict[str, tuple[int, ...]]
    visits: tuple[str, ...] = ()
    incomplete: bool = False
    aside: Mapping[str, str] = field(default_factory=dict)
    separated: Mapping[str, SetAside] = field(default_factory=dict)
    arms: tuple[str, ...] = ()
    by_visit: tuple[str, ...] = ()

    @property
    def X(self) -> np.ndarray:  # noqa: N802 - the field's name for a design matrix
        """Columns of the design (N, p)."""
        return self.design.X

    @property
    def cluster(self) -> np.ndarray:
        """Participant codes (N,)."""
        return self.design.cluster

    @property
    def participants(self) -> int:
        """How many participants have rows."""
        return len(np.unique(self.cluster))

    @property
    def visit_codes(self) -> np.ndarray:
        """Position of each row's visit among the visits (N,)."""
        count = len(self.visits)
        # One of the indicators is 1: its position, as a product.
        return (self.X[:, :count] @ np.arange(count)).astype(int)

    @property
    def first_covariate(self) -> int:
        """First column behind those of visits and arms."""
        return len(self.visits) + sum(map(len, self.contrasts.values()))

    def visit_column(self, visit: str) -> int:
        """Return the column of a visit's indicator."""
        return self.visits.index(visit)

    def weights(self, visit: str, contrast: Contrast) -> np.ndarray:
        """Return the weights (p,) of the coefficients that make a contrast at a visit.

        An arm's effect is its difference from the reference, so the weights of the other arms say
        all: the reference's is minus their sum.
        """
        found = np.zeros(self.X.shape[1])
        for column, weight in zip(self.contrasts[visit], contrast.weights[1:], strict=True):
            found[column] = weight
        return found

    def arm_weights(self, visit: str, arm: int) -> np.ndarray:
        """Return the weights (p,) of the coefficients that make an arm's mean at a visit.

        It is that at 0 of all covariates. At a visit without contrasts all arms share it.
        """
        found = np.zeros(self.X.shape[1])
        found[self.visit_column(visit)] = 1.0
        if arm and visit in self.contrasts:
            found[self.contrasts[visit][arm - 1]] = 1.0
        return found

    def covariate_columns(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the columns of covariates, given those of the covariates."""
        if not self.by_visit:
            return tuple(names)
        return tuple(f"{name} at {visit}" for name in names for visit in self.by_visit)

    def rows(
        self, kept: np.ndarray, aside: Mapping[str, str] | None = None,
        separated: Mapping[str, SetAside] | None = None,
    ) -> "LongData":  # fmt: skip
        """Return the rows of a mask (N,), and why those of the others are set aside."""
        return replace(
            self,
            y=self.y[kept],
            design=ClusteredDesign(self.X[kept], self.cluster[kept]),
            aside={**self.aside, **(aside or {})},
            separated={**self.separated, **(separated or {})},
        )


def covariate_matrix(data: TrialData, covariates: tuple[str, ...]) -> np.ndarray:
    """Return the (n, c) matrix of covariates.

    Categories become indicators of all levels that occur but the first; numbers are centred, which
    changes nothing but the meaning of the visit columns. ``nrs_average`` is its baseline score.
    What is missing is NaN.
    """
    columns = [np.empty((len(data), 0))]
    for name in covariates:
        if name in data.levels:
            codes = data.traits[name]
            # A level that nobody has would be a column of zeros, and the design rank deficient.
            indicators = (codes[:, None] == data.present_codes(name)[None, 1:]).astype(float)
            columns.append(np.where(np.isnan(codes)[:, None], np.nan, indicators))
        else:
            values = data.scores[name][:, 0] if name in data.scores else data.traits[name]
            columns.append(_centred(values)[:, None])
    return np.concatenate(columns, axis=1)


def covariate_names(data: TrialData, covariates: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the columns of :func:`covariate_matrix`, such as 'sex = female'."""
    names: list[str] = []
    for name in covariates:
        if name in data.levels:
            present = data.present_codes(name)[1:]
            names += [f"{name} = {data.levels[name][int(code)]}" for code in present]
        else:
            names.append(name)
    return tuple(names)


def _centred(values: np.ndarray) -> np.ndarray:
    """Take the mean of the values that are known off, if any are."""
    known = ~np.isnan(values)
    return np.asarray(values - np.nanmean(values)) if known.any() else values


def long_data(
    data: TrialData, values: np.ndarray, visits: tuple[str, ...], covariates: np.ndarray,
    *, constrained_baseline: bool, effects: CovariateEffects = "common",
) -> LongData:  # fmt: skip
    """Lay out an outcome for a longitudinal model.

    Parameters
    ----------
    data
        The trial.
    values
        (n, k) values at k visits, NaN where missing.
    visits
        Names of the k visits.
    covariates
        (n, c) matrix; participants with a missing covariate are left out.
    constrained_baseline
        The first visit is the baseline, where all arms share one mean.
    effects
        Of the covariates: the same at all visits, or others at each.
    """
    keep = ~np.isnan(values) & ~np.isnan(covariates).any(axis=1)[:, None]
    # Row by row: all visits of a participant come together, in order.
    participant, visit = np.nonzero(keep)
    indicators = (visit[:, None] == np.arange(len(visits))[None, :]).astype(float)
    first = 1 if constrained_baseline else 0
    arm, others = data.arm[participant], range(1, len(data.arms))
    at = indicators[:, first:]
    effects_of = [at * (arm == code)[:, None] for code in others]
    adjust = covariates[participant]
    by_visit = effects == "by visit"
    if by_visit:
        columns = adjust.shape[1] * len(visits)
        adjust = (adjust[:, :, None] * indicators[:, None, :]).reshape(len(adjust), columns)
    X = np.concatenate([indicators, *effects_of, adjust], axis=1)
    # Arm by arm, each with a column a visit.
    contrasts = {
        name: tuple(len(visits) + (code - 1) * at.shape[1] + position for code in others)
        for position, name in enumerate(visits[first:])
    }
    design = ClusteredDesign(X, participant)
    incomplete = bool(np.isnan(covariates).any())
    return LongData(
        values[participant, visit], design, contrasts, visits, incomplete,
        by_visit=visits if by_visit else (), arms=within_arms(data.arms),
    )  # fmt: skip


def outcome_at_follow_ups(
    data: TrialData, outcome: str, covariates: np.ndarray, visits: tuple[str, ...] | None = None
) -> LongData:
    """Lay out an outcome at follow-ups for a marginal model; its baseline does not matter.

    Parameters
    ----------
    data, outcome
        The trial, and the outcome's name.
    covariates
        (n, c) matrix; participants with a missing covariate are left out.
    visits
        Follow-ups; all by default.
    """
    names = data.visits[1:] if visits is None else visits
    columns = [data.visits.index(name) for name in names]
    values = data.scores[outcome][:, columns]
    return long_data(data, values, names, covariates, constrained_baseline=False)


def follow_up_data(
    data: TrialData, scores: np.ndarray, covariates: np.ndarray,
    *, effects: CovariateEffects = "common",
) -> LongData:  # fmt: skip
    """Lay out the follow-ups of an outcome, adjusted for its baseline.

    Parameters
    ----------
    data
        The trial.
    scores
        (n, v + 1) scores, the baseline first; who lacks it is left out.
    covariates
        (n, c) matrix. The centred baseline score at each visit comes behind it.
    effects
        Of the covariates, as of :func:`long_data`.
    """
    start = scores[:, 0]
    long = long_data(
        data,
        np.where(np.isnan(start)[:, None], np.nan, scores[:, 1:]),
        data.visits[1:],
        covariates,
        constrained_baseline=False,
        effects=effects,
    )
    centred = _centred(start)[long.cluster]
    slopes = long.X[:, : len(data.visits) - 1] * centred[:, None]
    design = ClusteredDesign(np.column_stack([long.X, slopes]), long.cluster)
    return replace(long, design=design)
