import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from recommender.similarity import Linear, Sigmoid, Table, Threshold, local_similarity
from scenarios.devices.recommender import LinearForm, SigmoidForm, TableForm, ThresholdForm

positive = st.floats(0.01, 100.0)
values = st.floats(-200.0, 200.0)
symmetric = st.one_of(
    positive.map(Linear),
    positive.map(Threshold),
    st.builds(Sigmoid, positive, positive),
)
tables = st.integers(1, 4).flatmap(
    lambda n: st.lists(
        st.lists(st.floats(0.0, 1.0), min_size=n, max_size=n), min_size=n, max_size=n
    ).map(
        lambda rows: Table(
            tuple(
                tuple(1.0 if i == j else value for j, value in enumerate(row))
                for i, row in enumerate(rows)
            )
        )
    )
)


def one(measure, a: float, b: float) -> float:
    return float(measure(np.array([a]), np.array([b]))[0])


@examples(max_examples=150)
@given(measure=symmetric, a=values, b=values)
def test_measures_of_a_difference_are_in_0_to_1_symmetric_and_1_for_the_same(measure, a, b):
    assert 0.0 <= one(measure, a, b) <= 1.0
    assert one(measure, a, b) == one(measure, b, a)
    assert one(measure, a, a) == pytest.approx(1.0)


@examples(max_examples=100)
@given(measure=st.one_of(positive.map(Linear), st.builds(Sigmoid, positive, positive)),
       a=values, near=st.floats(0, 50), further=st.floats(0, 50))  # fmt: skip
def test_a_larger_difference_is_never_more_similar(measure, a, near, further):
    assert one(measure, a, a + near + further) <= one(measure, a, a + near)


@examples(max_examples=100)
@given(table=tables, a=st.integers(-1, 5), b=st.integers(-1, 5))
def test_a_table_gives_its_entries_and_1_for_the_same_category(table, a, b):
    last = len(table.rows) - 1
    expected = table.rows[min(max(a, 0), last)][min(max(b, 0), last)]
    assert one(table, float(a), float(b)) == expected
    assert one(table, float(a), float(a)) == 1.0


@pytest.mark.parametrize(
    "measure", [Linear(2.0), Threshold(2.0), Sigmoid(2.0, 1.0), Table(((1.0,),))]
)
def test_an_unknown_value_has_no_similarity_of_its_own(measure):
    assert np.isnan(one(measure, np.nan, 1.0))
    assert np.isnan(one(measure, 1.0, np.nan))


@pytest.mark.parametrize(
    ("form", "measure"),
    [
        (LinearForm(kind="linear", range=4.0, unknown=0.5), Linear(4.0)),
        (ThresholdForm(kind="threshold", within=4.0, unknown=0.5), Threshold(4.0)),
        (SigmoidForm(kind="sigmoid", midpoint=4.0, width=2.0, unknown=0.5), Sigmoid(4.0, 2.0)),
        (TableForm(kind="table", rows=((1.0, 0.2), (0.0, 1.0)), unknown=0.5),
         Table(((1.0, 0.2), (0.0, 1.0)))),
    ],
)  # fmt: skip
def test_a_scenario_states_the_measure(form, measure):
    assert local_similarity(form) == measure
