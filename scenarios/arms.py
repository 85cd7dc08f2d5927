"""Codes of the arms: their positions in a scenario's list of arms, which stand in arrays.

What arms are called is declared in the scenario, see :mod:`scenarios.design.arms`. A ratio and
whatever else is given by arm follow the order of that list.
"""

ARM_CODES = (0, 1)
"""0 for the first arm, and so on."""

CONTROL, INTERVENTION = ARM_CODES
"""Codes of the two arms that there are."""

REFERENCE = CONTROL
"""Code of the arm with which contrasts compare."""


def other_arm(code: int) -> int:
    """Return the code of the counterfactual arm, the one that somebody was not allocated to.

    >>> other_arm(CONTROL) == INTERVENTION
    True
    """
    (other,) = (each for each in ARM_CODES if each != code)
    return other
