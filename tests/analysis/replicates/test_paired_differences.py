import numpy as np
import pandas as pd
import pytest

from analysis.replicates.paired_differences import paired_differences


def table(a, b, quantity="estimate"):
    return pd.DataFrame({"replicate": range(len(a)), "quantity": quantity, "A": a, "B": b})


def only_row(values):
    (row,) = paired_differences(values, ["A", "B"]).to_dict("records")
    return row


def test_errors_are_those_of_the_paired_and_of_the_two_sample_t_test():
    rng = np.random.default_rng(3)
    shared = rng.normal(size=60)
    a, b = shared + 0.1 * rng.normal(size=60), 1.0 + shared + 0.1 * rng.normal(size=60)
    row = only_row(table(a, b))
    assert row["difference"] == pytest.approx(np.mean(b - a))
    assert row["mcse"] == pytest.approx(np.std(b - a, ddof=1) / np.sqrt(60))
    welch = np.sqrt(np.var(a, ddof=1) / 60 + np.var(b, ddof=1) / 60)
    assert row["mcse_unpaired"] == pytest.approx(welch)
    assert row["variance_ratio"] == pytest.approx((welch / row["mcse"]) ** 2)


def test_a_replicate_that_is_missing_in_one_design_makes_no_pair():
    row = only_row(table([1.0, np.nan, 3.0], [2.0, 5.0, np.nan]))
    assert (row["pairs"], row["difference"]) == (1, 1.0)
    assert np.isnan(row["mcse"])


def test_designs_that_do_not_differ_have_no_error_and_no_ratio():
    row = only_row(table([1.0, 2.0, 3.0], [1.5, 2.5, 3.5 + 4e-16]))
    assert row["mcse"] == 0.0
    assert np.isnan(row["variance_ratio"])
    assert row["mcse_unpaired"] > 0.5
