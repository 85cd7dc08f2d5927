"""Scores of a baseline as text: steps of the outcome's scale in base 36."""

from collections.abc import Iterator

import numpy as np

from scenarios.people.instruments import INSTRUMENT_SCALES

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def encode(outcome: str, scores: np.ndarray) -> str:
    """Write scores in steps of their scale, each in as many digits to base 36 as the scale takes.

    >>> encode("rmdq", np.array([0.0, 9.0, 24.0]))
    '09o'
    """
    scale, width = INSTRUMENT_SCALES[outcome], _width(outcome)
    steps = np.rint((scores - scale.low) / scale.step).astype(int).tolist()
    return "".join("".join(_in_base_36(step, width)) for step in steps)


def decode(outcome: str, text: str) -> np.ndarray:
    """Return the scores that :func:`encode` wrote, each at a step of the scale.

    Raises
    ------
    ValueError
        If the text is not one of these.

    >>> decode("rmdq", "09o")
    array([ 0.,  9., 24.])
    """
    scale, width = INSTRUMENT_SCALES[outcome], _width(outcome)
    if len(text) % width:
        raise ValueError(f"{len(text)} digits are not {width} for each participant")
    steps = [int(text[start : start + width], 36) for start in range(0, len(text), width)]
    if max(steps) > _steps(outcome):
        raise ValueError(f"a score is above the scale of {outcome}")
    return scale.low + np.array(steps, dtype=float) * scale.step


def _in_base_36(step: int, width: int) -> Iterator[str]:
    for place in range(width - 1, -1, -1):
        yield _DIGITS[step // 36**place % 36]


def _steps(outcome: str) -> int:
    scale = INSTRUMENT_SCALES[outcome]
    return round((scale.high - scale.low) / scale.step)


def _width(outcome: str) -> int:
    return len(np.base_repr(_steps(outcome), 36))
