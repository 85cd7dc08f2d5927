"""The arm whose effect the gate looks at: the one that the recommender advises."""

from scenarios.arms.codes import REFERENCE
from scenarios.arms.given import overrides_of
from scenarios.errors import InputError
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario


def advised_arm(scenario: Scenario) -> int:
    """Return the code of the arm that the recommender advises.

    Parameters
    ----------
    scenario
        With a mechanistic course. Other arms than this one and the reference do not matter here.

    Raises
    ------
    InputError
        If the course is normal, or the recommender advises no arm, the reference, several arms, or
        an arm that has a recommender of its own.
    """
    if not isinstance(scenario.course, MechanisticCourse):
        raise InputError(
            f"{scenario.name}: course.model = 'normal' has no app, so there is no recommender to "
            "gate: take a scenario such as selfback_2021"
        )
    advised = [code for code, given in enumerate(scenario.given) if "tailoring" in given.features]
    named = ", ".join(scenario.arm_names[code] for code in advised) or "none"
    if len(advised) != 1 or advised == [REFERENCE]:
        raise InputError(
            f"{scenario.name}: arms that the recommender advises: {named}; the gate needs one, "
            "other than the reference: take a scenario such as selfback_2021"
        )
    (code,) = advised
    own = [key for key in overrides_of(scenario.arms, code) if key.startswith("recommender.")]
    if own:
        raise InputError(
            f"{scenario.name}: arms.{code}.overrides: {own[0]!r} is not allowed in a gate: write "
            "it in [recommender]"
        )
    return code
