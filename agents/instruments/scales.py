"""Scores on the scales of the mechanistic course's instruments."""

import numpy as np

from scenarios.people.instruments import INSTRUMENT_SCALES


def on_scale(instrument: str, values: np.ndarray) -> np.ndarray:
    """Round values to the steps of an instrument's scale and bound them to its range."""
    scale = INSTRUMENT_SCALES[instrument]
    return np.clip(np.round(values / scale.step) * scale.step, scale.low, scale.high)
