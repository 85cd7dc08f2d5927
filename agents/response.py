"""Who answers a questionnaire, who withdraws, and why."""

import numpy as np
from scipy import special

from scenarios.design import ArmFollowUp, FollowUp


def answers(
    followup: FollowUp,
    arm: ArmFollowUp,
    age_score: np.ndarray,
    person: np.ndarray,
    occasion: np.ndarray,
) -> np.ndarray:
    """Return which questionnaires are answered by those who have not withdrawn.

    A probit model with a person's own tendency, so that a stated share of answers is met at each
    visit whatever the dependence between visits.

    Parameters
    ----------
    followup, arm
        Shares by visit, dependence within persons, slope on age.
    age_score
        (n,) normal score of age.
    person
        (n,) standard normals.
    occasion
        (n, visits) standard normals.

    Returns
    -------
    (n, visits) booleans.
    """
    tendency = np.sqrt(followup.frailty) * person[:, None]
    tendency = tendency + np.sqrt(1.0 - followup.frailty) * occasion
    tendency = tendency - followup.age_slope * age_score[:, None]
    threshold = special.ndtri(np.array(arm.response)) * np.sqrt(1.0 + followup.age_slope**2)
    return np.asarray(tendency < threshold)


def withdrawal_day(
    followup: FollowUp, arm: ArmFollowUp, visit_days: np.ndarray, uniforms: np.ndarray
) -> np.ndarray:
    """Return the day each person withdraws, infinite for those who do not.

    Parameters
    ----------
    followup, arm
        Probability of withdrawing in each period between visits, and the further dropout that is
        spread evenly over follow-up.
    visit_days
        (visits,) days on which questionnaires are due.
    uniforms
        (n, 2) uniforms: the first for withdrawal, the second for the further dropout.
    """
    edges = np.concatenate([[0.0], np.cumsum(arm.withdrawal)])
    bounds = np.concatenate([[0.0], visit_days])
    withdrawn = np.where(
        uniforms[:, 0] < edges[-1], np.interp(uniforms[:, 0], edges, bounds), np.inf
    )
    if followup.dropout == 0.0:
        return withdrawn
    share = uniforms[:, 1] / followup.dropout
    return np.minimum(withdrawn, np.where(share < 1.0, share * visit_days[-1], np.inf))


def withdrawal_reason(arm: ArmFollowUp, uniforms: np.ndarray) -> np.ndarray:
    """Return a reason for each uniform, by the frequency of reasons in the arm."""
    names = np.array(list(arm.withdrawal_reasons))
    weights = np.cumsum(list(arm.withdrawal_reasons.values()))
    return np.asarray(names[np.searchsorted(weights, uniforms * weights[-1], side="right")])
