"""The trial's outcome scales: range, step and direction of the scores."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Scale:
    """An outcome scale: label, lowest and highest value, step, and whether higher is better."""

    label: str
    low: float
    high: float
    step: float
    higher_is_better: bool
    has_baseline: bool = True


SCALES: dict[str, Scale] = {
    "rmdq": Scale("RMDQ (disability)", 0, 24, 1, higher_is_better=False),
    "nrs_average": Scale("Average pain, past week", 0, 10, 1, higher_is_better=False),
    "nrs_worst": Scale("Worst pain, past week", 0, 10, 1, higher_is_better=False),
    "pseq": Scale("PSEQ (self-efficacy)", 0, 60, 1, higher_is_better=True),
    "fabq": Scale("FABQ-PA (fear avoidance)", 0, 24, 1, higher_is_better=False),
    "bipq": Scale("BIPQ (illness perception)", 0, 80, 1, higher_is_better=False),
    "eq_vas": Scale("EQ-VAS", 0, 100, 1, higher_is_better=True),
    "eq_5d": Scale("EQ-5D index", -0.624, 1.0, 0.001, higher_is_better=True),
    "sgpals": Scale("SGPALS (activity level)", 1, 4, 1, higher_is_better=True),
    "gpe": Scale("Global perceived effect", -5, 5, 1, higher_is_better=True, has_baseline=False),
}
"""Every outcome of the trial, in the order of the paper's Table 2; SGPALS before GPE."""

OUTCOMES = tuple(SCALES)


def on_scale(outcome: str, values: np.ndarray) -> np.ndarray:
    """Round values to the steps of an outcome's scale and bound them to its range."""
    scale = SCALES[outcome]
    return np.clip(np.round(values / scale.step) * scale.step, scale.low, scale.high)
