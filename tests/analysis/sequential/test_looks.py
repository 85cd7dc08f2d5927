from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from analysis.data.estimates import failed_estimate, normal_estimate, student_estimate
from analysis.decision.rule import AGAINST, IN_FAVOUR, NEITHER, Rule
from analysis.sequential.expected import expected_course
from analysis.sequential.group_sequential import classical_bounds, crossing_probabilities
from analysis.sequential.looks import (
    EFFICACY,
    FINISHED,
    FUTILITY,
    GO_ON,
    HARM,
    NO_ESTIMATE,
    NOT_HELD,
    Seen,
    looks_table,
    reported,
)
from analysis.sequential.monitoring import monitor
from scenarios.design.interim import Interim

LABEL = ("clda", "rmdq", "3 months", "difference")
HALF = (0.5,)
THIRDS = (1 / 3, 2 / 3)


TWO_SIDED = Rule("two_sided", 0.05, 0.0, 1.0)
ONE_SIDED = Rule("superiority", 0.025, 0.0, 1.0)


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
        share = now / information[-1]
        found.append(Seen(fraction, share, 100.0 * number, 50 * number, 40 * number, estimate))
    return found


def held(z, information=(0.5, 1.0), interim=None, rule=TWO_SIDED):
    interim = design() if interim is None else interim
    return monitor(seen(z, information, interim.looks), interim, rule, confidence=0.95)


def test_a_boundary_reached_stops_the_trial():
    trial = held([3.0, 1.0])
    assert [verdict.decision for verdict in trial.verdicts] == [EFFICACY, NOT_HELD]
    assert trial.stopped
    assert trial.verdicts[0].boundary == pytest.approx(2.797, abs=0.0005)
    # A trial that stops at its first look has the P value and limits of a fixed one.
    plain = trial.seen[0].estimate
    assert trial.estimate.p == pytest.approx(plain.p)
    assert [trial.estimate.lower, trial.estimate.upper] == pytest.approx([plain.lower, plain.upper])


def test_either_side_counts_and_only_one_of_them_is_efficacy():
    up, down = held([0.5, 2.0]), held([-0.5, -2.0])
    assert (up.verdicts[-1].decision, down.verdicts[-1].decision) == (EFFICACY, HARM)
    assert (up.estimate.decision, down.estimate.decision) == (IN_FAVOUR, AGAINST)
    assert up.median_unbiased == pytest.approx(-down.median_unbiased)
    assert up.estimate.p == pytest.approx(down.estimate.p)
    assert up.estimate.lower == pytest.approx(-down.estimate.upper)
    assert up.estimate.upper == pytest.approx(-down.estimate.lower)


def test_what_rejects_in_a_fixed_trial_may_not_at_the_end_of_one_with_looks():
    trial = held([0.5, 1.968])
    assert trial.seen[-1].estimate.p < 0.05
    assert trial.verdicts[-1].decision == FINISHED
    assert trial.estimate.p > 0.05
    assert trial.estimate.lower < 0.0


def test_a_harmful_app_is_stopped_for_harm():
    trial = held([-3.0, 1.0])
    assert [verdict.decision for verdict in trial.verdicts] == [HARM, NOT_HELD]
    lower_is_better = Rule("two_sided", 0.05, 0.0, -1.0)
    assert held([-3.0, 1.0], rule=lower_is_better).verdicts[0].decision == EFFICACY
    assert held([3.0, 1.0], rule=lower_is_better).verdicts[0].decision == HARM
    # A test of one side has no boundary for harm; a trial without futility goes on.
    one = held([-3.0, -3.0], rule=ONE_SIDED)
    assert [verdict.decision for verdict in one.verdicts] == [GO_ON, FINISHED]
    assert one.estimate.decision == AGAINST
    assert one.estimate.p_decision > 0.99


def test_a_trend_towards_harm_is_futile():
    futile = design(futility=0.1)
    trial = held([-2.5, 3.0], interim=futile)
    assert trial.verdicts[0].decision == FUTILITY
    assert trial.verdicts[0].conditional_power < 1e-6
    # It did not reach the boundary of harm, and its P value does not say that it had.
    assert trial.estimate.decision == NEITHER
    assert trial.estimate.p > 0.05
    assert trial.estimate.upper > 0.0
    assert held([-2.9, 3.0], interim=futile).verdicts[0].decision == HARM


def test_conditional_power_is_of_the_information_there_is():
    little, much = held([1.0, 0.0], (0.4, 1.0)), held([1.0, 0.0], (0.7, 1.0))
    for trial, share in ((little, 0.4), (much, 0.7)):
        verdict = trial.verdicts[0]
        bound = trial.verdicts[-1].boundary
        rest = stats.norm(1.0 / np.sqrt(share), np.sqrt(1.0 - share))
        assert verdict.conditional_power == pytest.approx(rest.sf(bound), abs=1e-9)


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
    rejected |= trial.verdicts[trial.last].decision == HARM
    edge = abs(abs(trial.verdicts[trial.last].statistic) - trial.verdicts[trial.last].boundary)
    if edge > 1e-6:
        assert (trial.estimate.p < 0.05) == rejected
        assert (trial.estimate.decision in (IN_FAVOUR, AGAINST)) == rejected
        assert (trial.estimate.lower > 0.0 or trial.estimate.upper < 0.0) == rejected
    assert trial.estimate.lower < trial.estimate.upper


def simulated(drift: float, interim: Interim, replicates: int, rule=TWO_SIDED):
    """Trials whose scores are a Brownian motion with a drift, information as planned."""
    t = np.array([*interim.looks, 1.0])
    steps = np.random.default_rng(11).standard_normal((replicates, len(t)))
    score = np.cumsum(steps * np.sqrt(np.diff(t, prepend=0.0)), axis=1) + drift * t
    return [held(row, t, interim, rule) for row in score / np.sqrt(t)]


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("drift", "looks", "futility"),
    [
        (-1.5, THIRDS, 0.1),
        (2.8, (0.3, 0.95), 0.5),
        pytest.param(0.0, THIRDS, 0.1, marks=pytest.mark.slow),
        pytest.param(2.8, THIRDS, 0.1, marks=pytest.mark.slow),
        pytest.param(-1.5, (0.3, 0.95), 0.5, marks=pytest.mark.slow),
        pytest.param(0.0, (0.3, 0.95), 0.5, marks=pytest.mark.slow),
    ],
)
def test_trials_end_as_the_theory_says(drift, looks, futility):
    interim, replicates = design(looks, "pocock", futility), 400
    trials = simulated(drift, interim, replicates)
    found = expected_course(interim, TWO_SIDED, np.array([*looks, 1.0]), drift)
    by_theory = {EFFICACY: found.efficacy, HARM: found.harm, FUTILITY: found.futility}
    for decision, chances in by_theory.items():
        for look, chance in enumerate(chances):
            share = np.mean([t.last == look and t.verdicts[look].decision == decision
                             for t in trials])  # fmt: skip
            assert abs(share - chance) <= 3.5 * np.sqrt(chance * (1.0 - chance) / replicates)


def test_the_statistic_of_a_t_test_has_its_p_value():
    estimate = student_estimate(LABEL, -1.0, 0.4, 25.0, 30, 0.95)
    z = TWO_SIDED.statistic(estimate)
    assert z < 0.0
    assert 2.0 * stats.norm.sf(abs(z)) == pytest.approx(estimate.p)
    assert TWO_SIDED.statistic(failed_estimate(LABEL, 3, "no")) is None


def test_only_the_primary_difference_allows_for_the_looks():
    trial = held([0.5, 1.968])
    plain = trial.seen[-1].estimate
    other = replace(plain, visit="6 weeks")
    assert reported([trial], [plain, other]) == [trial.estimate, other]


def test_the_table_has_every_look_also_those_not_held():
    table = looks_table([held([3.0, 1.0])], 7).to_pylist()
    assert [row["decision"] for row in table] == [EFFICACY, NOT_HELD]
    assert [row["replicate"] for row in table] == [7, 7]
    assert table[1]["p"] == pytest.approx(2.0 * stats.norm.sf(1.0))
    assert table[1]["boundary"] is None


@pytest.mark.parametrize("futility", [0.0, 0.2])
@pytest.mark.parametrize("rule", [TWO_SIDED, ONE_SIDED])
def test_a_harmful_effect_is_never_efficacy(rule, futility):
    """By theory, where it can be told exactly, and in simulated trials."""
    interim, drift = design(THIRDS, "pocock", futility), -4.0
    by_theory = expected_course(interim, rule, np.array([1.0, 2.0, 3.0]), drift)
    assert by_theory.efficacy.sum() < 1e-5
    for trial in simulated(drift, interim, 60, rule):
        assert all(verdict.decision != EFFICACY for verdict in trial.verdicts)
        assert trial.estimate.decision != IN_FAVOUR


@pytest.mark.parametrize("rule", [TWO_SIDED, ONE_SIDED])
@pytest.mark.parametrize("futility", [0.0, 0.5])
def test_no_effect_is_found_in_favour_by_half_of_alpha_at_most(rule, futility):
    by_theory = expected_course(design(THIRDS, "pocock", futility), rule, np.array([1.0, 2, 3]), 0)
    assert by_theory.efficacy.sum() <= 0.025 + 1e-9
    assert by_theory.harm.sum() <= (0.025 + 1e-9 if rule is TWO_SIDED else 0.0)


@pytest.mark.parametrize("rule", [TWO_SIDED, ONE_SIDED])
def test_a_trial_to_its_end_has_the_numbers_of_rpact(rule):
    """Row GS12 of the reference values: 3 equal looks, Z 2.4669 at the end, estimate 17/30."""
    z, estimate = 2.46688067864, 17 / 30
    information = np.array([1.0, 2.0, 3.0]) * (z / estimate) ** 2 / 3.0
    trial = held([1.0, 1.5, z], information, design(THIRDS), rule)
    found = trial.estimate
    one_sided = found.p / 2.0 if rule is TWO_SIDED else found.p_decision
    assert one_sided == pytest.approx(0.01134536643, abs=1e-8)
    assert (found.lower, found.upper) == pytest.approx((0.0784957227, 1.004350699), abs=1e-8)
    # The trial over- and underestimates it with equal chances.
    assert found.lower < trial.median_unbiased < found.estimate
    t = information / information[-1]
    bounds = np.array([v.boundary for v in trial.verdicts])
    bounds[-1] = z
    drift = trial.median_unbiased / estimate * z
    assert crossing_probabilities(t, bounds, drift).upper.sum() == pytest.approx(0.5, abs=1e-6)


def test_non_inferiority_is_held_against_its_margin():
    rule = Rule("non_inferiority", 0.025, 2.0, -1.0)
    # Lower is better, standard error 1: a difference of +0.1 is 1.9 errors within the margin.
    estimate = normal_estimate(LABEL, 0.1, 1.0, 10, 0.95)
    half = normal_estimate(LABEL, 0.1, 2.0**0.5, 10, 0.95)
    both = [Seen(0.5, 0.5, 1.0, 50, 40, half), Seen(1.0, 1.0, 2.0, 100, 90, estimate)]
    trial = monitor(both, design(), rule, confidence=0.95)
    assert trial.verdicts[-1].statistic == pytest.approx(1.9)
    assert trial.verdicts[-1].decision == FINISHED
    assert trial.estimate.upper > 2.0
    assert trial.estimate.p_decision > 0.025
    better = replace(estimate, estimate=-0.1)
    trial = monitor([both[0], replace(both[1], estimate=better)], design(), rule, confidence=0.95)
    assert trial.verdicts[-1].decision == EFFICACY
    assert trial.estimate.decision == IN_FAVOUR
    assert trial.estimate.upper < 2.0
    # There is no difference from 0.
    assert trial.estimate.p > 0.5
