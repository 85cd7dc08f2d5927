"""The arms of the trial: who they are, in which order, and which one the others are compared with.

An arm has a name, which stands in scenarios (``followup.control``), in tables and in files, and a
code, its position in :data:`ARMS`, which stands in arrays. A ratio and whatever else is given by
arm follow that order.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of the trial.

    Attributes
    ----------
    name
        In scenarios, tables and files.
    label
        As head of a column.
    treatment
        What its participants get, in a few words.
    uses_app
        Whether they are offered the app.
    """

    name: str
    label: str
    treatment: str
    uses_app: bool


ARMS = (
    Arm("control", "Control", "usual care", uses_app=False),
    Arm("intervention", "Intervention", "app", uses_app=True),
)
"""In the order of their codes."""

ARM_NAMES = tuple(arm.name for arm in ARMS)
"""In the order of their codes."""

ARM_CODES = tuple(range(len(ARMS)))
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
