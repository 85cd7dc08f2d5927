import numpy as np
import pytest

from analysis.replicates.validation import PERFECT_MEAN_Z, agreement, compare
from scenarios.targets import Target


def target(value, role="calibration", **more):
    return Target(
        section="s", label="l", value=value, source="x", role=role, table="summaries",
        select={"quantity": "mean"}, **more,
    )  # fmt: skip


def test_a_right_model_is_said_to_be_right():
    # 400 independent targets of a model that is right. The share inside is binomial around 0.95,
    # the mean |z| around sqrt(2 / pi) with SD sqrt((1 - 2 / pi) / 400); the simulated quantiles
    # and SDs, of 2,000 trials, add little.
    rng = np.random.default_rng(5)
    simulated = rng.normal(10.0, 2.0, size=(2000, 400))
    published = rng.normal(10.0, 2.0, size=400)
    found = agreement(
        [compare(target(p), simulated[:, at]) for at, p in enumerate(published)], "calibration"
    )
    assert found.targets == 400
    assert abs(found.inside / 400 - 0.95) < 4.0 * np.sqrt(0.05 * 0.95 / 400)
    assert abs(found.mean_z - PERFECT_MEAN_Z) < 4.0 * np.sqrt((1.0 - 2.0 / np.pi) / 400)


def test_rounding_counts_for_what_was_printed():
    values = np.linspace(10.06, 10.2, 101)
    assert compare(target(10.0), values).inside is False
    assert compare(target(10.0, decimals=1), values).inside is False
    assert compare(target(10.0, half_width=0.07), values).inside is True


def test_z_is_on_the_scale_of_the_estimate():
    logs = np.array([0.1, 0.3, 0.5, 0.7])
    found = compare(target(1.76, transform="exp"), logs)
    assert found.z == pytest.approx((np.log(1.76) - 0.4) / logs.std(ddof=1))
    assert found.mean == pytest.approx(np.exp(logs).mean())
    # Rounding to whole numbers has variance 1 / 12.
    values = np.array([1.0, 2.0, 3.0])
    assert compare(target(4.0, decimals=0), values).z == pytest.approx(2.0 / np.sqrt(1.0 + 1 / 12))


def test_a_number_that_never_varies_has_no_z():
    same = compare(target(461.0), np.full(10, 461.0))
    assert (same.z, same.inside) == (None, True)
    other = compare(target(460.0), np.full(10, 461.0))
    assert (other.z, other.inside) == (None, False)
    found = agreement([same, other], "calibration")
    assert (found.targets, found.inside) == (2, 1)
    assert np.isnan(found.mean_z)


def test_only_replicates_that_have_the_number_are_compared():
    found = compare(target(1.0), np.array([np.nan, 1.0, 2.0, np.inf]))
    assert found.replicates == 2
    assert found.mean == 1.5
    nothing = compare(target(1.0), np.array([np.nan]))
    assert (nothing.replicates, nothing.inside, nothing.z) == (0, None, None)
    assert agreement([nothing], "calibration").targets == 0


def test_roles_are_counted_apart():
    values = np.linspace(0.0, 1.0, 101)
    both = [compare(target(0.5), values), compare(target(9.0, role="held-out"), values)]
    assert agreement(both, "calibration").inside == 1
    assert agreement(both, "held-out").inside == 0
    assert agreement(both, "implied").targets == 0
