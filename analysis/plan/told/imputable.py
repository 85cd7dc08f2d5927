"""Which missing scores of the primary outcome the data tell, and why not the others."""

from dataclasses import dataclass

import numpy as np

from analysis.data.trial_data import TrialData
from analysis.estimators.clustered import identify
from analysis.plan.inputs import Inputs
from analysis.plan.told.identified import one_of, words_of
from scenarios.arms.declared import within_arms


@dataclass(frozen=True, slots=True)
class Imputable:
    """Participants and visits for whom a normal imputation model is told by the data.

    Attributes
    ----------
    members
        (n,) mask of participants.
    visits
        (v + 1,) mask of visits.
    reasons
        Why the other visits are left out.
    """

    members: np.ndarray
    visits: np.ndarray
    reasons: dict[str, str]


def arm_columns(data: TrialData, members: np.ndarray | None = None) -> np.ndarray:
    """Return the indicators (n, k - 1) of the arms but the first that anybody is in.

    Parameters
    ----------
    data
        The trial.
    members
        (n,) mask of those whose arms matter; everybody by default.
    """
    present = np.unique(data.arm if members is None else data.arm[members])
    return np.asarray(data.arm[:, None] == present[None, 1:], dtype=float)


def imputable(inputs: Inputs, known: np.ndarray) -> Imputable:
    """Leave visits and participants out until the data tell the imputation model of the rest.

    A visit is left out if those who answered it do not tell its differences between the arms, are
    too few for a regression on the other visits, the arm and the covariates, or none of them
    answered another visit too. A participant is left out who lacks a score, and has a level that
    nobody with a score at that visit has. Arms that nobody known is in do not matter, as long as
    there are two others.

    Parameters
    ----------
    inputs
        Of the imputed analysis.
    known
        (n,) mask of participants whose covariates are all known.
    """
    data, primary = inputs.data, inputs.plan.primary_visit
    scores = data.scores[inputs.plan.primary_outcome]
    effects = arm_columns(data, known)
    regressors = np.column_stack([effects, np.ones(len(data)), inputs.covariates])
    members, visits = known.copy(), np.ones(len(data.visits), bool)
    reasons: dict[str, str] = {}
    while True:
        seen = ~np.isnan(scores) & members[:, None]
        found = [
            (apart, name == primary, int(seen[:, column].sum()), column, reason)
            for column, name in enumerate(data.visits)
            if visits[column]
            for apart, reason in [
                _why_not(scores, regressors, effects.shape[1], seen, members, visits, column, data)
            ]
            if reason
        ]
        if found:
            # One at a time, as the others may be told without it: first what lacks something
            # itself, then the primary visit last, and visits with few answers before others.
            *_, column, reason = min(found)
            visits[column] = False
            reasons[data.visits[column]] = f"{data.visits[column]}: {reason}"
            continue
        told = members & _told(regressors, members, seen, visits)
        if told.sum() == members.sum() or not told.any():
            return Imputable(members, visits, reasons)
        members = told


def _why_not(
    scores: np.ndarray, regressors: np.ndarray, effects: int, seen: np.ndarray, members: np.ndarray,
    visits: np.ndarray, column: int, data: TrialData,
) -> tuple[bool, str]:  # fmt: skip
    """Return why the missing scores of a visit are not told, '' if they are or none is missing.

    And whether that is because of the other visits.
    """
    rows = seen[:, column]
    if rows.sum() == members.sum():
        return False, ""
    arms, present = within_arms(data.arms), np.unique(data.arm[members]).tolist()
    needed = present if len(present) > 1 else range(len(arms))
    empty = [code for code in needed if not (rows & (data.arm == code)).any()]
    if empty:
        return False, f"nobody{words_of(arms, empty)} answered"
    if np.ptp(scores[rows, column]) == 0.0:
        return False, "everybody has the same score"
    told = identify(regressors[rows])
    if not all(told.tells(one_of(regressors.shape[1], column)) for column in range(effects)):
        return False, "those who answered do not tell the arms from the covariates"
    incomplete = visits & (seen.sum(axis=0) < members.sum())
    together = seen[rows].sum(axis=0)
    apart = np.flatnonzero(incomplete & (together == 0))
    if len(apart):
        return True, f"nobody answered both then and at {data.visits[apart[0]]}"
    few = rows.sum() <= len(told.kept) + incomplete.sum()
    return True, f"{rows.sum()} answers are too few to impute the others from" if few else ""


def _told(
    regressors: np.ndarray, members: np.ndarray, seen: np.ndarray, visits: np.ndarray
) -> np.ndarray:
    """Return the mask of participants whose missing scores are all told."""
    told = np.ones(len(members), bool)
    for column in np.flatnonzero(visits):
        rows = seen[:, column]
        identified = identify(regressors[rows])
        if len(identified.kept) < regressors.shape[1]:
            for who in np.flatnonzero(members & ~rows):
                told[who] &= identified.tells(regressors[who])
    return told
