"""SELFBACK in silico from Python: ``import selfback as sb``.

    >>> import selfback as sb
    >>> small = sb.scenario("planned_2018", {"trial.sample_size": 40})
    >>> len(sb.trial(small).participants)
    40

Each name is a function or class of :mod:`sim.front`, which is imported when the name is used first.
"""

import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recommender.protocol import RecommenderError
    from scenarios.errors import InputError
    from sim.doctor.examine import doctor
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
    "baseline", "calibrate", "check_recommender", "compare", "components", "doctor", "gate",
    "performance", "plan", "power", "recommender_schema", "recommender_server", "replay", "report",
    "run", "sample_size", "scenario", "sensitivity", "subgroups", "trial", "validate",
    "validate_study",
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
    "doctor": "sim.doctor.examine",
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
    try:
        found = getattr(import_module(_ELSEWHERE.get(name, f"sim.front.{name}")), name)
    except ImportError as error:
        hidden = _in_the_way()
        if not hidden:
            raise
        raise ImportError(hidden) from error
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__


def main() -> None:
    """Run the command ``selfback``: what stands in the way of our packages is told in a line."""
    try:
        run = import_module("sim.__main__").main
    except (ImportError, AttributeError):
        hidden = _in_the_way()
        if not hidden:
            raise
        sys.stderr.write(f"selfback: {hidden}\n")
        sys.exit(2)
    run()


def _in_the_way() -> str:
    """Return what hides a package of ours, by a module that is found although ``sim`` is hidden."""
    root = Path(__file__).resolve().parent
    spec = spec_from_file_location("_namesakes", root / "sim" / "namesakes.py")
    if spec is None or spec.loader is None:
        return ""
    namesakes = module_from_spec(spec)
    spec.loader.exec_module(namesakes)
    return str(namesakes.in_the_way(root))
