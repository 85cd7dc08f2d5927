"""Fits the free parameters of a scenario to published numbers, and says what these identify."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.targets import published_on_scale
from scenarios.errors import InputError
from scenarios.free_parameters import ParameterSpace
from scenarios.targets import Target
from sim.study.calibration_fit import (
    FURTHEST,
    STEP_SHARES,
    Fit,
    Posterior,
    Weights,
    distance,
    gauss_newton,
    laplace,
    newton_step,
    shrunk_covariance,
)
from sim.study.calibration_simulation import Simulator
from sim.study.executors import Executor

DRAWS_SEED = 0x5E1FBACC
"""Of the posterior sample, so that it depends on nothing but the fit."""

CHECKED = 16
"""Posterior draws simulated to check the Laplace approximation."""


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
        At most so many.
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
class Check:
    """Posterior draws simulated, beside what the Laplace approximation says of them.

    Attributes
    ----------
    draws
        How many.
    explained
        Share of the squared change of the mean statistics, draw against best point on the same
        luck and in predictive SDs, that the linear approximation explains.
    remainder
        Root mean square of what it does not explain, in predictive SDs. Monte Carlo error is taken
        off this, the share, and the bias.
    bias
        Root mean square over targets of the remainder's mean over draws.
    statistics
        (draws x replicates, t) of single trials: the posterior predictive.
    """

    draws: int
    explained: float
    remainder: float
    bias: float
    statistics: np.ndarray


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
    on_progress: Callable[[int, int], None],
) -> Calibration:
    """Fit the free parameters to targets.

    The distance of :mod:`sim.study.calibration_fit` is minimized with the predictive covariance
    at the prior mean, over ``replicates`` trials with the same luck at every point. At the
    minimum the covariance is estimated again and a last step is taken on ``spread`` trials, which
    leaves little Monte Carlo error; there the posterior is Laplace's.

    Raises
    ------
    InputError
        If no target is simulated by the scenario, or no trial runs at the prior means.
    """
    counter = _Counter(on_progress, _expected(settings, len(space)))
    scout = Simulator(space, targets, executor, counter)
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
    points = _Points(Simulator(space, kept, executor, counter), settings)
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
    draws, refused = _draws(posterior, scout, settings.draws)
    check = _check(posterior, draws, weights, points)
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


class _Counter:
    """Counts replicates; the total is a guess until the end."""

    def __init__(self, on_progress: Callable[[int, int], None], total: int) -> None:
        self.done = 0
        self.failures: list[str] = []
        self._total = total
        self._report = on_progress
        on_progress(0, total)

    def __call__(self, failure: str) -> None:
        self.done += 1
        if failure:
            self.failures.append(failure)
        self._report(self.done, max(self._total, self.done + 1))

    def expect(self, more: int) -> None:
        """Say how many are to come."""
        self._total = self.done + more

    def finish(self) -> None:
        self._report(self.done, self.done)


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


def _draws(posterior: Posterior, simulator: Simulator, count: int) -> tuple[np.ndarray, int]:
    rng = np.random.default_rng(DRAWS_SEED)
    root = np.linalg.cholesky(posterior.covariance)
    kept: list[np.ndarray] = []
    refused = 0
    while len(kept) < count:
        point = posterior.point + root @ rng.standard_normal(len(root))
        if simulator.scenario(point) is None:
            refused += 1
            if refused > 20 * count:
                raise InputError(
                    "hardly any draw of the posterior is allowed by the scenario: "
                    "choose transforms that respect its limits"
                )
            continue
        kept.append(point)
    return np.stack(kept), refused


def _check(
    posterior: Posterior,
    draws: np.ndarray,
    weights: Weights,
    points: _Points,
) -> Check:
    """Simulate draws with the luck of the search, and compare with the linear approximation."""
    used = list(draws[:CHECKED])
    tables = points.few([posterior.point, *used])
    here = tables[0]
    if here is None:
        raise InputError("the best point has no statistics: use more --replicates")
    sd = np.sqrt(np.diag(weights.covariance))
    change, remainder, noise = [], [], []
    for draw, table in zip(used, tables[1:], strict=True):
        if table is None:
            continue
        each = (table - here) / sd
        change.append(each.mean(axis=0))
        remainder.append(change[-1] - posterior.slopes @ (draw - posterior.point) / sd)
        noise.append(each.var(axis=0, ddof=1) / len(each))
    luck = float(np.mean(noise))
    moved, left = float(np.mean(np.square(change))), float(np.mean(np.square(remainder)))
    centred = np.mean(remainder, axis=0)
    bias = float(np.mean(centred**2) - np.mean(np.var(remainder, axis=0, ddof=1)) / len(remainder))
    known = [table for table in tables[1:] if table is not None]
    return Check(
        draws=len(known),
        explained=1.0 - max(left - luck, 0.0) / max(moved - luck, 1e-12),
        remainder=float(np.sqrt(max(left - luck, 0.0))),
        bias=float(np.sqrt(max(bias, 0.0))),
        statistics=np.concatenate(known),
    )
