"""What the gate looks at besides the effect: what a recommender advises, and what people do of it.

How each is counted is in :mod:`.measured`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scenarios.errors import InputError, nearest

OFF = "off"
"""Said of a measure instead of a margin: it is shown, and not tested."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that a recommender can make worse.

    Attributes
    ----------
    name
        How a user calls it.
    label, unit
        What it is, and in what it and its margin are measured.
    higher_is_better
        In which direction it gets better.
    margin
        Loss that the gate looks for if it is not told otherwise, in the unit; None if the measure
        is tested only if asked for.
    """

    name: str
    label: str
    unit: str
    higher_is_better: bool
    margin: float | None

    @property
    def towards_worse(self) -> float:
        """Sign of a change for the worse."""
        return -1.0 if self.higher_is_better else 1.0


MEASURES = {
    measure.name: measure
    for measure in (
        Measure("fit", "fit of plans", "0 to 1", higher_is_better=True, margin=0.02),
        Measure("sessions", "exercise sessions", "a person", higher_is_better=True, margin=0.5),
        Measure(
            "infeasible", "contraindicated or infeasible minutes", "share of plans' minutes",
            higher_is_better=False, margin=0.01,
        ),
        Measure(
            "flares", "flares after exercise", "a person", higher_is_better=False, margin=0.02
        ),
        Measure("plans", "plans", "a person", higher_is_better=True, margin=None),
        Measure(
            "opened", "days with the app opened", "a person", higher_is_better=True, margin=None
        ),
        Measure("steps", "steps", "a day", higher_is_better=True, margin=None),
    )
}  # fmt: skip
"""All measures, by name."""


def read_measures(given: Sequence[str]) -> dict[str, float | None]:
    """Read ``name=margin`` and ``name=off``, as ``--measure`` takes them.

    Raises
    ------
    InputError
        If there is no such measure, or its margin is no number above 0.

    >>> read_measures(["fit=0.05", "sessions=off"])
    {'fit': 0.05, 'sessions': None}
    """
    found: dict[str, float | None] = {}
    for text in given:
        name, _, margin = (part.strip() for part in text.partition("="))
        if name not in MEASURES:
            close = nearest(name, MEASURES)
            hint = f"did you mean {close}?" if close else f"must be one of {', '.join(MEASURES)}"
            raise InputError(f"--measure {text[:60]}: there is no measure {name[:60]!r}: {hint}")
        if name in found:
            raise InputError(f"--measure {text[:60]}: {name} is given twice: leave one of them out")
        found[name] = None if margin == OFF else _margin(text, margin, MEASURES[name])
    return found


def measure_margins(
    given: Mapping[str, float | None] | Sequence[str],
) -> dict[str, float | None]:
    """Return margins by measure, of a mapping or of texts; see :func:`read_measures`.

    Raises
    ------
    InputError
        As :func:`read_measures`.
    """
    if isinstance(given, Mapping):
        given = [f"{name}={OFF if of is None else of}" for name, of in given.items()]
    if isinstance(given, str):
        given = [given]
    return read_measures(given)


def _margin(text: str, margin: str, measure: Measure) -> float:
    try:
        number = float(margin)
    except ValueError:
        number = 0.0
    if not 0.0 < number < float("inf"):
        raise InputError(
            f"--measure {text[:60]} is not allowed: must be {measure.name}=MARGIN, a number above "
            f"0 ({measure.unit}), or {measure.name}={OFF}"
        )
    return number


def default_margins() -> dict[str, float]:
    """Return the measures that are tested if nothing is said, with their margins."""
    return {name: one.margin for name, one in MEASURES.items() if one.margin is not None}


def changed_margins(
    margins: Mapping[str, float], changes: Mapping[str, float | None]
) -> dict[str, float]:
    """Return margins with changes; those changed to None are left out."""
    both = {**margins, **changes}
    return {name: margin for name in MEASURES if (margin := both.get(name)) is not None}
