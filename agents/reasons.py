"""Why people withdraw: an arm's reasons by frequency, and what happened to those who give them.

A person who withdraws gives reason r with odds in proportion to exp(b_r x + a_r): x is what
happened to the person until then, b_r what the scenario says of the reason, and a_r such that the
arm's reasons keep their frequencies among all who might withdraw.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scenarios.design.followup import ArmFollowUp, ReasonOdds

_ROUNDS, _CLOSE = 500, 1e-9


@dataclass(frozen=True, slots=True)
class Leavers:
    """What happened to m persons until they withdraw.

    Attributes
    ----------
    has_app, stopped
        (m,) booleans: whether the person has got the app, and has stopped using it before.
    more_pain
        (m,) mean pain of the week before, above that at baseline, NRS points.
    scores
        Trait name to (m,) normal scores.
    """

    has_app: np.ndarray
    stopped: np.ndarray
    more_pain: np.ndarray
    scores: Mapping[str, np.ndarray]


def reason_odds(
    arm: ArmFollowUp, reasons: Mapping[str, ReasonOdds], leavers: Leavers
) -> np.ndarray:
    """Return the odds of each reason from what happened alone, (m, reasons of the arm).

    They are 1 where nothing happened that matters, and 0 of what needs an app where there is none.
    """
    odds = np.ones((len(leavers.has_app), len(arm.withdrawal_reasons)))
    for column, name in enumerate(arm.withdrawal_reasons):
        rule = reasons.get(name)
        if rule is None or not rule.moves:
            continue
        moved = rule.per_pain * leavers.more_pain + rule.if_stopped * leavers.stopped
        for trait, slope in rule.traits.items():
            moved = moved + slope * leavers.scores[trait]
        odds[:, column] = np.exp(moved)
        if rule.needs_app:
            odds[:, column] *= leavers.has_app
    return odds


def balancing_weights(arm: ArmFollowUp, odds: np.ndarray) -> np.ndarray:
    """Return what odds are to be multiplied by for an arm's reasons to have their frequencies.

    Found by iterative proportional fitting (Deming and Stephan 1940) of the probabilities: each row
    sums to 1, and the mean of each column is the share of the reason.

    Parameters
    ----------
    arm
        With its reasons and their frequencies.
    odds
        (m, reasons) of those who might withdraw, see :func:`reason_odds`.

    Returns
    -------
    (reasons,) weights, the frequencies themselves where the odds do not move. Where no weights give
    the frequencies, since too few have got an app, say, those that come near.
    """
    weights = np.array(list(arm.withdrawal_reasons.values()))
    shares, total = weights / weights.sum(), weights.sum()
    for _ in range(_ROUNDS if (odds != 1.0).any() else 0):
        there = probabilities(weights, odds).mean(axis=0)
        ratio = np.divide(shares, there, out=np.ones_like(shares), where=there > 0.0)
        if np.abs(ratio - 1.0).max() < _CLOSE:
            break
        weights = weights * ratio
        weights *= total / weights.sum()
    return weights


def probabilities(weights: np.ndarray, odds: np.ndarray) -> np.ndarray:
    """Return the probability of each reason, (m, reasons), from weights and odds."""
    product = odds * weights
    return np.asarray(product / product.sum(axis=1, keepdims=True))


def withdrawal_reasons(
    arm: ArmFollowUp, weights: np.ndarray, odds: np.ndarray, uniforms: np.ndarray
) -> np.ndarray:
    """Return the reason of each of m persons.

    Parameters
    ----------
    arm
        With its reasons.
    weights, odds
        (reasons,) and (m, reasons), see :func:`balancing_weights`.
    uniforms
        (m,) draws.
    """
    edges = np.cumsum(odds * weights, axis=1)
    place = (edges <= uniforms[:, None] * edges[:, -1:]).sum(axis=1)
    return np.asarray(np.array(list(arm.withdrawal_reasons), dtype=object)[place])
