"""What a wristband records: steps with error, and only while it is worn."""

import numpy as np
from scipy import special

from scenarios.app import Wristband


def worn(wristband: Wristband, day: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
    """Return who wears the band on a day.

    Parameters
    ----------
    wristband
        Probability in week 0 and its weekly decline on the logit scale.
    day
        (m,) days since it was handed out.
    uniforms
        (m,) uniforms of the day.
    """
    start = special.logit(wristband.wear_probability)
    return np.asarray(uniforms < special.expit(start - wristband.wear_decline * (day / 7.0)))


def recorded(wristband: Wristband, steps: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Return the steps a worn band records: unbiased, with log-normal error."""
    return np.asarray(steps * np.exp(wristband.error * normals - wristband.error**2 / 2.0))
