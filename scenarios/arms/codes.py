"""Codes of the arms: their positions in a scenario's list of arms, which stand in arrays.

What arms are called and given is declared in the scenario, see :mod:`scenarios.arms.declared`.
Whatever is given by arm follows the order of that list, the reference first.
"""

REFERENCE = 0
"""Code of the arm with which contrasts compare: the first one of the list."""


def counterfactual_arm(code: int, shift: int, arms: int) -> int:
    """Return a counterfactual arm of somebody, by the own arm.

    Parameters
    ----------
    code
        The own arm.
    shift
        Which of the other arms: 1 to ``arms`` - 1; each comes once.
    arms
        How many there are.

    >>> [counterfactual_arm(code, 1, 3) for code in range(3)]
    [1, 2, 0]
    """
    return (code + shift) % arms
