"""Reads what follows an option; a mistake is told with the value and what is allowed."""

from collections.abc import Callable
from pathlib import Path

from scenarios.errors import InputError, nearest
from sim.study.store.remote import refuse_address


def whole_number(
    option: str, lowest: int, highest: int | None = None
) -> Callable[[str | int], int]:
    """Return a reader of whole numbers from ``lowest`` to ``highest``."""
    bounds = f"at least {lowest}" if highest is None else f"from {lowest} to {highest}"

    def read(text: str | int) -> int:
        try:
            number = int(text)
        except ValueError:
            number = lowest - 1
        if number < lowest or (highest is not None and number > highest):
            raise InputError(
                f"{option} {str(text)[:60]} is not allowed: must be a whole number, {bounds}"
            )
        return number

    return read


def study_folder(text: str | Path) -> Path:
    """Return the path of a study that is there."""
    return refuse_address(Path(text))


def number_above_zero(option: str) -> Callable[[str | float], float]:
    """Return a reader of finite numbers above 0."""

    def read(text: str | float) -> float:
        try:
            number = float(text)
        except ValueError:
            number = 0.0
        if not 0.0 < number < float("inf"):
            raise InputError(f"{option} {str(text)[:60]} is not allowed: must be a number above 0")
        return number

    return read


def number_between(option: str, low: float, high: float) -> Callable[[str | float], float]:
    """Return a reader of numbers above ``low`` and below ``high``."""

    def read(text: str | float) -> float:
        try:
            number = float(text)
        except ValueError:
            number = low
        if not low < number < high:
            raise InputError(
                f"{option} {str(text)[:60]} is not allowed: must be a number above {low:g} and "
                f"below {high:g}"
            )
        return number

    return read


def share(option: str) -> Callable[[str | float], float]:
    """Return a reader of numbers from 0 to 1, both included."""

    def read(text: str | float) -> float:
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not 0.0 <= number <= 1.0:
            raise InputError(f"{option} {str(text)[:60]} is not allowed: must be from 0 to 1")
        return number

    return read


def one_of(option: str, names: tuple[str, ...]) -> Callable[[str], str]:
    """Return a reader of one of these names."""

    def read(text: str) -> str:
        if text not in names:
            close = nearest(text, names)
            hint = f"; did you mean {close}?" if close else ""
            raise InputError(f"{option} {text} is not allowed: must be {' or '.join(names)}{hint}")
        return text

    return read


def folder(option: str) -> Callable[[str | Path], Path]:
    """Return a reader of the path of a folder to make."""

    def read(text: str | Path) -> Path:
        if not str(text).strip():
            raise InputError(f"{option} {str(text)!r} is not allowed: must be the path of a folder")
        return Path(text)

    return read


def measures(text: str) -> dict[str, float]:
    """Read measures with numbers, as ``--until-mcse`` takes them.

    >>> measures("power=0.005, coverage=0.01")
    {'power': 0.005, 'coverage': 0.01}
    """
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, number = (each.strip() for each in part.partition("="))
        if not name or name in found:
            raise InputError(
                f"--until-mcse {text[:60]} is not allowed: must be measures with numbers, each "
                "once, such as power=0.005,coverage=0.005"
            )
        found[name] = number_above_zero(f"--until-mcse {name} =")(number)
    return found
