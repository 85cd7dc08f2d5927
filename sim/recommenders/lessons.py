"""What a recommender learns in a trial, and the same lessons taught to a counterfactual patient's.

Who is advised from a case base that learns is advised by what others did. A counterfactual patient
must not change that: the potential outcome asked for is the one in the trial as it was randomized,
with everybody else in the arm that they were allocated to.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from recommender.protocol import Experience, Plans, Recommender, Requests


class Lesson(NamedTuple):
    """What a recommender learned on one evening of a trial.

    Attributes
    ----------
    day
        Day of the trial.
    experience
        How plans went.
    """

    day: int
    experience: Experience


class Observed:
    """Passes everything on to a recommender, and keeps what it learned.

    Parameters
    ----------
    recommender
        The one to pass on to.
    today
        Returns the day of the trial.

    Attributes
    ----------
    lessons
        What it learned, in order.
    """

    def __init__(self, recommender: Recommender, today: Callable[[], int]) -> None:
        self._recommender, self._today = recommender, today
        self.lessons: list[Lesson] = []

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        return self._recommender.recommend(requests)

    def learn(self, experience: Experience) -> None:
        """Keep how plans went, and let the recommender learn."""
        self.lessons.append(Lesson(self._today(), experience))
        self._recommender.learn(experience)


class AsRandomized:
    """Advises counterfactual patients from what was known that evening in the trial as randomized.

    They teach it nothing: it learns from the lessons of the randomized participants, each on its
    day, in the order of an evening, on which lessons come before advice.

    Parameters
    ----------
    recommender
        As it was when the trial opened.
    lessons
        Of the trial as it was randomized, in order.
    today
        Returns the day of the trial.

    Attributes
    ----------
    lessons
        As given.
    """

    def __init__(
        self, recommender: Recommender, lessons: Sequence[Lesson], today: Callable[[], int]
    ) -> None:
        self._recommender, self._today = recommender, today
        self.lessons = lessons
        self._taught = 0

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        today = self._today()
        while self._taught < len(self.lessons) and self.lessons[self._taught].day <= today:
            self._recommender.learn(self.lessons[self._taught].experience)
            self._taught += 1
        return self._recommender.recommend(requests)

    def learn(self, experience: Experience) -> None:
        """Do nothing."""


def advising(
    recommender: Recommender | None, lessons: Sequence[Lesson] | None, today: Callable[[], int]
) -> Observed | AsRandomized | None:
    """Return a recommender as it advises in a trial; None if there is none.

    Parameters
    ----------
    recommender, today
        As above.
    lessons
        Those of the trial as it was randomized, for its counterfactual; None for itself.
    """
    if recommender is None:
        return None
    if lessons is None:
        return Observed(recommender, today)
    return AsRandomized(recommender, lessons, today)
