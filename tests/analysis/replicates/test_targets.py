import numpy as np
import pyarrow as pa
import pytest

from analysis.replicates.targets import published_on_scale, simulated_numbers, to_published_scale
from scenarios.targets import Target

SUMMARIES = pa.table(
    {
        "replicate": [3, 3, 3, 5, 5],
        "quantity": ["mean", "sd", "mean", "mean", "sd"],
        "outcome": ["rmdq", "rmdq", "pseq", "rmdq", "rmdq"],
        "value": [10.0, 4.0, 44.0, 11.0, np.nan],
    }
)
FLOW = pa.table({"replicate": [3, 5], "stage": ["randomized", "randomized"], "count": [461, 461]})


def target(table="summaries", column=None, value=1.0, **more):
    select = {key: more.pop(key) for key in ("quantity", "outcome", "stage") if key in more}
    return Target(
        section="s", label="l", value=value, source="x", role="calibration", table=table,
        select=select, column=column, **more,
    )  # fmt: skip


def test_each_replicate_s_number_is_found():
    targets = (
        target(quantity="mean", outcome="rmdq"),
        target(quantity="mean", outcome="pseq"),
        target(quantity="sd", outcome="rmdq"),
        target(quantity="sd", outcome="nowhere"),
        target("flow", stage="randomized"),
    )
    replicates, values = simulated_numbers({"summaries": SUMMARIES, "flow": FLOW}, targets)
    assert replicates.tolist() == [3, 5]
    np.testing.assert_array_equal(
        values,
        [[10.0, 44.0, 4.0, np.nan, 461.0], [11.0, np.nan, np.nan, np.nan, 461.0]],
    )


def test_dictionary_encoded_chunks_give_the_same():
    chunks = [SUMMARIES.slice(0, 2), SUMMARIES.slice(2)]
    encoded = pa.concat_tables(
        chunk.set_column(2, "outcome", chunk["outcome"].dictionary_encode()) for chunk in chunks
    )
    wanted = (target(quantity="mean", outcome="rmdq"), target(quantity="mean", outcome="pseq"))
    np.testing.assert_array_equal(
        simulated_numbers({"summaries": encoded}, wanted)[1],
        simulated_numbers({"summaries": SUMMARIES}, wanted)[1],
    )


def test_a_target_that_selects_several_results_is_refused():
    with pytest.raises(ValueError, match="several"):
        simulated_numbers({"summaries": SUMMARIES}, (target(quantity="mean"),))


def test_an_odds_ratio_is_compared_as_its_logarithm():
    ratio = target(value=1.76, transform="exp", decimals=2)
    assert published_on_scale(ratio) == pytest.approx(np.log([1.76, 1.755, 1.765]))
    assert to_published_scale(ratio, np.log([1.5, 2.0])) == pytest.approx([1.5, 2.0])


@pytest.mark.parametrize(
    ("given", "rounding"),
    [({"decimals": 1}, 0.05), ({"decimals": 0}, 0.5), ({"half_width": 0.02}, 0.02), ({}, 0.0)],
)
def test_a_printed_number_stands_for_an_interval(given, rounding):
    assert target(**given).rounding == pytest.approx(rounding)
