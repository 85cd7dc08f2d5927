import numpy as np
import pytest

from analysis.contrasts.declared import against_reference, declared_contrast, weights_matrix
from analysis.multiplicity.joint import joint_contrasts
from scenarios.errors import InputError

ARMS = ["usual care", "app", "sham"]


def test_every_arm_is_compared_with_the_reference():
    found = against_reference(ARMS, "app")
    assert [each.name for each in found] == ["usual care - app", "sham - app"]
    assert weights_matrix(found).tolist() == [[1.0, -1.0, 0.0], [0.0, -1.0, 1.0]]


def test_contrasts_with_one_reference_are_correlated_by_the_size_of_its_arm():
    """A closed form: cov is the reference's variance, so rho = n_i / (n_i + n_0) for equal arms."""
    n = np.array([100.0, 50.0, 50.0])
    weights = weights_matrix(against_reference(ARMS))
    joint = joint_contrasts(np.array([1.0, 3.0, 2.0]), np.diag(4.0 / n), weights)
    assert joint.estimate.tolist() == [2.0, 1.0]
    assert joint.se == pytest.approx(np.sqrt([4 / 50 + 4 / 100] * 2))
    assert joint.correlation[0, 1] == pytest.approx(50 / 150)


def test_declared_weights_stand_in_the_order_of_the_arms():
    found = declared_contrast("any", {"sham": 0.5, "app": 0.5, "usual care": -1}, ARMS)
    assert found.weights == (-1.0, 0.5, 0.5)


def test_what_decimals_leave_of_a_sum_of_0_is_taken_off():
    arms = [f"arm{n}" for n in range(32)]
    written = {**dict.fromkeys(arms[1:], round(1 / 31, 6)), arms[0]: -1.0}
    found = declared_contrast("mean", written, arms)
    assert sum(found.weights) == pytest.approx(0.0, abs=1e-15)
    assert found.weights == pytest.approx([-1.0, *[1 / 31] * 31], abs=1e-6)
    assert found.arms == tuple(range(32))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (
            {"app": 1.0, "sham": -0.5},
            "contrasts.x.weights: the sum 0.5 is not allowed: must be 0, as 2 - 1 - 1",
        ),
        ({"ap": 1.0, "sham": -1.0}, "contrasts.x.weights: 'ap' is no arm: did you mean 'app'?"),
        (
            {"zzz": 1.0, "sham": -1.0},
            "contrasts.x.weights: 'zzz' is no arm: must be among usual care, app, sham",
        ),
        (
            {"app": float("inf"), "sham": -1.0},
            "contrasts.x.weights.app: inf is not allowed: must be finite",
        ),
        ({}, "contrasts.x.weights: all are 0: one arm at least must have another weight"),
        ({"app": 0.0}, "contrasts.x.weights: all are 0: one arm at least must have another weight"),
    ],
)
def test_what_is_no_contrast_is_said_in_one_line(weights, message):
    with pytest.raises(InputError) as error:
        declared_contrast("x", weights, ARMS)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("arms", "reference", "message"),
    [
        (["app"], None, "arms: 1 is not allowed: a contrast needs 2 or more"),
        (["a", "b", "a"], None, "arms: 'a' stands more than once: must have names of their own"),
        (ARMS, "shame", "reference: 'shame' is no arm: did you mean 'sham'?"),
    ],
)
def test_arms_that_cannot_be_compared_are_said_in_one_line(arms, reference, message):
    with pytest.raises(InputError) as error:
        against_reference(arms, reference)
    assert str(error.value) == message
