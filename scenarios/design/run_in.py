"""Parts of a scenario that describe a run-in before randomization."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from scenarios.fields import Part, choice, probability, quantity


class NoRunIn(Part):
    """Everybody who has answered the baseline questionnaire is randomized."""

    kind: Literal["none"] = choice("what must be done to be randomized")


class QuestionnaireRunIn(Part):
    """People who do not answer a questionnaire of the run-in are not randomized."""

    kind: Literal["questionnaire"] = choice("what must be done to be randomized")
    days: float = quantity("days", "after screening", gt=0.0, le=90.0)
    response: float = probability("answers the run-in questionnaire")


class DailyRunIn(Part):
    """People who complete a task on too few days of the run-in are not randomized."""

    kind: Literal["app", "steps"] = choice(
        "what must be done to be randomized: open an app that gives no advice, or record steps"
    )
    days: int = quantity("days", "after screening", gt=0, le=90)
    needed_days: int = quantity("days", "on which it must be done", gt=0)

    def _problems(self) -> Iterator[str]:
        if self.needed_days > self.days:
            yield (
                f"needed_days: {self.needed_days} is not allowed: the run-in has {self.days} days"
            )


RunIn = Annotated[NoRunIn | QuestionnaireRunIn | DailyRunIn, Field(discriminator="kind")]


def run_in_days(run_in: NoRunIn | QuestionnaireRunIn | DailyRunIn) -> float:
    """Return how long a run-in takes, 0 without one."""
    return 0.0 if isinstance(run_in, NoRunIn) else float(run_in.days)
