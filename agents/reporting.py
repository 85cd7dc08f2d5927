"""What knowing one's arm adds to answers: hopes make them better than the state, and fade.

An answer is given from the state and, in an arm with an expectation, from a shift on top of it:
the stated number of SDs towards better, halved with each half-life since randomization. The shift
is one of the expected score. Whoever is near an end of a scale can say less than that, and
questionnaires are answered item by item from the shifted location, so that items, total and ends of
the scale agree. Nothing but answers is moved.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from scenarios.arms.declared import Arm
from scenarios.arms.given import own_table
from scenarios.design.outcomes import Outcome
from scenarios.people.reporting import Reporting

_REACH = 8.0
"""Latent SDs within which a shift is looked for: beyond, answers are at an end of their scale."""
_HALVINGS = 40


def expected_shift(
    reporting: Reporting,
    arms: Sequence[Arm],
    outcome: Outcome,
    arm: np.ndarray,
    days: np.ndarray,
) -> np.ndarray:
    """Return what expectation adds to answers, in points of the outcome.

    Parameters
    ----------
    reporting, arms, outcome
        Of the scenario.
    arm
        Codes of arms; where it is negative, nobody was randomized and nothing is expected.
    days
        Days since randomization, at least 0; broadcast with ``arm``.
    """
    by_arm = np.zeros(len(arms) + 1)  # the last is that of code -1
    for code in range(len(arms)):
        own = reporting.expectation.get(own_table(arms, code, reporting.expectation), {})
        by_arm[code] = own.get(outcome.name, 0.0)
    points = by_arm[arm] * reporting.sd.get(outcome.name, 1.0) * outcome.towards_better
    if reporting.half_life is None:
        return np.asarray(points * np.ones(np.shape(days)))
    return np.asarray(points * 0.5 ** (days / reporting.half_life))


def expected_shifts(
    reporting: Reporting,
    arms: Sequence[Arm],
    outcomes: Mapping[str, Outcome],
    arm: np.ndarray,
    days: np.ndarray,
) -> dict[str, np.ndarray]:
    """Return :func:`expected_shift` of every outcome that has one in some arm, by name."""
    named = {name for own in reporting.expectation.values() for name, sds in own.items() if sds}
    return {
        name: expected_shift(reporting, arms, outcome, arm, days)
        for name, outcome in outcomes.items()
        if name in named
    }


def latent_shift(
    expected: Callable[[np.ndarray, np.ndarray], np.ndarray], points: np.ndarray
) -> np.ndarray:
    """Return by how much latent values must rise for the expected score to move by some points.

    Parameters
    ----------
    expected
        Rows (k,) and by how much their latent values rise (k,) to expected scores (k,), which must
        all rise, or all fall.
    points
        (m,) change of the expected score that is wanted.

    Returns
    -------
    (m,) shifts, 0 where the points are 0. Where an end of the scale is in the way, a shift at which
    the expected score is at that end.
    """
    found = np.zeros(len(points))
    rows = np.flatnonzero(points)
    if not len(rows):
        return found
    far = np.full(len(rows), _REACH)
    rises = expected(rows, far) > expected(rows, -far)
    sign = np.where(rises, 1.0, -1.0)
    target = expected(rows, np.zeros(len(rows))) + points[rows]
    low, high = -far, far
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        below = expected(rows, sign * middle) < target
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    found[rows] = sign * 0.5 * (low + high)
    return found
