"""The emulator and the search on it, against closed forms and known functions."""

import numpy as np
import pytest

from scenarios.targets import Target
from sim.study.calibration.design import OUTERMOST, design_points
from sim.study.calibration.emulator import Emulator, Part, Wave, learn
from sim.study.calibration.optimum import find_posterior, laplace
from sim.study.calibration.pseudo_trials import fit_pseudo_trials
from sim.study.calibration.shrinkage import shrunken
from sim.study.calibration.weights import Weights, distance, shrunk_covariance, target_weights

RNG = np.random.default_rng(20210802)
SLOPES = RNG.standard_normal((6, 3))
PUBLISHED = RNG.standard_normal(6)
ROOT = RNG.standard_normal((6, 6))
WEIGHTS = Weights.of(ROOT @ ROOT.T + np.eye(6))


def linear(slopes):
    k = slopes.shape[1]
    return Emulator((Part(np.zeros(k), np.eye(k), np.zeros(len(slopes)), slopes.T,
                          np.zeros((k, len(slopes)))),))  # fmt: skip


def closed_form(slopes=SLOPES):
    """The posterior of a linear Gaussian model with a standard normal prior."""
    inverse = np.linalg.inv(WEIGHTS.covariance)
    covariance = np.linalg.inv(slopes.T @ inverse @ slopes + np.eye(slopes.shape[1]))
    return covariance @ slopes.T @ inverse @ PUBLISHED, covariance


def wave_of(function, points, noise, *, root=None, centre=None, each=1, seed=1):
    """Trials of a known function with noise of a known covariance root."""
    k = 3 if centre is None else len(centre)
    centre = np.zeros(k) if centre is None else centre
    root = np.eye(k) if root is None else root
    at = np.repeat(design_points(centre, root, points, seed=seed), each, axis=0)
    noisy = np.random.default_rng(seed).standard_normal((len(at), len(noise))) @ noise.T
    return Wave(centre, root, at, function(at) + noisy, np.repeat(np.arange(points), each))


def test_a_linear_gaussian_model_gives_the_closed_form():
    mean, covariance = closed_form()
    posterior, starts = find_posterior(linear(SLOPES), PUBLISHED, WEIGHTS)
    assert not posterior.held.any()
    np.testing.assert_allclose(posterior.point, mean, atol=1e-5)
    np.testing.assert_allclose(posterior.covariance, covariance, rtol=1e-9)
    assert starts.together == starts.count
    assert starts.worst == pytest.approx(0.0, abs=1e-6)


def test_the_gain_is_how_the_mean_follows_a_published_number():
    posterior, _ = find_posterior(linear(SLOPES), PUBLISHED, WEIGHTS)
    for target in range(6):
        one = np.sqrt(WEIGHTS.covariance[target, target]) * np.eye(6)[target]
        other, _ = find_posterior(linear(SLOPES), PUBLISHED + one, WEIGHTS)
        moved = (other.point - posterior.point) / posterior.sd
        np.testing.assert_allclose(moved, posterior.gain[:, target], atol=1e-4)


def test_a_parameter_that_is_hardly_informed_is_held_and_leaves_its_part_open():
    slopes = np.column_stack([SLOPES, 0.05 * SLOPES[:, 0]])
    posterior, _ = find_posterior(linear(slopes), PUBLISHED, WEIGHTS)
    assert posterior.held.tolist() == [False, False, False, True]
    assert posterior.point[3] == 0.0
    np.testing.assert_array_equal(posterior.covariance[3], [0.0, 0.0, 0.0, 1.0])
    # With the slopes of what is held in the covariance, the others are as if it were integrated
    # out before the targets were seen.
    opened = WEIGHTS.covariance + np.outer(slopes[:, 3], slopes[:, 3])
    expected = np.linalg.inv(SLOPES.T @ np.linalg.inv(opened) @ SLOPES + np.eye(3))
    np.testing.assert_allclose(posterior.covariance[:3, :3], expected, rtol=1e-9)


def test_a_design_fills_its_ellipsoid_evenly():
    root = np.array([[1.0, 0.0], [0.6, 0.8]])
    found = design_points(np.array([0.5, 0.0]), root, 256, seed=3)
    # Sobol points: the error of a mean falls faster than with 1 / sqrt(256) = 0.06. Drawing the
    # outermost in takes 1% of the variance.
    np.testing.assert_allclose(found.mean(axis=0), [0.5, 0.0], atol=0.02)
    np.testing.assert_allclose(np.cov(found.T), root @ root.T, atol=0.06)
    v = np.linalg.solve(root, (found - [0.5, 0.0]).T)
    assert np.abs(v).max() <= OUTERMOST + 1e-12
    assert not np.array_equal(found, design_points(np.array([0.5, 0.0]), root, 256, seed=4))


def test_coefficients_of_noise_vanish_and_others_stay():
    rng = np.random.default_rng(3)
    error = np.array([[0.03], [0.03]])
    truth = np.zeros((2, 200))
    truth[1, :20] = 0.5
    kept = shrunken(truth + error * rng.standard_normal(truth.shape), error)
    # Untreated, 200 coefficients of noise alone hold an information of 200 x 0.0009 = 0.18.
    assert (kept[0] ** 2).sum() < 0.02
    assert (kept[1, 20:] ** 2).sum() < 0.02
    np.testing.assert_allclose(kept[1, :20], 0.5, atol=4.5 * 0.03)


def test_a_wave_learns_means_slopes_and_the_covariance_of_a_trial():
    noise = np.linalg.cholesky(WEIGHTS.covariance)

    def bent(points):
        return points @ SLOPES.T + 0.3 * points[:, :1] ** 2

    learned = learn(Emulator(), wave_of(bent, 400, noise, each=4))
    assert learned.residuals.shape == (1600, 6)
    sd = np.sqrt(np.diag(WEIGHTS.covariance))
    covariance = learned.residuals.T @ learned.residuals / len(learned.residuals)
    # Of 1,600 trials, a variance is known within sqrt(2 / 1600) = 3.5%.
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), sd, rtol=4.0 * 0.018)
    here = np.array([0.3, -0.5, 0.2])
    error = sd * np.sqrt(learned.error_share(here))
    found = learned.emulator.predict(here[None])[0]
    assert (np.abs(found - bent(here[None])[0]) < 4.0 * error + 0.02).all()
    slopes = SLOPES + 0.6 * here[0] * np.array([1.0, 0.0, 0.0])
    # A shrunken coefficient may lose some of its standard errors besides.
    assert (np.abs(learned.emulator.slopes(here) - slopes) < 7.0 * sd[:, None] / 40.0).all()


def test_waves_close_in_on_what_no_parabola_describes():
    noise = 0.2 * np.eye(6)

    def wavy(points):
        along = points @ SLOPES.T
        return along + np.sin(1.5 * along)

    truth = np.array([0.8, -0.6, 0.4])
    numbers = wavy(truth[None])[0]
    first = learn(Emulator(), wave_of(wavy, 300, noise))
    spread = Weights.of(noise @ noise.T)
    rough, _ = find_posterior(first.emulator, numbers, spread)
    centre, learned = rough.point, first
    for seed in (2, 3):
        wave = wave_of(wavy, 300, noise, root=0.3 * np.eye(3), centre=centre, seed=seed)
        learned = learn(learned.emulator, wave)
        fine, _ = find_posterior(learned.emulator, numbers, spread)
        centre = fine.point
    assert np.abs(fine.point - truth).max() < np.abs(rough.point - truth).max()
    assert (np.abs(fine.point - truth) < 3.0 * fine.sd).all()
    assert np.abs(learned.emulator.predict(truth[None])[0] - numbers).max() < 0.2


def test_posteriors_of_pseudo_trials_hold_what_they_say():
    noise = np.linalg.cholesky(WEIGHTS.covariance)
    learned = learn(Emulator(), wave_of(lambda at: at @ SLOPES.T, 200, noise, each=2))
    found = fit_pseudo_trials(Emulator(), learned, np.zeros(6))
    assert found.quantiles.shape == (200, 3)
    for level in (0.5, 0.95):
        bound = 4.0 * np.sqrt(level * (1.0 - level) / 200)
        assert (np.abs(found.coverage(level) - level) < bound).all()
    assert (found.uniformity() > 1e-4).all()
    # Chi-squared with 6 degrees of freedom: the mean of 200 has an SD of sqrt(12 / 200).
    assert abs(found.distances.mean() - 6.0) < 4.5 * np.sqrt(12.0 / 200) + 0.3
    # A posterior that is too narrow would be found out.
    narrow = learn(Emulator(), learned.wave)
    scaled = type(narrow)(narrow.emulator, narrow.residuals / 3.0, narrow.leverages, narrow.wave)
    assert fit_pseudo_trials(Emulator(), scaled, np.zeros(6)).coverage(0.95).max() < 0.9


def test_a_wave_of_too_few_points_is_refused():
    wave = wave_of(lambda at: at @ SLOPES.T, 7, np.eye(6), each=10)
    with pytest.raises(ValueError, match="7 points are too few for 4 coefficients"):
        learn(Emulator(), wave)


def test_the_distance_holds_the_prior():
    point = np.array([1.0, -2.0, 0.5])
    assert distance(PUBLISHED, PUBLISHED, point, WEIGHTS) == pytest.approx(point @ point)
    assert laplace(linear(0.0 * SLOPES), point, WEIGHTS, np.ones(3, bool)).contraction == (
        pytest.approx(0.0)
    )


def test_a_number_of_another_study_has_its_own_error_and_no_part_in_the_trials():
    def target(**more):
        return Target(section="s", label="l", value=0.4, source="x", role="calibration",
                      table="flow", select={}, **more)  # fmt: skip

    spread = np.array([[4.0, 1.0], [1.0, 9.0]])
    found = target_weights(spread, (target(decimals=0), target(study="other", se=0.5)), 0.1)
    expected = [[4.4 + 1.0 / 12.0, 0.1], [0.1, 0.25 + 0.9]]
    np.testing.assert_allclose(found.covariance, expected)


def test_correlations_are_shrunk_and_variances_are_not():
    truth = np.array([[1.0, 0.8, 0.0], [0.8, 1.0, 0.0], [0.0, 0.0, 1.0]])
    rng = np.random.default_rng(1)
    few = rng.multivariate_normal(np.zeros(3), truth, size=12)
    many = rng.multivariate_normal(np.zeros(3), truth, size=20_000)
    covariance, intensity = shrunk_covariance(few)
    raw = np.cov(few.T)
    np.testing.assert_allclose(np.diag(covariance), np.diag(raw))
    assert 0.0 < intensity < 1.0
    np.testing.assert_allclose(covariance[0, 1], (1.0 - intensity) * raw[0, 1])
    _, small = shrunk_covariance(many)
    assert small < 0.01
    assert np.isfinite(shrunk_covariance(np.column_stack([few, np.ones(12)]))[0]).all()
