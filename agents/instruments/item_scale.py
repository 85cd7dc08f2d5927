"""One mechanism for every questionnaire whose score is the sum of ordered answers."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

_EDGE = 0.02
"""Share of the range at either end where totals can no longer follow the state one to one."""
_GRID_POINTS = 2001


@dataclass(frozen=True, slots=True)
class ItemScale:
    """A questionnaire that people in some state fill in item by item.

    Somebody at a location on the latent scale answers item j by rounding

        location - difficulty_j + spread (sqrt(stability) leaning_j + sqrt(1 - stability) chance_j)

    to a whole number and bounding it to the range of the answers: a graded response model with
    normal ogives at unit distance. ``leaning`` belongs to the person and the item, ``chance`` to
    the person, the item and the occasion, so the total of a person in an unchanged state differs
    from one occasion to the next only through its items.

    Attributes
    ----------
    difficulties
        Of each item, in steps of the answer; a higher one means a lower answer.
    lowest, highest
        Lowest and highest answer to an item.
    spread
        SD of a person's answers about the location, in steps of the answer, above 0.
    stability
        Share of that variance that stays with the person, 0 to 1.
    reversed_items
        Positions of the items whose answer, as given, counts the other way.

    Examples
    --------
    Three items answered 0 to 10, the last of them reversed:

    >>> scale = ItemScale((0.0, 0.0, 0.0), 0, 10, spread=1.0, stability=0.5, reversed_items=(2,))
    >>> float(scale.score(np.array([[7, 8, 4]]))[0])
    21.0
    """

    difficulties: tuple[float, ...]
    lowest: int
    highest: int
    spread: float
    stability: float
    reversed_items: tuple[int, ...] = ()

    @property
    def total_range(self) -> tuple[int, int]:
        """Lowest and highest total."""
        return self.lowest * len(self.difficulties), self.highest * len(self.difficulties)

    def expected_total(self, locations: np.ndarray) -> np.ndarray:
        """Return the test characteristic curve: the mean total of people at some locations.

        An answer exceeds its lowest value once for each step whose threshold the latent value
        passes, so its mean is that value plus the sum of the probabilities to pass.
        """
        steps = np.arange(self.lowest, self.highest) + 0.5
        thresholds = np.add.outer(np.array(self.difficulties), steps).ravel()
        passed = special.ndtr(np.subtract.outer(locations, thresholds) / self.spread)
        return np.asarray(passed.sum(axis=-1) + self.total_range[0])

    def locations(self, states: np.ndarray) -> np.ndarray:
        """Return the locations at which the expected total equals the state.

        Parameters
        ----------
        states
            Any shape, on the scale of the total, unbounded. Within 2% of the range of either end
            and beyond, the location is extrapolated linearly, so that the expected total
            approaches the end smoothly and is still monotone in the state.
        """
        totals, locations = _characteristic_curve(self)
        slope = np.diff(locations) / np.diff(totals)
        return np.asarray(
            np.interp(states, totals, locations)
            - slope[0] * np.maximum(totals[0] - states, 0.0)
            + slope[-1] * np.maximum(states - totals[-1], 0.0)
        )

    def fill_in(self, states: np.ndarray, leaning: np.ndarray, chance: np.ndarray) -> np.ndarray:
        """Return the answers, as given.

        Parameters
        ----------
        states
            (m,) on the scale of the total.
        leaning, chance
            (m, items) standard normals: the person's lasting leanings, and the occasion's chance.

        Returns
        -------
        (m, items) whole numbers from ``lowest`` to ``highest``, single precision.
        """
        lasting = np.float32(self.spread * np.sqrt(self.stability))
        passing = np.float32(self.spread * np.sqrt(1.0 - self.stability))
        latent = chance.astype(np.float32) * passing
        latent += leaning.astype(np.float32, copy=False) * lasting
        latent += (self.locations(states) + 0.5).astype(np.float32)[:, None]
        latent -= np.array(self.difficulties, dtype=np.float32)
        np.floor(latent, out=latent)
        np.clip(latent, self.lowest, self.highest, out=latent)
        return self._turn(latent)

    def score(self, answers: np.ndarray) -> np.ndarray:
        """Return the totals of (m, items) answers as given; NaN where an answer is missing."""
        return np.asarray(self._turn(answers.astype(float)).sum(axis=1))

    def _turn(self, answers: np.ndarray) -> np.ndarray:
        """Turn the reversed items of an array, in place; twice changes nothing."""
        for item in self.reversed_items:
            answers[:, item] = self.lowest + self.highest - answers[:, item]
        return answers


@lru_cache(maxsize=64)
def _characteristic_curve(scale: ItemScale) -> tuple[np.ndarray, np.ndarray]:
    """Tabulate the curve: increasing totals away from the ends, and their locations."""
    margin = 6.0 * scale.spread
    grid = np.linspace(
        scale.lowest + min(scale.difficulties) - margin,
        scale.highest + max(scale.difficulties) + margin,
        _GRID_POINTS,
    )
    totals = scale.expected_total(grid)
    low, high = scale.total_range
    edge = _EDGE * (high - low)
    inner = (totals >= low + edge) & (totals <= high - edge)
    return totals[inner], grid[inner]
