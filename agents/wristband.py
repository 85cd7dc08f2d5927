"""What a wristband records: steps with error, and only while it is worn."""

import numpy as np
from scipy import special

from scenarios.app import Wristband


def worn(wristband: Wristband, uniforms: np.ndarray) -> np.ndarray:
    """Return on which days the band is worn.

    Parameters
    ----------
    wristband
        Probability in week 0 and its weekly decline on the logit scale.
    uniforms
        (n, days) uniforms, columns from the day it was handed out.
    """
    weeks = np.arange(uniforms.shape[1]) / 7.0
    chance = special.expit(
        special.logit(wristband.wear_probability) - wristband.wear_decline * weeks
    )
    return np.asarray(uniforms < chance.astype(np.float32))


def recording_factor(wristband: Wristband, normals: np.ndarray) -> np.ndarray:
    """Return recorded as a ratio of true steps: log-normal with mean 1."""
    error = wristband.error
    return np.asarray(np.exp(np.float32(error) * normals - np.float32(error**2 / 2.0)))
