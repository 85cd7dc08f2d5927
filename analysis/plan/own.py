"""Analyses of the primary outcome that a user brings, guarded: a failure is a row with its reason.

A scenario names one in ``analysis.sensitivity`` or ``analysis.alternatives``: as
``module:attribute``, or by the name under which an installed package brings it as an entry point of
the group ``selfback.analyses``. It is a function of :class:`Inputs` that returns estimates of the
primary outcome, all of them named ``inputs.name`` and among them the differences at the primary
visit. :func:`analysis.data.estimates.student_estimate` and its neighbours make estimates;
:class:`FitError` gives the reason why there is none.

``inputs.data.arm`` has a code for each arm, 0 for the reference. ``inputs.contrasts`` are those by
which the plan compares arms, each with a weight for every arm, and ``inputs.labels(outcome, visit,
"difference")`` names them in their order: an analysis must return all of them at the primary visit,
with :func:`analysis.data.estimates.failed_estimate` for those that it has no answer to. In a trial
of two arms that declares none, this is the one difference. Where there are several, it may put
their joint covariance into ``inputs.joint`` (:func:`analysis.data.joint.joint_of`), which
adjustments for multiplicity need that rest on it.
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import replace
from math import isfinite
from zlib import crc32

import numpy as np

from analysis.data.estimates import ROUNDING, Estimate, Label, failed_estimate
from analysis.data.joint import Joint
from analysis.estimators.errors import FitError
from analysis.plan.inputs import Inputs
from analysis.plan.longitudinal import DIFFERENCE
from scenarios.analyses.plan import AnalysisPlan
from scenarios.analyses.register import OWN_ANALYSES
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
    Its estimates; or, if it fails or they cannot be used, failed differences of the primary
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
    primary = inputs.labels(plan.primary_outcome, plan.primary_visit, DIFFERENCE)
    given = replace(
        inputs,
        data=deepcopy(inputs.data),
        covariates=inputs.covariates.copy(),
        rng=_generator(inputs.rng, inputs.name),
        joint=[],
    )
    try:
        estimates = [_checked(row, primary[0]) for row in function(given)]
        _check_together(estimates, primary)
        _check_joint(given.joint, estimates)
    except FitError as error:
        return [failed_estimate(label, len(inputs.data), error.reason) for label in primary]
    except (Exception, SystemExit) as error:
        if is_of_machine(error):  # that is no result of an analysis
            raise
        return [failed_estimate(label, len(inputs.data), describe(error)) for label in primary]
    inputs.joint.extend(given.joint)
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


def _check_together(estimates: list[Estimate], primary: list[Label]) -> None:
    labels = [row.label for row in estimates]
    for label in primary:
        if label not in labels:
            missing = label[3] if label[3] == DIFFERENCE else repr(label[3])
            raise FitError(f"it returns no {missing} of the primary outcome at the primary visit")
    if len(set(labels)) < len(labels):
        raise FitError("it returns two estimates of the same visit and contrast")


def _check_joint(found: list[Joint], estimates: list[Estimate]) -> None:
    """Refuse a joint covariance that is not of the estimates."""
    errors = {row.label: row.se for row in estimates}
    for each in found:
        if not isinstance(each, Joint):
            raise FitError(f"it puts {type(each).__name__} into joint, a Joint is needed")
        labels = [(each.analysis, each.outcome, each.visit, name) for name in each.labels]
        m = len(labels)
        if not set(labels) <= set(errors) or np.shape(each.covariance) != (m, m):
            raise FitError(f"its joint covariance at {each.visit} is not of its estimates")
        se = np.array([np.nan if errors[label] is None else errors[label] for label in labels])
        if not np.allclose(np.diag(each.covariance), se**2, rtol=1e-6, atol=0.0, equal_nan=True):
            raise FitError(f"its joint covariance at {each.visit} is not that of its errors")
