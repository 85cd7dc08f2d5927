"""Fits the free parameters of a scenario to published numbers, and says what these identify."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.replicates.targets import published_on_scale
from scenarios.errors import InputError
from scenarios.free_parameters import ParameterSpace
from scenarios.targets import Target
from sim.study.calibration.check import CHECKED, Check, check_laplace, posterior_draws
from sim.study.calibration.gauss_newton import (
    FURTHEST,
    STEP_SHARES,
    Fit,
    gauss_newton,
    newton_step,
)
from sim.study.calibration.kept import KeptSteps
from sim.study.calibration.laplace import Posterior, laplace
from sim.study.calibration.simulation import Simulator
from sim.study.calibration.weights import Weights, distance, shrunk_covariance
from sim.study.executors import Executor
from sim.study.progress import Advance, Counter


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is simulated.

    Attributes
    ----------
    replicates
        At each point of the search.
    spread
        At the start and at the end: they give the predictive covariance.
    iterations
        Maximum number of steps of the search.
    step
        Of the finite differences, in prior SDs.
    draws
        Parameter sets of the posterior sample.
    """

    replicates: int = 8
    spread: int = 60
    iterations: int = 8
    step: float = 0.2
    draws: int = 500


@dataclass(frozen=True, slots=True)
class Calibration:
    """A calibrated scenario.

    Attributes
    ----------
    space
        The free parameters.
    targets
        The t targets that were fitted to.
    left_out
        Label of each target that was not, with the reason.
    published
        (t,) on the scale of the statistics.
    before, after
        (spread, t) statistics at the prior mean and at the best point.
    weights
        At the best point.
    shrinkage
        Of the correlations, 0 to 1.
    fit
        The search.
    posterior
        Around the best point.
    distances
        At the prior mean and at the best point, both over ``spread`` replicates and with the
        weights of the best point.
    draws
        (draws, k) posterior sample, in prior SDs.
    refused
        Draws that the scenario does not allow, which were drawn anew.
    check
        Of the Laplace approximation.
    simulated
        Replicates simulated in all.
    failures
        Reason of each replicate that raised; its statistics are those of the others at its point.
    """

    space: ParameterSpace
    targets: tuple[Target, ...]
    left_out: dict[str, str]
    published: np.ndarray
    before: np.ndarray
    after: np.ndarray
    weights: Weights
    shrinkage: float
    fit: Fit
    posterior: Posterior
    distances: tuple[float, float]
    draws: np.ndarray
    refused: int
    check: Check
    simulated: int
    failures: tuple[str, ...]


def calibrate(
    space: ParameterSpace,
    targets: Sequence[Target],
    executor: Executor,
    settings: Settings,
    on_progress: Advance,
    steps: KeptSteps | None = None,
) -> Calibration:
    """Fit the free parameters to targets.

    The distance of :mod:`.weights` is minimized with the predictive covariance at the prior mean,
    over ``replicates`` trials on common random numbers at every point. At the minimum the
    covariance is estimated again and a last step is taken on ``spread`` trials, which leaves little
    Monte Carlo error; there the posterior is Laplace's.

    Raises
    ------
    InputError
        If no target is simulated by the scenario, or no trial runs at the prior means.
    """
    counter = Counter(on_progress, _expected(settings, len(space)), guess=True)
    scout = Simulator(space, targets, executor, counter, steps)
    origin = np.zeros(len(space))
    spread = range(settings.spread)
    sample = scout.simulate([origin], [spread])[0]
    if sample is None:
        raise InputError("the scenario is not allowed at the prior means")
    if len(counter.failures) == settings.spread:
        raise InputError(f"no trial runs at the prior means: {counter.failures[0]}")
    left_out = _unusable(targets, sample)
    keep = [at for at, target in enumerate(targets) if target.label not in left_out]
    if not keep:
        raise InputError("none of the targets is simulated by this scenario")
    kept = tuple(targets[at] for at in keep)
    points = _Points(Simulator(space, kept, executor, counter, steps), settings)
    published = np.array([published_on_scale(target)[0] for target in kept])
    before = _filled(sample[:, keep])
    floor = before.var(axis=0, ddof=1) / 100.0
    weights, _ = _weights(before, kept, settings.replicates, floor)
    fit = gauss_newton(
        points.few, published, weights, origin,
        step=settings.step, iterations=settings.iterations,
    )  # fmt: skip
    counter.expect(2 * settings.spread + (CHECKED + 2) * settings.replicates)
    after = points.many(fit.point)
    weights, shrinkage = _weights(after, kept, settings.spread, floor)
    posterior = laplace(fit.point, fit.slopes, weights)
    posterior, after = _last_step(posterior, fit.slopes, after, published, weights, points)
    draws, refused = posterior_draws(posterior, scout, settings.draws)
    check = check_laplace(posterior, draws, weights, points.few)
    counter.finish()
    return Calibration(
        space=space,
        targets=kept,
        left_out=left_out,
        published=published,
        before=before,
        after=after,
        weights=weights,
        shrinkage=shrinkage,
        fit=fit,
        posterior=posterior,
        distances=(
            distance(published, before, origin, weights),
            distance(published, after, posterior.point, weights),
        ),
        draws=draws,
        refused=refused,
        check=check,
        simulated=counter.done,
        failures=tuple(counter.failures),
    )


class _Points:
    """Simulates complete statistics of the targets that are fitted to."""

    def __init__(self, simulator: Simulator, settings: Settings) -> None:
        self._simulator = simulator
        self._few = range(settings.replicates)
        self.spread = settings.spread

    def few(self, points: Sequence[np.ndarray]) -> list[np.ndarray | None]:
        """Simulate points for the search."""
        found = self._simulator.simulate(points, [self._few] * len(points))
        return [_complete(table) for table in found]

    def many(self, point: np.ndarray) -> np.ndarray:
        """Simulate a point that is allowed with ``spread`` replicates."""
        table = _complete(self._simulator.simulate([point], [range(self.spread)])[0])
        if table is None:
            raise InputError("the best point has no statistics: use more --replicates")
        return table


def _expected(settings: Settings, k: int) -> int:
    points = 3 * k + 7 * len(STEP_SHARES) + CHECKED + 3
    return points * settings.replicates + 3 * settings.spread


def _unusable(targets: Sequence[Target], sample: np.ndarray) -> dict[str, str]:
    known = np.isfinite(sample)
    reasons = {}
    for at, target in enumerate(targets):
        values = sample[known[:, at], at]
        if len(values) == 0:
            reasons[target.label] = "the scenario does not simulate it"
        elif len(values) < len(sample) / 2:
            reasons[target.label] = "most trials have no such number"
        elif np.ptp(values) == 0.0:
            reasons[target.label] = f"it is {values[0]:g} in every trial"
    return reasons


def _filled(table: np.ndarray) -> np.ndarray:
    """Put a statistic's mean where single replicates have none."""
    return np.where(np.isnan(table), np.nanmean(table, axis=0), table)


def _complete(table: np.ndarray | None) -> np.ndarray | None:
    if table is None or np.isnan(table).all(axis=0).any():
        return None
    return _filled(table)


def _weights(
    sample: np.ndarray, targets: Sequence[Target], replicates: int, floor: np.ndarray
) -> tuple[Weights, float]:
    """Return the weights of means over some replicates, and the shrinkage of correlations.

    No variance is below the floor, (t,): a rare event may be missing in every trial of a sample.
    """
    covariance, shrinkage = shrunk_covariance(sample)
    np.fill_diagonal(covariance, np.maximum(np.diag(covariance), floor))
    covariance *= 1.0 + 1.0 / replicates
    limits = np.array([published_on_scale(target)[1:] for target in targets])
    variance = (limits[:, 1] - limits[:, 0]) ** 2 / 12.0
    return Weights.of(covariance + np.diag(variance)), shrinkage


def _last_step(
    posterior: Posterior,
    slopes: np.ndarray,
    after: np.ndarray,
    published: np.ndarray,
    weights: Weights,
    points: _Points,
) -> tuple[Posterior, np.ndarray]:
    """Take a step on all of the replicates; keep it if the distance falls."""
    point = posterior.point
    step, _ = newton_step(posterior.slopes, published - after.mean(axis=0), point, weights)
    moved = np.clip(point + step, -FURTHEST, FURTHEST)
    if points.few([moved])[0] is None:
        return posterior, after
    found = points.many(moved)
    now = distance(published, after, point, weights)
    if distance(published, found, moved, weights) >= now:
        return posterior, after
    return laplace(moved, slopes, weights), found
