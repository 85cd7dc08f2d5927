"""How alike two patients are: linear local similarities under global weights."""

from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.distance import cdist


@dataclass(frozen=True, slots=True)
class GlobalSimilarity:
    """Weighted mean of local similarities 1 - |a - b| / range, each floored at 0.

    Parameters
    ----------
    weights
        (features,) global weights, not all 0.
    ranges
        (features,) difference at which two values are not alike at all.

    Examples
    --------
    >>> alike = GlobalSimilarity(np.array([3.0, 1.0]), np.array([10.0, 50.0]))
    >>> alike(np.array([[5.0, 40.0]]), np.array([[5.0, 40.0], [7.0, 65.0]]))
    array([[1.   , 0.725]])
    """

    weights: np.ndarray
    ranges: np.ndarray
    _scale: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        scale = self.weights / (self.weights.sum() * self.ranges)
        object.__setattr__(self, "_scale", scale)

    def __call__(self, queries: np.ndarray, cases: np.ndarray) -> np.ndarray:
        """Return the (queries, cases) similarities, each 0 to 1.

        Values further apart than a range cannot occur where ranges span the scales; a floor keeps
        the measure in 0 to 1 for features without bounds.
        """
        alike = cdist(queries * self._scale, cases * self._scale, "cityblock")
        np.subtract(1.0, alike, out=alike)
        return np.asarray(np.maximum(alike, 0.0, out=alike))
