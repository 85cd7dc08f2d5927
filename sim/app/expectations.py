"""What is usual for such a patient and week, learned as a trial goes: what a plan is judged by.

Pain eases by itself, most of all early and where it is high: a plan of the first weeks would look
like a success whatever it asks for. What counts is how a week went less the mean of the weeks of
patients like that, with as much pain and as long with the app.
"""

from typing import NamedTuple

import numpy as np

from scenarios.compiled.kernels import kernel
from scenarios.devices.recommender import Recommender


class Expectations(NamedTuple):
    """Weeks seen so far.

    Attributes
    ----------
    less_usual
        Whether what is usual is taken off.
    weeks, pain
        Weeks since installation, and NRS points, at which periods and levels end.
    seen
        (periods, levels, 3): how many weeks, their relief of pain (NRS points) and share of
        sessions done, summed.
    """

    less_usual: bool
    weeks: np.ndarray
    pain: np.ndarray
    seen: np.ndarray

    @classmethod
    def of(cls, settings: Recommender) -> "Expectations":
        """Return those of a trial that begins, with a scenario's recommender."""
        usual = settings.usual
        seen = np.zeros((len(usual.weeks) + 1, len(usual.pain) + 1, 3))
        seen[:, :, 0], seen[:, :, 2] = usual.prior, 0.5 * usual.prior
        weeks, pain = np.array(usual.weeks, dtype=np.int64), np.array(usual.pain)
        return cls(settings.success == "expected", weeks, pain, seen)


@kernel
def beyond_usual(
    expected: Expectations, week: int, pain: float, relief: float, share: float
) -> tuple[float, float]:
    """Return what a week brought beyond what is usual, and add the week to that.

    Parameters
    ----------
    expected
        Weeks seen so far; changed in place.
    week
        Weeks since installation.
    pain
        NRS points when the plan was made.
    relief, share
        Of the week: NRS points less, and share of the sessions asked for, 0 to 1.

    Returns
    -------
    Relief less the usual, and half more than share less the usual: 0.5 where as many sessions were
    done as usual.
    """
    seen = expected.seen[(expected.weeks <= week).sum(), (expected.pain <= pain).sum()]
    beyond = relief - seen[1] / seen[0], 0.5 + share - seen[2] / seen[0]
    seen[0] += 1.0
    seen[1] += relief
    seen[2] += share
    return beyond
