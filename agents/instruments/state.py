"""State of patients on the day they answer."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class State:
    """State of m patients on the day they answer, each attribute (m,).

    Attributes
    ----------
    pain, worst_pain
        Mean and worst NRS of the past week.
    latest_pain
        NRS of the day.
    disability
        On the RMDQ scale, unbounded.
    self_efficacy, fear, illness_perception
        On the scales of PSEQ, FABQ and BIPQ, unbounded.
    capacity, beliefs
        Changed by the app, 0 to 1.
    """

    pain: np.ndarray
    worst_pain: np.ndarray
    latest_pain: np.ndarray
    disability: np.ndarray
    self_efficacy: np.ndarray
    fear: np.ndarray
    illness_perception: np.ndarray
    capacity: np.ndarray
    beliefs: np.ndarray
