"""The arms of a trial, as a scenario or a plan declares them: names, shares, what each is given."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from scenarios.design.outcomes import DeclaredName
from scenarios.fields import Part, choice, optional

Feature = Literal["exercise", "step_goals", "education", "tools", "notifications", "tailoring"]
"""What an app may do: ask for exercise sessions and for steps, send something to read every day,
have tools such as audio against stress, send messages, and make each plan for its user."""
Component = Literal["app", "sham_app", "wristband", Feature]
"""What an arm may be given; the app has all features unless some of them are named in its place,
and a sham app, which can be installed and opened, has none."""
FEATURES: tuple[Feature, ...] = get_args(Feature)
COMPONENTS: tuple[str, ...] = ("app", "sham_app", "wristband", *FEATURES)

MOST = 32
"""Arms at most: a factorial of five components has as many."""
OVERRIDABLE = ("app", "recommender", "step_sources", "pathway", "followup", "safety", "course")
"""Sections of a scenario of which an arm may have keys of its own."""


class Arm(Part):
    """One arm: what it is called, how many it gets, and what it is given."""

    name: DeclaredName = choice("in scenarios, tables and files")
    label: str = choice("as head of a column")
    treatment: str = optional("name", "what its participants get, in a few words", "")
    share: Annotated[int, Field(ge=1, le=1000)] = optional(
        "ratio", "of the participants, in proportion to the shares of the other arms", 1
    )
    like: str = optional(
        "name", "an arm above that this one equals in whatever is not stated for it", ""
    )
    components: tuple[Component, ...] | None = optional(
        "names",
        "what its participants are given, with a mechanistic course: app, or some of its "
        f"features ({', '.join(FEATURES)}); sham_app; wristband; nothing by default",
    )
    overrides: dict[str, Any] = optional(
        "table",
        "keys with other values than in the rest of the scenario, as --set takes them: of "
        f"{', '.join(OVERRIDABLE)}",
        {},
    )

    @property
    def within(self) -> str:
        """Where its participants are, in sentences."""
        return f"in the {self.name} arm"

    def _problems(self) -> Iterator[str]:
        given = self.components or ()
        for name in dict.fromkeys(given):
            if given.count(name) > 1:
                yield f"components: {name!r} is named twice"
        features = [name for name in given if name in FEATURES]
        whole = [name for name in ("app", "sham_app") if name in given]
        if len(whole) > 1 or (whole and features):
            yield (
                f"components: {' with '.join([*whole, *features])} is not allowed: must have "
                "either app, with all its features, or sham_app, with none, or the features alone"
            )


def within_arms(arms: Iterable[Arm]) -> tuple[str, ...]:
    """Return what sentences call the arms, such as ``in the control arm``."""
    return tuple(arm.within for arm in arms)


def reference_first(data: dict[str, Any]) -> dict[str, Any]:
    """Return the tables and keys of a scenario or plan with the reference before the other arms.

    What is no list of tables, or names no arm, is left for the checks to tell.
    """
    arms, reference = data.get("arms"), data.get("reference")
    if not reference or not isinstance(arms, list):
        return data
    first = [arm for arm in arms if isinstance(arm, dict) and arm.get("name") == reference]
    return {**data, "arms": [*first, *(arm for arm in arms if arm not in first)]}
