"""SELFBACK in silico from Python: ``import selfback as sb``.

    >>> import selfback as sb
    >>> small = sb.scenario("planned_2018", {"trial.sample_size": 40})
    >>> len(sb.trial(small).participants)
    40

Each name is a function or class of :mod:`sim.front`, which is imported when the name is used first.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenarios.errors import InputError
    from sim.front.analyse import analyse
    from sim.front.assurance import assurance
    from sim.front.calibrate import calibrate
    from sim.front.compare import compare
    from sim.front.gate import baseline, gate
    from sim.front.performance import performance
    from sim.front.power import power
    from sim.front.replay import replay
    from sim.front.run import run
    from sim.front.sample_size import sample_size
    from sim.front.scenario import scenario
    from sim.front.subgroups import subgroups
    from sim.front.trial import trial
    from sim.front.validate import validate, validate_study

__all__ = [
    "InputError", "analyse", "assurance", "baseline", "calibrate", "compare", "gate", "performance",
    "power", "replay", "run", "sample_size", "scenario", "subgroups", "trial", "validate",
    "validate_study",
]  # fmt: skip

_ELSEWHERE = {
    "InputError": "scenarios.errors",
    "baseline": "sim.front.gate",
    "validate_study": "sim.front.validate",
}
"""Names whose module is not called as they are."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_ELSEWHERE.get(name, f"sim.front.{name}")), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
