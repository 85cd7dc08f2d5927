"""Who has the app: one place a user, in order of randomization, so that a day is one range."""

import numpy as np

from agents.engagement import USE_STATE
from agents.notifications import MESSAGE_STATE
from agents.pathway import BENEFIT_STATE
from agents.quitting import QUIT_STATE
from agents.symptoms import LEAD_IN
from scenarios.devices.app import AppUse

USER = np.dtype(
    [
        ("row", "i8"),
        ("entry", "i8"),
        ("installed", "i8"),
        ("next_session", "i8"),
        ("using", "?"),
        ("reachable", "?"),
        ("has_plan", "?"),
        ("earned", "?"),
        ("goal", "f4"),
        ("exercise_sessions", "i4"),
        *MESSAGE_STATE,
        *USE_STATE,
        *BENEFIT_STATE,
        *QUIT_STATE,
    ],
    align=True,
)
"""A user: row in the cohort; day of randomization; first day with the app, a far day before that;
day from which the next tailoring session is due; whether the app is used these days, whether it is
not given up for good, whether a plan was made so far; whether the app saw something yesterday that
is to be commended; steps a day asked for, 0 without a plan; exercise sessions done so far; and the
states of :mod:`agents.notifications`, :mod:`agents.engagement`, :mod:`agents.pathway` and
:mod:`agents.quitting`."""


class AppUsers:
    """Users of the app and what stands between them and today.

    A user's place is taken at randomization and follow-up has the same length for all, so those
    in follow-up are always the places of one :meth:`window`.

    Parameters
    ----------
    most
        Places to keep.
    columns
        Days of an array by person and day, the lead-in included.
    app
        How soon the first message may come.

    Attributes
    ----------
    records
        (most,) records of :data:`USER`.
    """

    def __init__(self, most: int, columns: int, app: AppUse) -> None:
        self._days = columns - LEAD_IN
        self._first = self._count = 0
        self.records = np.zeros(most, dtype=USER)
        self.records["installed"] = np.iinfo(np.int64).max
        self.records["habit"] = 1.0
        self.records["days_without_message"] = app.message_gap

    def add(self, row: int, today: int) -> int:
        """Give a person who is randomized today a place, and return it."""
        place = self._count
        self._count += 1
        self.records["row"][place] = row
        self.records["entry"][place] = today
        return place

    def install(self, place: int, today: int, stay: float) -> None:
        """Let a user have the app from today on, for ``stay`` days if nothing moves the hazard."""
        user = self.records[place]
        user["installed"] = user["next_session"] = today
        user["stay"], user["haste"], user["mastery"] = stay, 1.0, 0.5
        user["using"] = user["reachable"] = True

    def stop(self, place: int) -> bool:
        """Let a user give the app up for good, and return whether it was still used."""
        user = self.records[place]
        used = bool(user["reachable"])
        user["using"] = user["reachable"] = False
        return used

    def with_app(self) -> np.ndarray:
        """Return rows of those who have the app and did not give it up."""
        return np.asarray(self.records["row"][self.records["reachable"]])

    def window(self, today: int) -> range:
        """Return the places of those in follow-up today."""
        entry = self.records["entry"]
        while self._first < self._count and entry[self._first] + self._days <= today:
            self._first += 1
        return range(self._first, self._count)
