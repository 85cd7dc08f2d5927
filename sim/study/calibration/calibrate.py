"""Fits the free parameters of a scenario to published numbers, and says what these identify."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.replicates.targets import published_on_scale
from scenarios.errors import InputError
from scenarios.free_parameters import ParameterSpace
from scenarios.targets import Target
from sim.study.calibration.check import (
    Check,
    how_far_apart,
    posterior_draws,
    posterior_predictive,
)
from sim.study.calibration.design import design_points
from sim.study.calibration.emulator import Emulator, Learned, Wave, learn
from sim.study.calibration.kept import KeptSteps
from sim.study.calibration.optimum import Posterior, Starts, find_posterior
from sim.study.calibration.pseudo_trials import PseudoTrials, fit_pseudo_trials
from sim.study.calibration.simulation import Simulator
from sim.study.calibration.weights import Weights, distance, shrunk_covariance, target_weights
from sim.study.executors import Executor
from sim.study.executors.one_thread import one_thread
from sim.study.progress import Advance, Counter

WIDTH = 2.0
"""SDs of a wave's design, in those of the posterior before it; none exceeds that of the prior."""
STILL = 0.33
"""Root mean square over parameters of the move of the best point from one wave to the next, in
posterior SDs, up to which the waves have converged."""
AGREES = 0.15
"""How far apart emulator and simulation may be at the best point; see ``Check.apart``."""
USUAL = 4
"""Waves that a calibration of some 50 parameters needs."""
FEWEST = 3
"""Points a wave needs for each parameter."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is simulated.

    Attributes
    ----------
    points, replicates
        Of each wave, and trials at each point. All trials have random numbers of their own: mean
        and covariance are of many independent trials.
    waves
        Most of them.
    spread
        Trials at the prior means, at the best point, and at draws from the posterior.
    draws
        Parameter sets of the posterior sample.
    """

    points: int = 400
    replicates: int = 4
    waves: int = 5
    spread: int = 200
    draws: int = 500


@dataclass(frozen=True, slots=True)
class Round:
    """What a wave led to.

    Attributes
    ----------
    trials
        That it has; points that the scenario does not allow, and trials that failed, are left out.
    learned_from
        These, and those of earlier waves that are in its design.
    distance
        At the best point of the emulator.
    moved
        Of the best point since the wave before: root mean square over parameters, in posterior
        SDs.
    starts
        How far searches from several starts agree.
    """

    trials: int
    learned_from: int
    distance: float
    moved: float
    starts: Starts


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
    seed
        Of the simulated trials: one of their own, so that a validation at the scenario's own seed
        is of other trials.
    before, after
        (spread, t) statistics at the prior mean and at the best point.
    shrinkage
        Of the correlations, 0 to 1.
    rounds
        The waves.
    converged
        Whether the best point moved no further, and emulator and simulation agree there.
    posterior
        Around the best point.
    distances
        At the prior mean and at the best point, with simulated means over ``spread`` trials and
        the weights of the best point.
    draws
        (draws, k) posterior sample, in prior SDs.
    refused
        Draws that the scenario does not allow, which were drawn anew.
    check
        Of emulator and fit, by simulation.
    from_prior, from_last
        Pseudo-trials, with parameters from the prior and from around the best point.
    simulated
        Replicates simulated in all.
    failures
        Reason of each replicate that raised.
    """

    space: ParameterSpace
    targets: tuple[Target, ...]
    left_out: dict[str, str]
    published: np.ndarray
    seed: int
    before: np.ndarray
    after: np.ndarray
    shrinkage: float
    rounds: tuple[Round, ...]
    converged: bool
    posterior: Posterior
    distances: tuple[float, float]
    draws: np.ndarray
    refused: int
    check: Check
    from_prior: PseudoTrials
    from_last: PseudoTrials
    simulated: int
    failures: tuple[str, ...]


@one_thread()
def calibrate(
    space: ParameterSpace,
    targets: Sequence[Target],
    executor: Executor,
    settings: Settings,
    on_progress: Advance,
    steps: KeptSteps | None = None,
) -> Calibration:
    """Fit the free parameters to targets.

    The distance of :mod:`.weights` is minimized on an emulator, which is learned in waves: the
    first over the prior, each other around the best point so far, as wide as the posterior needs;
    these are added up as far as they are near each other. The waves end when the best point stays
    and the trials simulated there agree with the emulator.

    Raises
    ------
    InputError
        If no target is simulated by the scenario, no trial runs at the prior means, or there are
        too few points.
    """
    if settings.points < FEWEST * (len(space) + 1):
        raise InputError(
            f"--points {settings.points} is not allowed: must be at least "
            f"{FEWEST * (len(space) + 1)} for {len(space)} parameters"
        )
    counter = Counter(on_progress, _expected(settings, 0), guess=True)
    scout = Simulator(space, targets, executor, counter, steps)
    origin = np.zeros(len(space))
    sample = scout.simulate([origin], [range(settings.spread)])[0]
    if sample is None:
        raise InputError("the scenario is not allowed at the prior means")
    if len(counter.failures) == settings.spread:
        raise InputError(f"no trial runs at the prior means: {counter.failures[0]}")
    left_out = _unusable(targets, sample)
    keep = [at for at, target in enumerate(targets) if target.label not in left_out]
    if not keep:
        raise InputError("none of the targets is simulated by this scenario")
    kept = tuple(targets[at] for at in keep)
    before = _filled(sample[:, keep])
    waves = _Waves(Simulator(space, kept, executor, counter, steps), settings, before)
    while True:
        waves.next()
        if not waves.still and len(waves.rounds) < settings.waves:
            counter.expect(_expected(settings, len(waves.rounds)) - settings.spread)
            continue
        counter.expect(2 * settings.spread)
        after = waves.at_best()
        apart = how_far_apart(
            waves.last.emulator, waves.posterior.point, after, waves.spread, waves.share
        )
        if apart <= AGREES or len(waves.rounds) >= settings.waves:
            break
    posterior, emulator = waves.posterior, waves.last.emulator
    draws, refused = posterior_draws(posterior, scout, settings.draws)
    drawn = draws[: settings.spread]
    predictive = waves.trials(drawn, 1)[:, 0]
    known = np.isfinite(predictive).any(axis=1)
    predictive = _filled(predictive[known])
    discrepancy, p = posterior_predictive(posterior, emulator, kept, drawn[known], predictive)
    counter.finish()
    published = waves.published
    return Calibration(
        space=space,
        targets=kept,
        left_out=left_out,
        published=published,
        seed=scout.seed,
        before=before,
        after=after,
        shrinkage=waves.shrinkage,
        rounds=tuple(waves.rounds),
        converged=waves.still and apart <= AGREES,
        posterior=posterior,
        distances=(
            distance(published, before.mean(axis=0), origin, posterior.weights),
            distance(published, after.mean(axis=0), posterior.point, posterior.weights),
        ),
        draws=draws,
        refused=refused,
        check=Check(apart, predictive, discrepancy, p),
        from_prior=fit_pseudo_trials(Emulator(), waves.first, waves.floor),
        from_last=fit_pseudo_trials(waves.earlier, waves.last, waves.floor),
        simulated=counter.done,
        failures=tuple(counter.failures),
    )


class _Waves:
    """The waves so far, and where they led.

    Parameters
    ----------
    simulator
        Of the targets that are fitted to.
    settings
        How much is simulated.
    before
        (r, t) trials at the prior mean.
    """

    def __init__(self, simulator: Simulator, settings: Settings, before: np.ndarray) -> None:
        self._simulator = simulator
        self._settings = settings
        self._used = len(before)
        self._targets = simulator.targets
        # No variance is below this: a rare event may be missing in every trial of a wave.
        self.floor = before.var(axis=0, ddof=1) / 100.0
        self.published = np.array([published_on_scale(target)[0] for target in self._targets])
        self.rounds: list[Round] = []
        self._around: list[Wave] = []
        self.earlier = Emulator()
        self.first: Learned
        self.last: Learned
        self.posterior: Posterior
        self.spread: Weights
        self.shrinkage = 0.0

    @property
    def still(self) -> bool:
        """Whether the best point stayed in the last wave."""
        return len(self.rounds) > 1 and self.rounds[-1].moved <= STILL

    @property
    def share(self) -> float:
        """Variance of the emulator at the best point, as a share of that of a trial."""
        return self.last.error_share(self.posterior.point)

    def next(self) -> None:
        """Simulate a wave, learn from it, and find the best point."""
        new = self._simulated()
        wave = new.with_near(self._around)
        if self.rounds:
            self.earlier = self.first.emulator
            self._around.append(new)
        try:
            self.last = learn(self.earlier, wave)
        except ValueError as error:
            raise InputError(f"a wave is too small: {error}: use more --points") from None
        covariance, self.shrinkage = shrunk_covariance(self.last.residuals)
        np.fill_diagonal(covariance, np.maximum(np.diag(covariance), self.floor))
        self.spread = Weights.of(covariance)
        old = self.posterior.point if self.rounds else np.zeros(wave.points.shape[1])
        where = old
        for _ in range(2):  # the error of the emulator depends on where the best point is
            weights = target_weights(covariance, self._targets, self.last.error_share(where))
            posterior, starts = find_posterior(self.last.emulator, self.published, weights)
            where = posterior.point
        there = self.last.emulator.predict(where[None])[0]
        moved = float(np.sqrt(np.mean(((posterior.point - old) / posterior.sd) ** 2)))
        found = distance(self.published, there, posterior.point, posterior.weights)
        self.posterior = posterior
        if not self.rounds:
            self.first = self.last
        self.rounds.append(Round(len(new.points), len(wave.points), found, moved, starts))

    def at_best(self) -> np.ndarray:
        """Return (spread, t) trials at the best point."""
        count = self._settings.spread
        found = self._simulator.simulate(
            [self.posterior.point], [range(self._used, self._used + count)]
        )[0]
        self._used += count
        if found is None:
            raise InputError("the best point is not allowed by the scenario")
        return _filled(found[np.isfinite(found).any(axis=1)])

    def trials(self, points: np.ndarray, each: int) -> np.ndarray:
        """Return (n, each, t) of trials at each point, all with random numbers of their own.

        Trials of points that are not allowed, and those that fail, are NaN.
        """
        first = [self._used + each * at for at in range(len(points))]
        self._used += each * len(points)
        tables = self._simulator.simulate(list(points), [range(at, at + each) for at in first])
        nothing = np.full((each, len(self._targets)), np.nan)
        return np.stack([nothing if table is None else table for table in tables])

    def _simulated(self) -> Wave:
        k = len(self._simulator.space)
        centre, root = np.zeros(k), np.eye(k)
        if self.rounds:
            values, vectors = np.linalg.eigh(self.posterior.covariance)
            centre = self.posterior.point
            root = vectors * np.minimum(WIDTH * np.sqrt(values), 1.0)
        points = design_points(centre, root, self._settings.points, seed=len(self.rounds))
        each = self._settings.replicates
        statistics = self.trials(points, each).reshape(-1, len(self._targets))
        there = np.isfinite(statistics).any(axis=1)
        number = np.repeat(np.arange(len(points)), each)[there]
        return Wave(centre, root, points[number], _filled(statistics[there]), number)


def _expected(settings: Settings, waves: int) -> int:
    """Return about how many trials are to come: most calibrations need :data:`USUAL` waves."""
    more = max(min(USUAL, settings.waves) - waves, 1)
    return more * settings.points * settings.replicates + 3 * settings.spread


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
    """Put a statistic's mean where single trials have none.

    Raises
    ------
    InputError
        If no trial has it.
    """
    known = np.isfinite(table)
    if not known.any(axis=0).all():
        raise InputError("some targets have no number in any trial of a wave: use more --points")
    return np.where(known, table, np.nanmean(np.where(known, table, np.nan), axis=0))
