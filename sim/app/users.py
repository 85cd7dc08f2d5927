"""Who has the app: one place a user, in order of randomization, so that a day is one slice."""

import numpy as np

from agents.symptoms import LEAD_IN


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

    Attributes
    ----------
    row
        (most,) row in the cohort.
    entry, installed
        (most,) day of randomization; first day with the app, a far day before that.
    using, reachable
        (most,) whether the app is used these days, and not given up for good.
    has_plan
        (most,) whether a plan was made so far.
    goal
        (most,) steps a day asked for, 0 without a plan.
    next_session
        (most,) day from which the next tailoring session is due.
    """

    def __init__(self, most: int, columns: int) -> None:
        self._columns = columns
        self._days = columns - LEAD_IN
        self._first = self._count = 0
        self.row = np.zeros(most, dtype=np.int64)
        self.entry = np.zeros(most, dtype=np.int64)
        self.installed = np.full(most, np.iinfo(np.int64).max)
        self._column_base = np.zeros(most, dtype=np.int64)
        self._day_base = np.zeros(most, dtype=np.int64)
        self.using = np.zeros(most, dtype=bool)
        self.reachable = np.zeros(most, dtype=bool)
        self.has_plan = np.zeros(most, dtype=bool)
        self.goal = np.zeros(most, dtype=np.float32)
        self.next_session = np.zeros(most, dtype=np.int64)

    def add(self, row: int, today: int) -> int:
        """Give a person who is randomized today a place, and return it."""
        place = self._count
        self._count += 1
        self.row[place] = row
        self.entry[place] = today
        self._column_base[place] = row * self._columns + LEAD_IN - today
        self._day_base[place] = self._column_base[place]
        return place

    def install(self, place: int, today: int) -> None:
        """Let a user have the app from today on."""
        self.installed[place] = self.next_session[place] = today
        self._day_base[place] = self.row[place] * self._columns + LEAD_IN - today
        self.using[place] = self.reachable[place] = True

    def stop(self, place: int) -> None:
        """Let a user give the app up for good."""
        self.using[place] = self.reachable[place] = False

    def window(self, today: int) -> slice:
        """Return the places of those in follow-up today."""
        while self._first < self._count and self.entry[self._first] + self._days <= today:
            self._first += 1
        return slice(self._first, self._count)

    def column_at(self, places: slice | np.ndarray, today: int | np.ndarray) -> np.ndarray:
        """Return the flat positions of today in an array of (rows, columns)."""
        return np.asarray(self._column_base[places] + today)

    def day_at(self, places: slice | np.ndarray, today: int | np.ndarray) -> np.ndarray:
        """Return the flat positions of today in an array of (rows, columns since installation).

        Those columns count from :data:`agents.symptoms.LEAD_IN` days before installation.
        """
        return np.asarray(self._day_base[places] + today)
