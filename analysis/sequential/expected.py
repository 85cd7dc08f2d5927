"""How trials with looks end by theory."""

from dataclasses import dataclass

import numpy as np

from analysis.decision.rule import Rule
from analysis.sequential.group_sequential import (
    alpha_spent,
    crossing_probabilities,
    efficacy_bounds,
    futility_bound,
)
from scenarios.design.interim import Interim


@dataclass(frozen=True, slots=True)
class Expected:
    """Chances of stopping at each look, (looks + 1,) each, the end last.

    Attributes
    ----------
    efficacy, harm, futility
        Why; at the end nothing stops for futility.
    """

    efficacy: np.ndarray
    harm: np.ndarray
    futility: np.ndarray


def expected_course(
    interim: Interim, rule: Rule, information: np.ndarray, drift: float
) -> Expected:
    """Return the chances of stopping by theory.

    Parameters
    ----------
    interim, rule
        The looks, and the test that they hold.
    information
        (looks + 1,) information, increasing, on any scale.
    drift
        Mean of Z at the end, positive in favour of the intervention.
    """
    spent = alpha_spent(interim.boundary, [*interim.looks, 1.0], rule.alpha, rule.sides)
    bounds = efficacy_bounds(information, spent, rule.sides)
    shares = np.asarray(information, dtype=float) / information[-1]
    futile = [
        min(
            futility_bound(share, bounds[-1], interim.futility),
            # Not where the P value would be below alpha; see ``analysis.sequential.looks``.
            efficacy_bounds(information[:k], [*spent[: k - 1], rule.alpha], rule.sides)[-1],
        )
        for k, share in enumerate(shares[:-1], start=1)
    ]
    lower = -bounds if rule.sides == 2 else np.full(len(bounds), -np.inf)
    found = crossing_probabilities(
        information, bounds, drift, lower=lower, futile=np.array([*futile, -np.inf])
    )
    return Expected(found.upper, found.lower, found.futile)
