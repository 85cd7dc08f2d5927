"""Recovery of known parameters, in a trial of normal scores that simulates in milliseconds."""

import numpy as np
import pandas as pd
import pytest

from scenarios.errors import InputError
from scenarios.free_parameters import FreeParameter, ParameterSpace
from scenarios.loading.layers import merge
from scenarios.targets import Target
from sim.study.calibration.calibrate import AGREES, Settings, calibrate
from sim.study.calibration.report import (
    distance_table,
    parameter_table,
    summary,
    target_table,
)
from sim.study.calibration.simulation import least_plan
from sim.study.executors import JoblibExecutor

SCENARIO = "planned_2018"
FAST = ["trial.sample_size=60", "followup.dropout=0.1"]
TRUTH = {"course.means.2": 8.1, "course.effect.1": -1.2, "course.sd.2": 5.0}
SETTINGS = Settings(points=40, replicates=5, spread=60, draws=100)


def free(key, transform="identity", sd=1.5):
    return FreeParameter(key=key, transform=transform, sd=sd, source="a test")


FREE = (
    free("course.means.2"),
    free("course.effect.1"),
    free("course.sd.2", "log", 0.3),
    free("activity.daily_sd", "log", 0.3),  # a normal course has no steps
)


def target(label, value, table="summaries", column=None, **select):
    return Target(
        section="Recovery", label=label, value=value, source="simulated", role="calibration",
        table=table, select=select, column=column, decimals=3,
    )  # fmt: skip


def targets(mean, difference, sd):
    at = {"outcome": "rmdq", "visit": "3 months"}
    return (
        target("mean", mean, quantity="mean", arm="control", **at),
        target("difference", difference, "estimates", analysis="clda", **at),
        target("SD", sd, quantity="sd", arm="control", **at),
        target("size", 60.0, quantity="n", arm="all"),
        target("nothing of the kind", 1.0, quantity="x", arm="all"),
    )


@pytest.fixture(scope="module")
def space():
    return ParameterSpace(FREE, merge(SCENARIO, FAST), "free.toml")


def fitted(space, published):
    seen = []
    found = calibrate(space, published, JoblibExecutor(1), SETTINGS, lambda *now: seen.append(now))
    assert seen[0][0] == 0
    assert seen[-1] == (found.simulated, found.simulated)
    return found


@pytest.fixture(scope="module")
def found(space):
    return fitted(
        space, targets(TRUTH["course.means.2"], TRUTH["course.effect.1"], TRUTH["course.sd.2"])
    )


def test_known_parameters_are_recovered(found):
    # Published numbers without sampling error: what is left is the Monte Carlo error of the waves,
    # some 20 trials for each of their coefficients, and the pull of the prior.
    assert found.converged
    values = dict(zip(found.space.keys, found.space.values(found.posterior.point), strict=True))
    sd = dict(zip(found.space.keys, found.posterior.sd, strict=True))
    scale = {"course.means.2": 1.5, "course.effect.1": 1.5, "course.sd.2": 0.3 * 5.0}
    for at, key in enumerate(TRUTH):
        prior_pull = scale[key] * sd[key] ** 2 * abs(found.posterior.point[at])
        bound = prior_pull + 4.0 * scale[key] * sd[key] / np.sqrt(20.0)
        assert abs(values[key] - TRUTH[key]) < bound


def test_the_posterior_is_as_wide_as_one_trial_leaves_it(found):
    # The mean of 27 to 30 normal scores with SD 5 has a standard error of about 0.94, to be put
    # together with a prior SD of 1.5; 200 trials give a standard error within 5%.
    expected = 1.0 / np.sqrt(1.0 / 0.94**2 + 1.0 / 1.5**2)
    assert expected / 1.2 < 1.5 * found.posterior.sd[0] < 1.2 * expected


def test_a_parameter_that_no_target_depends_on_is_not_identified(found):
    table = parameter_table(found).set_index("key")
    assert table.loc["activity.daily_sd", "identification"] == "not identified"
    assert table.loc["activity.daily_sd", "contraction"] == pytest.approx(0.0, abs=1e-12)
    assert table.loc["activity.daily_sd", "informed_by"] == ""
    assert table.loc["activity.daily_sd", "moved"] == 0.0
    assert table["held"].tolist() == [False, False, False, True]
    assert (table.loc[list(TRUTH), "identification"] != "not identified").all()
    assert table.loc["course.effect.1", "informed_by"].startswith("difference")
    assert table.loc["course.sd.2", "informed_by"].startswith("SD")


def test_targets_that_cannot_be_fitted_are_left_out_with_the_reason(found):
    assert [t.label for t in found.targets] == ["mean", "difference", "SD"]
    assert found.left_out == {
        "size": "it is 60 in every trial",
        "nothing of the kind": "the scenario does not simulate it",
    }


def test_the_fit_brings_the_statistics_to_the_targets(found):
    table = target_table(found).set_index("label")
    assert (table["z"].abs() < table["z_before"].abs()).all()
    assert found.distances[1] < found.distances[0]


def test_the_sample_has_the_moments_of_the_posterior(found):
    n = len(found.draws)
    error = found.posterior.sd / np.sqrt(n)
    assert (np.abs(found.draws.mean(axis=0) - found.posterior.point) < 4.0 * error).all()
    ratio = found.draws.std(axis=0, ddof=1) / found.posterior.sd
    assert (np.abs(ratio - 1.0) < 4.0 / np.sqrt(2.0 * n)).all()


@pytest.mark.slow
def test_parameters_that_do_the_same_are_told_to_be_confounded():
    # A mean and an effect for everybody: only their sum is seen in the app arm.
    both = ParameterSpace(
        (free("course.means.2"), free("course.effect.1")), merge(SCENARIO, FAST), "free.toml"
    )
    seen = target(
        "app arm", 6.0, quantity="mean", arm="intervention", outcome="rmdq", visit="3 months"
    )
    quick = Settings(points=60, replicates=4, waves=1, spread=20, draws=10)
    found = calibrate(both, (seen,), JoblibExecutor(1), quick, lambda *_: None)
    assert found.posterior.correlation[0, 1] < -0.6
    assert found.posterior.correlation[0, 1] == pytest.approx(
        -found.posterior.contraction.mean() / (1.0 - found.posterior.contraction.mean()), abs=0.1
    )


def test_a_fit_says_how_good_it_is_for_what_it_had_to_fit(found):
    told = summary(found, 1.0)
    right = told["expected_distance"]
    assert right["expected"] == 3.0
    # A chi-squared variable with 3 degrees of freedom; 40 pseudo-trials, SD of the mean 0.39.
    assert abs(right["pseudo_trials"] - 3.0) < 4.0 * np.sqrt(6.0 / 40.0)
    assert 1.0 < right["effective_number"] < 3.0  # a mean and a difference from it
    parts = right["of_targets_expected"] + right["of_prior_expected"]
    assert parts == pytest.approx(3.0)
    assert 0.0 < told["posterior_predictive_p"] <= 1.0
    assert told["emulator_apart"] <= AGREES
    for each in told["pseudo_trials"].values():
        # 40 trials of 4 parameters, of which two depend on each other.
        assert abs(each["coverage_95"] - 0.95) < 4.0 * np.sqrt(0.95 * 0.05 / 100.0)
    assert (distance_table(found)["targets"] == 3).all()


def test_a_calibration_simulates_other_trials_than_the_scenario_at_its_seed(found):
    assert found.seed != found.space.merged.data["seed"]


@pytest.mark.slow
def test_what_is_found_does_not_depend_on_the_workers(space, found):
    again = calibrate(space, targets(*TRUTH.values()), JoblibExecutor(2), SETTINGS, lambda *_: None)
    np.testing.assert_array_equal(again.draws, found.draws)
    pd.testing.assert_frame_equal(target_table(again), target_table(found))


def test_a_trial_that_fails_is_reported_and_the_others_go_on(space, monkeypatch):
    from sim.replicates import compared  # noqa: PLC0415

    run = compared.run_trial

    def brittle(scenario, replicate, **more):
        if replicate == 1:
            raise ZeroDivisionError("for a test")
        return run(scenario, replicate, **more)

    monkeypatch.setattr(compared, "run_trial", brittle)
    quick = Settings(points=40, waves=1, spread=10, draws=3)
    found = calibrate(space, targets(*TRUTH.values()), JoblibExecutor(1), quick, lambda *_: None)
    assert set(found.failures) == {"ZeroDivisionError: for a test"}
    assert np.isfinite(found.after).all()

    def broken(*_given, **_more):
        raise ZeroDivisionError("for a test")

    monkeypatch.setattr(compared, "run_trial", broken)
    with pytest.raises(InputError, match="no trial runs at the prior means: ZeroDivisionError"):
        calibrate(space, targets(*TRUTH.values()), JoblibExecutor(1), quick, lambda *_: None)


def test_only_what_targets_need_is_analysed(small):
    plan, outcomes = small.analysis, small.scales
    at = {"outcome": "pseq", "visit": "3 months"}
    lean = least_plan(plan, (target("x", 1.0, quantity="mean", arm="all", **at),), outcomes)
    assert lean.continuous == ("rmdq", "pseq")
    assert (lean.responder_points, lean.secondary_response, lean.sensitivity) == ((), {}, ())
    response = target("y", 0.4, quantity="response 4", arm="all", outcome="rmdq", visit="3 months")
    assert least_plan(plan, (response,), outcomes).responder_points == (4,)
    imputed = target("z", 0.4, "estimates", analysis="clda multiple imputation", outcome="rmdq")
    assert least_plan(plan, (imputed,), outcomes).sensitivity == ("multiple imputation",)
