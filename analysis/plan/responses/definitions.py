"""Who counts as a responder: improved by some points since baseline, or at some level."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.data.trial_data import TrialData
from scenarios.analyses.plan import AnalysisPlan
from scenarios.design.outcomes import Outcome

_ROUNDING = 1e-9
"""Scores that are means of items may miss a whole number of points by rounding."""


@dataclass(frozen=True, slots=True)
class Response:
    """A definition of response on one outcome, at each follow-up visit.

    Attributes
    ----------
    outcome
        The outcome.
    threshold
        In points: the least improvement since baseline, or the score to be reached.
    since_baseline
        Which of the two; a score is reached in the direction that is better.
    """

    outcome: Outcome
    threshold: float
    since_baseline: bool

    @property
    def name(self) -> str:
        """Under which the response is reported.

        Examples
        --------
        >>> pain = Outcome(name="pain", label="Pain", direction="lower is better")
        >>> Response(pain, 2.0, since_baseline=True).name
        'pain improved by 2'
        >>> Response(pain, 3.0, since_baseline=False).name
        'pain at most 3'
        """
        return f"{self.outcome.name} {self._relation()} {self.threshold:g}"

    @property
    def label(self) -> str:
        """The same with the outcome's own label, for tables."""
        return f"{self.outcome.label}, {self._relation()} {self.threshold:g}"

    def met(self, data: TrialData) -> np.ndarray:
        """Return who responded at each follow-up visit, (n, v): 1, 0, or NaN where unknown."""
        scores = data.scores[self.outcome.name]
        value = scores[:, 1:] - scores[:, :1] if self.since_baseline else scores[:, 1:]
        goal = self.threshold
        if not self.outcome.higher_is_better:
            value = -value
            goal = goal if self.since_baseline else -goal
        return np.where(np.isnan(value), np.nan, value >= goal - _ROUNDING)

    def _relation(self) -> str:
        if self.since_baseline:
            return "improved by"
        return "at least" if self.outcome.higher_is_better else "at most"


@dataclass(frozen=True, slots=True)
class Event:
    """A binary outcome, which is an event as it stands, at each follow-up visit.

    Attributes
    ----------
    outcome
        The outcome: 1 where it happened.
    """

    outcome: Outcome

    @property
    def name(self) -> str:
        """Under which it is reported: the outcome's own."""
        return self.outcome.name

    @property
    def label(self) -> str:
        """The outcome's label."""
        return self.outcome.label

    def met(self, data: TrialData) -> np.ndarray:
        """Return to whom it happened at each follow-up visit, (n, v): 1, 0, or NaN."""
        return data.scores[self.outcome.name][:, 1:]


Definition = Response | Event
"""What is analysed as 1 or 0."""


def binary_outcomes(plan: AnalysisPlan, data: TrialData) -> Iterator[Event]:
    """Yield the plan's binary outcomes that the trial has."""
    for name in plan.binary:
        if name in data.scores:
            yield Event(data.outcomes[name])


def primary_responses(plan: AnalysisPlan, data: TrialData) -> Iterator[Response]:
    """Yield the plan's definitions of response on the primary outcome."""
    for points in plan.responder_points:
        yield Response(data.outcomes[plan.primary_outcome], float(points), since_baseline=True)


def secondary_responses(plan: AnalysisPlan, data: TrialData) -> Iterator[Response]:
    """Yield the plan's definitions of response on other outcomes that the trial has."""
    for thresholds, since_baseline in (
        (plan.secondary_response, True),
        (plan.secondary_level, False),
    ):
        for outcome, threshold in thresholds.items():
            if outcome in data.scores:
                yield Response(data.outcomes[outcome], threshold, since_baseline)


def ordered_categories(plan: AnalysisPlan, data: TrialData) -> dict[str, tuple[float, ...]]:
    """Return the levels of outcomes that are analysed by level alone, such as the SGPALS."""
    only = [name for name in plan.secondary_level if name not in plan.continuous]
    return {
        name: data.outcomes[name].levels()
        for name in only
        if name in data.scores and data.outcomes[name].is_graded
    }
