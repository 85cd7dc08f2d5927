"""What a calibration hands to its workers, and what it gets back."""

from dataclasses import dataclass

import numpy as np

from scenarios.schema import Scenario


@dataclass(frozen=True, slots=True)
class Job:
    """One replicate of one scenario, with its place in the results."""

    point: int
    replicate: int
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class Outcome:
    """A job's place and its (t,) statistics; the reason why there are none, or ''."""

    point: int
    replicate: int
    values: np.ndarray
    failure: str = ""
