import numpy as np
import pytest

from sim.study.calibration.gauss_newton import gauss_newton, newton_step
from sim.study.calibration.laplace import laplace
from sim.study.calibration.slopes import jacobian, noise_share, trusted
from sim.study.calibration.weights import Weights, distance, shrunk_covariance

RNG = np.random.default_rng(20210802)
SLOPES = RNG.standard_normal((6, 3))
LUCK = RNG.standard_normal((4, 6))
PUBLISHED = RNG.standard_normal(6)
ROOT = RNG.standard_normal((6, 6))
WEIGHTS = Weights.of(ROOT @ ROOT.T + np.eye(6))


def linear(points):
    """Statistics that are linear in the parameters: their noise does not depend on the point."""
    return [SLOPES @ point + LUCK for point in points]


def closed_form():
    """The posterior of a linear Gaussian model with a standard normal prior."""
    inverse = np.linalg.inv(WEIGHTS.covariance)
    covariance = np.linalg.inv(SLOPES.T @ inverse @ SLOPES + np.eye(3))
    return covariance @ SLOPES.T @ inverse @ (PUBLISHED - LUCK.mean(axis=0)), covariance


def test_a_linear_gaussian_model_gives_the_closed_form():
    mean, covariance = closed_form()
    fit = gauss_newton(linear, PUBLISHED, WEIGHTS, np.zeros(3), step=0.2, iterations=8)
    assert fit.converged
    np.testing.assert_allclose(fit.point, mean, atol=1e-9)
    posterior = laplace(fit.point, fit.slopes, WEIGHTS)
    np.testing.assert_allclose(posterior.covariance, covariance, rtol=1e-9)
    np.testing.assert_allclose(posterior.contraction, 1.0 - np.diag(covariance), rtol=1e-9)


def test_the_gain_is_how_the_mean_follows_a_published_number():
    fit = gauss_newton(linear, PUBLISHED, WEIGHTS, np.zeros(3), step=0.2, iterations=8)
    posterior = laplace(fit.point, fit.slopes, WEIGHTS)
    for target in range(6):
        one = np.sqrt(WEIGHTS.covariance[target, target])
        other = gauss_newton(
            linear, PUBLISHED + one * np.eye(6)[target], WEIGHTS, np.zeros(3),
            step=0.2, iterations=8,
        )  # fmt: skip
        moved = (other.point - fit.point) / posterior.sd
        np.testing.assert_allclose(moved, posterior.gain[:, target], atol=1e-9)


def test_a_curved_model_is_fitted_to_a_stationary_point():
    def curved(points):
        return [SLOPES @ point + 0.3 * np.sin(SLOPES @ point) + LUCK for point in points]

    fit = gauss_newton(curved, PUBLISHED, WEIGHTS, np.zeros(3), step=0.01, iterations=20)
    assert fit.converged
    assert (np.diff(fit.distances) <= 0.0).all()
    residual = PUBLISHED - fit.statistics.mean(axis=0)
    _, fall = newton_step(fit.slopes.mean(axis=0), residual, fit.point, WEIGHTS)
    assert fall < 1.0


def test_a_point_that_is_not_allowed_is_gone_round():
    def walled(points):
        return [None if point[0] > 0.05 else linear([point])[0] for point in points]

    fit = gauss_newton(walled, PUBLISHED, WEIGHTS, np.zeros(3), step=0.2, iterations=5)
    assert fit.point[0] <= 0.05
    np.testing.assert_allclose(fit.slopes.mean(axis=0), SLOPES, atol=1e-9)


def test_a_start_that_is_not_allowed_is_refused():
    with pytest.raises(ValueError, match="start"):
        gauss_newton(
            lambda points: [None for _ in points], PUBLISHED, WEIGHTS, np.zeros(3),
            step=0.2, iterations=5,
        )  # fmt: skip


def test_differences_are_taken_on_the_side_that_is_allowed():
    def right_only(points):
        return [None if point[1] < 0.0 else linear([point])[0] for point in points]

    slopes = jacobian(right_only, np.zeros(3), LUCK, np.full(3, 0.1), central=True)
    np.testing.assert_allclose(slopes, np.broadcast_to(SLOPES, (4, 6, 3)), atol=1e-9)


def test_noise_is_no_information():
    replicates, t, k = 8, 200, 40
    slopes = np.random.default_rng(3).standard_normal((replicates, t, k))
    weights = Weights.of(np.eye(t))
    # Untreated, 200 targets of noise alone hold an information of 200 / 8 = 25: a contraction of
    # 0.96. What is taken off is two standard errors beyond it, so 1 in 44 keeps something.
    assert (noise_share(slopes, weights) > 0.7).all()
    contraction = laplace(np.zeros(k), slopes, weights).contraction
    assert (contraction < 0.1).sum() >= 36  # at most 4 of 40, where 1 is expected


def test_slopes_beyond_their_noise_are_kept():
    rng = np.random.default_rng(4)
    truth = np.zeros((200, 1))
    truth[:20] = 2.0
    slopes = truth + rng.standard_normal((8, 200, 1)) * 0.5
    kept = trusted(slopes, Weights.of(np.eye(200)))
    # Errors are 0.5 / sqrt(8) = 0.18: slopes of 2 lose 2 (0.18 / 2)^2 = 2% and little more.
    np.testing.assert_allclose(kept[:20], 2.0, atol=5 * 0.18)
    assert 0.9 * 80.0 < (kept**2).sum() < 1.1 * 80.0


def test_the_distance_holds_the_prior():
    point = np.array([1.0, -2.0, 0.5])
    exact = np.broadcast_to(PUBLISHED, (4, 6))
    assert distance(PUBLISHED, exact, point, WEIGHTS) == pytest.approx(point @ point)


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
