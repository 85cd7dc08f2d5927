import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from analysis.contrasts.declared import against_reference, weights_matrix
from analysis.multiplicity.dunnett import dunnett, dunnett_step_down
from analysis.multiplicity.intervals import bonferroni_intervals, dunnett_intervals
from analysis.multiplicity.joint import (
    Joint,
    critical_value,
    joint_contrasts,
    largest_tail,
    tail,
)
from analysis.multiplicity.stepwise import bonferroni, holm
from scenarios.errors import InputError

ERROR = 2e-4
"""Of integrals under the t distribution, with a margin; those under the normal are below 2e-5."""


def equicorrelated(m: int, rho: float = 0.5) -> np.ndarray:
    return np.full((m, m), rho) + (1.0 - rho) * np.eye(m)


def of_statistics(z, correlation, df=np.inf) -> Joint:
    return Joint(np.array(z, dtype=float), np.asarray(correlation), df)


@pytest.mark.parametrize(("arms", "published"), [(2, 2.2121), (3, 2.3490)])
def test_critical_values_of_known_variance_are_the_published_ones(arms, published):
    """MULT1: equal arms against a control, 1-sided .025 and 2-sided .05 alike to 1e-4."""
    one = critical_value(equicorrelated(arms), 0.025, np.inf, 1)
    two = critical_value(equicorrelated(arms), 0.05, np.inf, 2)
    assert one == pytest.approx(published, abs=2e-4)
    assert two == pytest.approx(published, abs=2e-4)


@pytest.mark.parametrize(
    ("df", "published"), [(10, (2.57, 2.76)), (20, (2.38, 2.54)), (60, (2.27, 2.41))]
)
def test_2_sided_critical_values_of_t_are_the_published_ones(df, published):
    """Dunnett (1964), Biometrics 20:482-491, table II: two and three arms against a control."""
    found = [critical_value(equicorrelated(m), 0.05, df, 2) for m in (2, 3)]
    assert found == pytest.approx(published, abs=0.0051)


@pytest.mark.parametrize("sides", [1, 2])
def test_equicorrelated_normal_is_one_integral_over_the_common_arm(sides):
    """A closed form: given the common part of all statistics they are independent."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    for m in (2, 3, 5):
        for t in (0.5, 1.96, 2.5):
            upper = special.ndtr((t - nodes * np.sqrt(0.5)) / np.sqrt(0.5))
            lower = special.ndtr((-t - nodes * np.sqrt(0.5)) / np.sqrt(0.5)) * (sides == 2)
            exact = 1.0 - ((upper - lower) ** m) @ weights / np.sqrt(2.0 * np.pi)
            found = largest_tail(t, equicorrelated(m), np.inf, sides)
            assert found == pytest.approx(exact, abs=2e-5)


@pytest.mark.parametrize(("sides", "alternative"), [(1, "greater"), (2, "two-sided")])
def test_adjusted_p_values_and_intervals_are_those_of_scipys_dunnett(sides, alternative):
    """Another implementation, which starts from the data of a one-way layout."""
    rng = np.random.default_rng(5)
    arms = [rng.normal(mean, 2.0, size) for mean, size in ((0, 12), (1.5, 9), (2.2, 15), (0.4, 10))]
    n = np.array([len(arm) for arm in arms])
    df = n.sum() - len(arms)
    variance = sum(((arm - arm.mean()) ** 2).sum() for arm in arms) / df
    weights = weights_matrix(against_reference(["0", "1", "2", "3"]))
    joint = joint_contrasts(
        np.array([arm.mean() for arm in arms]), np.diag(variance / n), weights, df
    )
    theirs = stats.dunnett(*arms[1:], control=arms[0], alternative=alternative, rng=1)
    assert dunnett(joint, sides=sides) == pytest.approx(theirs.pvalue, abs=2 * ERROR)
    limits = dunnett_intervals(joint, 0.95, sides=sides)
    interval = theirs.confidence_interval(0.95)
    assert limits[:, 0] == pytest.approx(interval.low, abs=0.01)
    if sides == 2:
        assert limits[:, 1] == pytest.approx(interval.high, abs=0.01)
    else:
        assert np.isinf(limits[:, 1]).all()


def test_all_pairs_of_equal_arms_are_tukeys_studentized_range():
    """A closed form, and a singular covariance: three contrasts of three means have rank 2."""
    pairs = np.array([[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0], [0.0, -1.0, 1.0]])
    for df in (20.0, np.inf):
        joint = joint_contrasts(np.array([0.0, 1.5, 2.5]), np.eye(3) / 2.0, pairs, df)
        t = joint.estimate / joint.se
        exact = stats.studentized_range.sf(np.abs(t) * np.sqrt(2.0), 3, df)
        assert dunnett(joint) == pytest.approx(exact, abs=3e-4)


@st.composite
def joints(draw):
    m = draw(st.integers(1, 3))
    loading = np.array(draw(st.lists(st.floats(-0.95, 0.95), min_size=m, max_size=m)))
    correlation = np.outer(loading, loading)
    np.fill_diagonal(correlation, 1.0)
    se = np.array(draw(st.lists(st.floats(0.1, 3.0), min_size=m, max_size=m)))
    z = np.array(draw(st.lists(st.floats(-4.0, 4.0), min_size=m, max_size=m)))
    df = draw(st.sampled_from([5.0, 40.5, np.inf]))
    return Joint(z * se, correlation * np.outer(se, se), df)


@settings(max_examples=25)
@given(joints(), st.sampled_from([1, 2]))
def test_dunnett_is_between_no_adjustment_and_bonferroni(joint, sides):
    t = joint.estimate / joint.se
    unadjusted = np.minimum(tail(np.abs(t) if sides == 2 else t, joint.common_df, sides), 1.0)
    single, down = dunnett(joint, sides=sides), dunnett_step_down(joint, sides=sides)
    assert (unadjusted <= down + 1e-12).all()
    assert (down <= single + ERROR).all()
    assert (single <= bonferroni(unadjusted) + ERROR).all()
    assert (down <= holm(unadjusted) + ERROR).all()
    strength = np.argsort(-(np.abs(t) if sides == 2 else t), kind="stable")
    assert (np.diff(single[strength]) >= 0.0).all()
    assert (np.diff(down[strength]) >= 0.0).all()


@settings(max_examples=20)
@given(joints())
def test_an_interval_leaves_out_0_where_the_test_rejects(joint):
    adjusted = dunnett(joint)
    limits = dunnett_intervals(joint, 0.95)
    without = (limits[:, 0] > 0.0) | (limits[:, 1] < 0.0)
    clear = np.abs(adjusted - 0.05) > 2 * ERROR
    assert (without == (adjusted <= 0.05))[clear].all()
    wide = bonferroni_intervals(joint, 0.95)
    assert (wide[:, 0] <= limits[:, 0] + 0.01).all()
    assert (wide[:, 1] >= limits[:, 1] - 0.01).all()


def test_uncorrelated_statistics_have_sidaks_p_value():
    joint = of_statistics([2.0, 1.0, -2.5], np.eye(3))
    two = tail(np.abs(joint.estimate), np.inf, 2)
    assert dunnett(joint) == pytest.approx(1.0 - (1.0 - two) ** 3, abs=2e-5)


def test_statistics_that_are_one_need_no_adjustment():
    joint = of_statistics([2.0, 2.0], np.ones((2, 2)), 30.0)
    alone = float(2 * stats.t.sf(2.0, 30.0))
    assert dunnett(joint) == pytest.approx([alone, alone], abs=ERROR)
    assert critical_value(np.ones((2, 2)), 0.05, 30.0, 2) == pytest.approx(
        stats.t.isf(0.025, 30.0), abs=0.005
    )


def test_step_down_holds_each_against_those_left():
    joint = of_statistics([3.0, 2.1, 0.5], equicorrelated(3))
    down = dunnett_step_down(joint, sides=1)
    expected = [largest_tail(t, equicorrelated(m), np.inf, 1) for t, m in ((3.0, 3), (2.1, 2))]
    assert down == pytest.approx([*expected, float(special.ndtr(-0.5))])


def test_where_lower_is_better_signs_turn():
    up = of_statistics([2.0, -0.3], equicorrelated(2))
    mixed = Joint(up.estimate * [1, -1], up.covariance * np.outer([1, -1], [1, -1]))
    assert dunnett(mixed, sides=1, better=np.array([1.0, -1.0])) == pytest.approx(
        dunnett(up, sides=1), abs=1e-9
    )
    limits = dunnett_intervals(mixed, 0.95, sides=1, better=np.array([1.0, -1.0]))
    assert np.isneginf(limits[1, 0])
    assert np.isposinf(limits[0, 1])


def test_a_margin_moves_the_null():
    joint = of_statistics([0.5, 0.0], equicorrelated(2))
    moved = of_statistics([2.5, 2.0], equicorrelated(2))
    assert dunnett(joint, sides=1, null=-2.0).tolist() == dunnett(moved, sides=1).tolist()


@pytest.mark.parametrize("procedure", [dunnett, dunnett_step_down])
def test_a_missing_estimate_stays_in_the_family(procedure):
    covariance = equicorrelated(3)
    covariance[1] = covariance[:, 1] = np.nan
    joint = Joint(np.array([2.3, np.nan, 1.0]), covariance, np.array([50.0, np.nan, 50.0]))
    adjusted = procedure(joint)
    assert np.isnan(adjusted).tolist() == [False, True, False]
    two = procedure(of_statistics([2.3, 1.0], equicorrelated(2), 50.0))
    three = procedure(of_statistics([2.3, 0.0, 1.0], equicorrelated(3), 50.0))
    assert adjusted[0] > two[0] + 2 * ERROR
    # Without correlation it counts for more than with its own.
    assert adjusted[0] >= three[0] - ERROR
    assert np.isnan(dunnett_intervals(joint, 0.95)).all(axis=1).tolist() == [False, True, False]


def test_a_family_without_any_estimate_has_no_p_value():
    joint = Joint(np.full(2, np.nan), np.full((2, 2), np.nan))
    assert np.isnan(dunnett(joint)).all()
    assert np.isnan(dunnett_intervals(joint, 0.95)).all()


def test_the_same_family_has_the_same_p_value_again():
    joint = of_statistics([2.0, 1.4, 1.1], equicorrelated(3), 17.0)
    assert dunnett(joint).tolist() == dunnett(joint).tolist()


@pytest.mark.parametrize(
    ("covariance", "df"),
    [
        (np.eye(3), np.inf),
        (np.array([[1.0, 0.5], [0.2, 1.0]]), np.inf),
        (np.diag([1.0, 0.0]), np.inf),
        (np.eye(2), 0.0),
    ],
)
def test_what_is_no_joint_distribution_is_refused(covariance, df):
    with pytest.raises(ValueError, match=r"covariance|degrees of freedom"):
        Joint(np.zeros(2), covariance, df)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, float("nan")])
def test_confidence_is_above_0_and_below_1(confidence):
    for intervals in (bonferroni_intervals, dunnett_intervals):
        with pytest.raises(InputError, match=r"^confidence: .* must be above 0 and below 1$"):
            intervals(of_statistics([1.0], np.eye(1)), confidence)


def test_bonferroni_intervals_have_degrees_of_freedom_of_their_own():
    joint = Joint(np.array([1.0, 2.0]), np.diag([4.0, 9.0]), np.array([10.0, np.inf]))
    reach = np.array([stats.t.isf(0.0125, 10), stats.norm.isf(0.0125)]) * [2.0, 3.0]
    limits = bonferroni_intervals(joint, 0.95)
    assert limits == pytest.approx(
        np.column_stack([joint.estimate - reach, joint.estimate + reach])
    )


@pytest.mark.parametrize("df", [12, np.inf])
def test_family_wise_error_in_simulated_trials_of_three_arms_is_alpha(df):
    """5,000 trials without effect of unequal arms; the bound is 3 Monte Carlo errors."""
    rng = np.random.default_rng(20210802)
    n = np.array([8.0, 4.0, 3.0])
    trials = 5000
    weights = weights_matrix(against_reference(["0", "1", "2"]))
    estimates = (rng.normal(size=(trials, 3)) / np.sqrt(n)) @ weights.T
    variance = rng.chisquare(df, trials) / df if np.isfinite(df) else np.ones(trials)
    joint = joint_contrasts(np.zeros(3), np.diag(1.0 / n), weights, df)
    t = np.abs(estimates) / joint.se / np.sqrt(variance)[:, None]
    bound = critical_value(joint.correlation, 0.05, df, 2)
    mcse = np.sqrt(0.05 * 0.95 / trials)
    assert (t.max(axis=1) >= bound).mean() == pytest.approx(0.05, abs=3 * mcse)
    # Without adjustment it is far above.
    assert (t.max(axis=1) >= stats.t.isf(0.025, df)).mean() > 0.05 + 6 * mcse
