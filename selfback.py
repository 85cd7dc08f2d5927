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
    from recommender.protocol import RecommenderError
    from scenarios.errors import InputError
    from sim.front.analyse import analyse
    from sim.front.calibrate import calibrate
    from sim.front.designs.assurance import assurance
    from sim.front.designs.compare import compare
    from sim.front.designs.components import components
    from sim.front.designs.power import power
    from sim.front.designs.sample_size import sample_size
    from sim.front.designs.sensitivity import sensitivity
    from sim.front.designs.subgroups import subgroups
    from sim.front.gate import baseline, gate
    from sim.front.performance import performance
    from sim.front.recommender import (
        check_recommender,
        recommender_schema,
        recommender_server,
    )
    from sim.front.replay import replay
    from sim.front.report import report
    from sim.front.run import run
    from sim.front.scenario import plan, scenario
    from sim.front.trial import trial
    from sim.front.validate import validate, validate_study
    from sim.study.calibration.calibrate import Settings
    from sim.study.failed import AllFailedError

__all__ = [
    "AllFailedError", "InputError", "RecommenderError", "Settings", "analyse", "assurance",
    "baseline", "calibrate", "check_recommender", "compare", "components", "gate", "performance",
    "plan", "power", "recommender_schema", "recommender_server", "replay", "report", "run",
    "sample_size", "scenario", "sensitivity", "subgroups", "trial", "validate", "validate_study",
]  # fmt: skip

_ELSEWHERE = {
    "AllFailedError": "sim.study.failed",
    "InputError": "scenarios.errors",
    "RecommenderError": "recommender.protocol",
    "Settings": "sim.study.calibration.calibrate",
    "assurance": "sim.front.designs.assurance",
    "baseline": "sim.front.gate",
    "check_recommender": "sim.front.recommender",
    "compare": "sim.front.designs.compare",
    "components": "sim.front.designs.components",
    "plan": "sim.front.scenario",
    "power": "sim.front.designs.power",
    "recommender_schema": "sim.front.recommender",
    "recommender_server": "sim.front.recommender",
    "sample_size": "sim.front.designs.sample_size",
    "sensitivity": "sim.front.designs.sensitivity",
    "subgroups": "sim.front.designs.subgroups",
    "validate_study": "sim.front.validate",
}
"""Names that are not in a module of their own name in :mod:`sim.front`."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_ELSEWHERE.get(name, f"sim.front.{name}")), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
