from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from analysis.data.estimates import failed_estimate, normal_estimate, student_estimate
from analysis.sequential.group_sequential import classical_bounds, crossing_probabilities
from analysis.sequential.looks import (
    EFFICACY,
    FINISHED,
    FUTILITY,
    GO_ON,
    NO_ESTIMATE,
    NOT_HELD,
    Seen,
    expected_course,
    looks_table,
    monitor,
    statistic,
)
from scenarios.design.interim import Interim

LABEL = ("clda", "rmdq", "3 months", "difference")
HALF = (0.5,)
THIRDS = (1 / 3, 2 / 3)


def design(looks=HALF, boundary="obrien_fleming", futility=0.0) -> Interim:
    return Interim(looks=looks, boundary=boundary, futility=futility)


def seen(z, information, looks=HALF) -> list[Seen]:
    """Looks with given Z; None is a fit that failed."""
    found = []
    for number, (fraction, value, now) in enumerate(
        zip([*looks, 1.0], z, information, strict=True), start=1
    ):
        se = now**-0.5
        estimate = (
            failed_estimate(LABEL, 10, "no")
            if value is None
            else normal_estimate(LABEL, value * se, se, 10, 0.95)
        )
        found.append(Seen(fraction, 100.0 * number, 50 * number, 40 * number, estimate))
    return found


def held(z, information=(0.5, 1.0), interim=None):
    interim = design() if interim is None else interim
    return monitor(seen(z, information, interim.looks), interim, alpha=0.05, confidence=0.95)


def test_a_boundary_reached_stops_the_trial():
    trial = held([3.0, 1.0])
    assert [verdict.decision for verdict in trial.verdicts] == [EFFICACY, NOT_HELD]
    assert trial.stopped
    assert trial.verdicts[0].boundary == pytest.approx(2.797, abs=0.0005)
    # A trial that stops at its first look has the P value and limits of a fixed one.
    plain = trial.seen[0].estimate
    assert trial.estimate.p == pytest.approx(plain.p)
    assert [trial.estimate.lower, trial.estimate.upper] == pytest.approx([plain.lower, plain.upper])


def test_either_side_counts():
    up, down = held([0.5, 2.0]), held([-0.5, -2.0])
    assert up.verdicts[-1].decision == down.verdicts[-1].decision == EFFICACY
    assert up.estimate.p == pytest.approx(down.estimate.p)
    assert up.estimate.lower == pytest.approx(-down.estimate.upper)
    assert up.estimate.upper == pytest.approx(-down.estimate.lower)


def test_what_rejects_in_a_fixed_trial_may_not_at_the_end_of_one_with_looks():
    trial = held([0.5, 1.968])
    assert trial.seen[-1].estimate.p < 0.05
    assert trial.verdicts[-1].decision == FINISHED
    assert trial.estimate.p > 0.05
    assert trial.estimate.lower < 0.0


def test_low_conditional_power_stops_for_futility_where_asked():
    trial = held([0.4, 3.0], interim=design(futility=0.1))
    assert [v.decision for v in trial.verdicts] == [FUTILITY, NOT_HELD]
    assert trial.verdicts[0].conditional_power < 0.1
    assert held([0.4, 3.0]).verdicts[0].decision == GO_ON


def test_no_trial_stops_for_futility_with_a_p_value_below_alpha():
    late = design((0.3, 0.95), "pocock", 0.5)
    information = (0.3, 0.95, 1.0)
    goes_on, stops = (held([2.0, z, 0.0], information, late) for z in (2.18, 2.15))
    assert goes_on.verdicts[1].conditional_power < 0.5
    assert goes_on.verdicts[1].statistic < goes_on.verdicts[1].boundary
    assert [verdict.decision for verdict in goes_on.verdicts] == [GO_ON, GO_ON, FINISHED]
    # Had it ended there, its P value would have been below alpha.
    reached = np.array([goes_on.verdicts[0].boundary, 2.18])
    assert crossing_probabilities(np.array(information[:2]), reached).rejected < 0.05
    assert [verdict.decision for verdict in stops.verdicts] == [GO_ON, FUTILITY, NOT_HELD]
    assert stops.estimate.p > 0.05


def test_futility_does_not_move_the_boundaries():
    z = [1.5, 1.9, 1.0]
    plain = held(z, (1.0, 2.0, 3.0), design(THIRDS))
    futile = held(z, (1.0, 2.0, 3.0), design(THIRDS, futility=0.1))
    bounds = [[v.boundary for v in trial.verdicts] for trial in (plain, futile)]
    assert bounds[0] == bounds[1]
    assert bounds[0] == pytest.approx(
        classical_bounds("obrien_fleming", np.array([1, 2, 3]) / 3, 0.05), abs=1e-6
    )


def test_a_look_without_an_estimate_leaves_its_error_to_the_next():
    trial = held([None, 1.9, 1.0], (1.0, 2.0, 3.0), design(THIRDS, "pocock"))
    assert [v.decision for v in trial.verdicts] == [NO_ESTIMATE, GO_ON, FINISHED]
    # Both looks' error is spent at the second: its boundary is lower than Pocock's.
    assert trial.verdicts[1].boundary < 2.289
    found = crossing_probabilities(
        np.array([2.0, 3.0]), np.array([v.boundary for v in trial.verdicts[1:]])
    )
    assert found.rejected == pytest.approx(0.05)


def test_an_end_without_an_estimate_is_a_failure():
    trial = held([1.0, None])
    assert trial.verdicts[-1].decision == NO_ESTIMATE
    assert not trial.estimate.converged
    assert trial.estimate.p is None


def test_information_that_does_not_grow_is_no_harm():
    trial = held([1.0, 1.9, 2.1], (1.0, 0.98, 2.0), design(THIRDS, "pocock"))
    assert np.isfinite([v.boundary for v in trial.verdicts]).all()
    assert trial.verdicts[-1].boundary > special.ndtri(0.975)


@settings(max_examples=60)
@given(
    z=st.lists(st.floats(-4.5, 4.5), min_size=3, max_size=3),
    growth=st.lists(st.floats(0.1, 2.0), min_size=3, max_size=3),
    boundary=st.sampled_from(
        ["obrien_fleming", "pocock", "obrien_fleming_spending", "pocock_spending"]
    ),
    futility=st.sampled_from([0.0, 0.1, 0.5]),
    looks=st.sampled_from([THIRDS, (0.3, 0.95), (0.9, 0.95)]),
)
def test_the_p_value_is_below_alpha_where_the_trial_rejects(z, growth, boundary, futility, looks):
    trial = held(z, np.cumsum(growth), design(looks, boundary, futility))
    rejected = trial.verdicts[trial.last].decision == EFFICACY
    edge = abs(abs(trial.verdicts[trial.last].statistic) - trial.verdicts[trial.last].boundary)
    if edge > 1e-6:
        assert (trial.estimate.p < 0.05) == rejected
        assert (trial.estimate.lower > 0.0 or trial.estimate.upper < 0.0) == rejected
    assert trial.estimate.lower < trial.estimate.upper


def simulated(drift: float, interim: Interim, replicates: int):
    """Trials whose scores are a Brownian motion with a drift, information as planned."""
    t = np.array([*interim.looks, 1.0])
    steps = np.random.default_rng(11).standard_normal((replicates, len(t)))
    score = np.cumsum(steps * np.sqrt(np.diff(t, prepend=0.0)), axis=1) + drift * t
    return [held(row, t, interim) for row in score / np.sqrt(t)]


def test_p_values_are_uniform_and_limits_cover():
    replicates = 500
    error = np.sqrt(0.05 * 0.95 / replicates)
    null = simulated(0.0, design(HALF, "pocock"), replicates)
    p = np.array([trial.estimate.p for trial in null])
    assert abs((p < 0.05).mean() - 0.05) < 3.0 * error
    assert stats.kstest(p, "uniform").pvalue > 0.001
    drift = 2.5
    away = simulated(drift, design(HALF, "pocock"), replicates)
    covers = [trial.estimate.lower <= drift <= trial.estimate.upper for trial in away]
    assert abs(np.mean(covers) - 0.95) < 3.0 * error
    # Limits that do not allow for the looks do worse.
    plain = [trial.seen[trial.last].estimate for trial in away]
    assert np.mean([e.lower <= drift <= e.upper for e in plain]) < np.mean(covers)


@pytest.mark.parametrize(("looks", "futility"), [(THIRDS, 0.1), ((0.3, 0.95), 0.5)])
@pytest.mark.parametrize("drift", [0.0, 2.8])
def test_trials_end_as_the_theory_says(drift, looks, futility):
    interim, replicates = design(looks, "pocock", futility), 400
    trials = simulated(drift, interim, replicates)
    expected = expected_course(interim, 0.05, np.array([*looks, 1.0]), drift)
    for decision, chances in zip((EFFICACY, FUTILITY), expected, strict=True):
        for look, chance in enumerate(chances):
            share = np.mean([t.last == look and t.verdicts[look].decision == decision
                             for t in trials])  # fmt: skip
            assert abs(share - chance) <= 3.5 * np.sqrt(chance * (1.0 - chance) / replicates)


def test_the_statistic_of_a_t_test_has_its_p_value():
    estimate = student_estimate(LABEL, -1.0, 0.4, 25.0, 30, 0.95)
    z = statistic(estimate)
    assert z < 0.0
    assert 2.0 * stats.norm.sf(abs(z)) == pytest.approx(estimate.p)
    assert statistic(failed_estimate(LABEL, 3, "no")) is None


def test_only_the_primary_difference_allows_for_the_looks():
    trial = held([0.5, 1.968])
    plain = trial.seen[-1].estimate
    other = replace(plain, visit="6 weeks")
    assert trial.reported([plain, other]) == [trial.estimate, other]


def test_the_table_has_every_look_also_those_not_held():
    table = looks_table([held([3.0, 1.0])], 7).to_pylist()
    assert [row["decision"] for row in table] == [EFFICACY, NOT_HELD]
    assert [row["replicate"] for row in table] == [7, 7]
    assert table[1]["p"] == pytest.approx(2.0 * stats.norm.sf(1.0))
    assert table[1]["boundary"] is None
