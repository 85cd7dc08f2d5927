"""Numbers in single precision, for arithmetic on the states of a day's users."""

import numpy as np


def single(value: float) -> np.ndarray:
    """Return a number as an array of no dimension, single precision.

    Arrays of the same type meet it without a conversion; with a Python number NumPy decides anew at
    every step, which for some hundred users takes longer than the arithmetic. The result is the
    same.
    """
    return np.array(value, dtype=np.float32)


ZERO, ONE = single(0.0), single(1.0)
