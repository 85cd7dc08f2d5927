"""Analyses of the primary outcome that a user brings, guarded: a failure is a row with its reason.

A scenario names one in ``analysis.sensitivity`` or ``analysis.alternatives``: as
``module:attribute``, or by the name under which an installed package brings it as an entry point of
the group ``selfback.analyses``. It is a function of :class:`Inputs` that returns estimates of the
primary outcome, all of them named ``inputs.name`` and among them the difference at the primary
visit. :func:`analysis.data.estimates.student_estimate` and its neighbours make estimates;
:class:`FitError` gives the reason why there is none.
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import replace
from math import isfinite
from zlib import crc32

import numpy as np

from analysis.data.estimates import ROUNDING, Estimate, Label, failed_estimate
from analysis.estimators.errors import FitError
from analysis.plan.inputs import Inputs
from analysis.plan.longitudinal import DIFFERENCE
from scenarios.design.analyses import OWN_ANALYSES
from scenarios.design.trial import AnalysisPlan
from scenarios.machine import is_of_machine
from scenarios.plugins import describe

OwnAnalysis = Callable[[Inputs], Iterable[Estimate]]
_OWN = 0x6F776E
"""Sets the random numbers of a user's own analyses apart from those of the imputations."""


def find_own(plan: AnalysisPlan) -> None:
    """Import the analyses of a plan that are not built in, before they are needed.

    Raises
    ------
    InputError
        If one of them cannot be found or imported.
    """
    for name in plan.own_analyses:
        OWN_ANALYSES.find(name)


def run_own(inputs: Inputs) -> list[Estimate]:
    """Run the analysis that the inputs are named for.

    It gets copies of the data, and a generator that depends on nothing but the trial and its name,
    so that it can change no other analysis.

    Returns
    -------
    Its estimates; or, if it fails or they cannot be used, a failed difference of the primary
    outcome at the primary visit with the reason.

    Raises
    ------
    InputError
        If it is not found.
    MemoryError, OSError
        If the machine is at an end, see :func:`scenarios.machine.machine_failure`.
    """
    function: OwnAnalysis = OWN_ANALYSES.find(inputs.name)
    plan = inputs.plan
    primary: Label = (inputs.name, plan.primary_outcome, plan.primary_visit, DIFFERENCE)
    given = replace(
        inputs,
        data=deepcopy(inputs.data),
        covariates=inputs.covariates.copy(),
        rng=_generator(inputs.rng, inputs.name),
    )
    try:
        estimates = [_checked(row, primary) for row in function(given)]
        _check_together(estimates, primary)
    except FitError as error:
        return [failed_estimate(primary, len(inputs.data), error.reason)]
    except (Exception, SystemExit) as error:
        if is_of_machine(error):  # that is no result of an analysis
            raise
        return [failed_estimate(primary, len(inputs.data), describe(error))]
    return estimates


def _generator(rng: np.random.Generator, name: str) -> np.random.Generator:
    seed = rng.bit_generator.seed_seq
    if not isinstance(seed, np.random.SeedSequence):
        raise TypeError("the generator of an analysis must have a numpy.random.SeedSequence")
    key = (*seed.spawn_key, _OWN, crc32(name.encode()))
    return np.random.default_rng(np.random.SeedSequence(seed.entropy, spawn_key=key))


def _checked(row: Estimate, primary: Label) -> Estimate:
    """Return an estimate that can stand in a table; raise :class:`FitError` for another."""
    name, outcome, _, _ = primary
    if not isinstance(row, Estimate):
        raise FitError(f"it returns {type(row).__name__}, an Estimate is needed")
    if (row.analysis, row.outcome) != (name, outcome):
        raise FitError(
            f"it returns an estimate of {row.analysis!r}, {row.outcome!r}: must be of {name!r}, "
            f"{outcome!r}"
        )
    label = (name, outcome, str(row.visit), str(row.contrast))
    if not row.converged:
        return failed_estimate(label, int(row.n), row.failure or "it gives no reason")
    estimate, se, lower, upper, p = (
        _finite(getattr(row, key), f"{key} at {row.visit}")
        for key in ("estimate", "se", "lower", "upper", "p")
    )
    df = None if row.df is None else _finite(row.df, f"df at {row.visit}")
    if se <= ROUNDING * abs(estimate) or not 0.0 <= p <= 1.0 or lower > upper:
        raise FitError(f"se, p or confidence limits at {row.visit} are out of range")
    return Estimate(*label, estimate, se, df, lower, upper, p, int(row.n), converged=True)


def _finite(value: float | None, what: str) -> float:
    if value is None or not isfinite(value):
        raise FitError(f"{what} is not a finite number")
    return float(value)


def _check_together(estimates: list[Estimate], primary: Label) -> None:
    labels = [row.label for row in estimates]
    if primary not in labels:
        raise FitError("it returns no difference of the primary outcome at the primary visit")
    if len(set(labels)) < len(labels):
        raise FitError("it returns two estimates of the same visit and contrast")
