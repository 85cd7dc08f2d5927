import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from analysis.decision.rule import AGAINST, IN_FAVOUR, NEITHER, NO_ANSWER
from analysis.multiplicity.family import decisions, rejected
from analysis.multiplicity.stepwise import bonferroni, fixed_sequence, hochberg, holm
from scenarios.errors import InputError

families = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=7).map(np.array)
PROCEDURES = (bonferroni, holm, hochberg, fixed_sequence)


@pytest.mark.parametrize(
    ("procedure", "name"),
    [(bonferroni, "bonferroni"), (holm, "holm"), (hochberg, "simes-hochberg")],
)
@settings(max_examples=12)  # its Holm collects garbage in every call
@given(p=families)
def test_adjusted_p_values_are_those_of_statsmodels(procedure, name, p):
    """Checked against another implementation."""
    assert procedure(p) == pytest.approx(multipletests(p, method=name)[1], abs=1e-15)


@given(p=families)
def test_hochberg_rejects_what_holm_does_and_holm_what_bonferroni_does(p):
    assert (hochberg(p) <= holm(p)).all()
    assert (holm(p) <= bonferroni(p)).all()


@pytest.mark.parametrize("procedure", PROCEDURES)
@given(p=families)
def test_adjusted_p_values_are_no_smaller_and_at_most_1(procedure, p):
    adjusted = procedure(p)
    assert ((p <= adjusted) & (adjusted <= 1.0)).all()


@pytest.mark.parametrize("procedure", [bonferroni, holm, hochberg])
@given(p=families)
def test_adjusted_p_values_rise_with_p_values(procedure, p):
    adjusted = procedure(p)[np.argsort(p, kind="stable")]
    assert (np.diff(adjusted) >= 0.0).all()


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_many_families_are_adjusted_as_each_alone(procedure):
    p = np.random.default_rng(1).uniform(size=(2, 5, 4))
    together = procedure(p)
    alone = [[procedure(p[i, j]) for j in range(5)] for i in range(2)]
    assert together.tolist() == np.array(alone).tolist()


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_a_missing_p_value_stays_missing_and_counts_as_1(procedure):
    p = np.array([0.01, np.nan, 0.03])
    adjusted = procedure(p)
    full = procedure(np.array([0.01, 1.0, 0.03]))
    assert np.isnan(adjusted).tolist() == [False, True, False]
    assert adjusted[[0, 2]].tolist() == full[[0, 2]].tolist()
    assert rejected(adjusted, 0.5).tolist()[1] is False


def test_fixed_sequence_stops_at_the_first_that_is_not_rejected():
    names = ["pain", "disability", "steps"]
    adjusted = fixed_sequence(np.array([0.01, 0.20, 0.02]), names, ["steps", "pain", "disability"])
    assert adjusted.tolist() == [0.02, 0.20, 0.02]
    adjusted = fixed_sequence(np.array([0.01, 0.20, 0.02]), names, ["disability", "steps", "pain"])
    assert adjusted.tolist() == [0.20, 0.20, 0.20]


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (["pain"], "order: 'steps' is missing: must have every hypothesis once"),
        (["pain", "pain", "steps"], "order: 'pain' stands 2 times: must stand once"),
        (["pian", "steps"], "order: 'pian' is no hypothesis: did you mean 'pain'?"),
        (["x", "steps"], "order: 'x' is no hypothesis: must be among pain, steps"),
    ],
)
def test_an_order_has_every_hypothesis_once(order, message):
    with pytest.raises(InputError) as error:
        fixed_sequence(np.array([0.1, 0.2]), ["pain", "steps"], order)
    assert str(error.value) == message


@pytest.mark.parametrize("p", [[], [0.1, -0.1], [1.1]])
def test_p_values_are_0_to_1(p):
    with pytest.raises(ValueError, match=r"at least one|0 to 1"):
        holm(np.array(p))


@pytest.mark.parametrize("alpha", [0.0, 1.0, float("nan"), -0.05])
def test_alpha_is_above_0_and_below_1(alpha):
    with pytest.raises(InputError, match=r"alpha: .* is not allowed: must be above 0 and below 1"):
        rejected(np.array([0.1]), alpha)


def test_decisions_are_in_the_words_of_the_plan():
    adjusted = np.array([0.01, 0.01, 0.30, np.nan])
    favourable = np.array([2.0, -2.0, 1.0, np.nan])
    two = decisions(adjusted, favourable, 0.05)
    assert two.tolist() == [IN_FAVOUR, AGAINST, NEITHER, NO_ANSWER]
    # A margin of non-inferiority is beaten by some estimates that are not above 0.
    one = decisions(adjusted, favourable, 0.05, sides=1)
    assert one.tolist() == [IN_FAVOUR, IN_FAVOUR, NEITHER, NO_ANSWER]
