"""Contrasts between arms: each against a reference, or with declared weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from analysis.estimators.clustered import Floats
from scenarios.analyses.contrast_names import pair_name
from scenarios.checks.multiplicity import contrast_problems, unknown
from scenarios.errors import InputError


@dataclass(frozen=True, slots=True)
class Contrast:
    """A weighted sum of the arms' means whose weights sum to 0.

    Attributes
    ----------
    name
        What is compared.
    weights
        One an arm, in the order of the arms.
    only
        Whether it is the one difference that two arms have, which tables need not name.
    """

    name: str
    weights: tuple[float, ...]
    only: bool = False

    @property
    def arms(self) -> tuple[int, ...]:
        """Codes of the arms that are compared, in order."""
        return tuple(code for code, weight in enumerate(self.weights) if weight != 0.0)


def against_reference(arms: Sequence[str], reference: str | None = None) -> tuple[Contrast, ...]:
    """Return every other arm minus the reference, in the order of the arms.

    Parameters
    ----------
    arms
        Names of two arms or more.
    reference
        Its name; None: the first arm.

    Raises
    ------
    InputError
        Fewer than two arms, two of one name, or a reference that is none of them.

    >>> [each.name for each in against_reference(["usual care", "app", "sham"])]
    ['app - usual care', 'sham - usual care']
    """
    check_arms(arms)
    reference = arms[0] if reference is None else reference
    if reference not in arms:
        raise InputError(f"reference: {unknown(reference, arms, 'arm')}")
    return tuple(
        Contrast(
            pair_name(arm, reference),
            tuple(1.0 if each == arm else -1.0 if each == reference else 0.0 for each in arms),
        )
        for arm in arms
        if arm != reference
    )


def every_pair(arms: Sequence[str]) -> tuple[Contrast, ...]:
    """Return every pair of arms, the later minus the earlier, in the order of the earlier.

    >>> [each.name for each in every_pair(["usual care", "app"])]
    ['app - usual care']
    """
    check_arms(arms)
    return tuple(
        Contrast(
            pair_name(later, earlier),
            tuple(1.0 if each == later else -1.0 if each == earlier else 0.0 for each in arms),
        )
        for earlier, later in combinations(arms, 2)
    )


def declared_contrast(name: str, weights: Mapping[str, float], arms: Sequence[str]) -> Contrast:
    """Return a contrast of stated weights; arms that are not named have 0.

    Parameters
    ----------
    name
        What is compared.
    weights
        Arm to its weight. They are taken as they stand: weights 1, -0.5 and -0.5 compare an arm
        with the mean of two others, 2, -1 and -1 give twice as much. What written decimals, such as
        three times 0.333333, leave of a sum of 0 is taken off them in equal parts.
    arms
        Names of all arms.

    Raises
    ------
    InputError
        Weights that do not sum to 0 or all are 0, or an arm that there is not.

    >>> any_app = {"app": 0.5, "sham": 0.5, "none": -1}
    >>> declared_contrast("any app", any_app, ["none", "app", "sham"]).weights
    (-1.0, 0.5, 0.5)
    """
    check_arms(arms)
    for problem in contrast_problems(weights, arms):
        raise InputError(f"contrasts.{name}.{problem}")
    named = [arm for arm in arms if weights.get(arm, 0.0) != 0.0]
    left = sum(weights[arm] for arm in named) / len(named)
    return Contrast(name, tuple(weights[arm] - left if arm in named else 0.0 for arm in arms))


def weights_matrix(contrasts: Sequence[Contrast]) -> Floats:
    """Return the weights of contrasts, (contrasts, arms)."""
    return np.array([each.weights for each in contrasts], dtype=float)


def check_arms(arms: Sequence[str]) -> None:
    """Check that there are arms to compare.

    Raises
    ------
    InputError
        Fewer than two arms, or two of one name.
    """
    if len(arms) < 2:
        raise InputError(f"arms: {len(arms)} is not allowed: a contrast needs 2 or more")
    twice = next((arm for arm in arms if list(arms).count(arm) > 1), None)
    if twice is not None:
        raise InputError(f"arms: {twice!r} stands more than once: must have names of their own")
