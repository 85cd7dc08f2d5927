"""What the benchmarks report; no test asserts a time."""

from itertools import cycle

import numpy as np
import pytest


def test_a_multiple_is_the_median_of_the_ratios_within_turns(benchmark):
    in_turns = benchmark("turns").in_turns
    # The first call warms up. The machine is twice as slow in the third turn.
    unit, work = cycle([9.0, 0.010, 0.012, 0.020]), cycle([9.0, 0.030, 0.048, 0.080])
    calls = {"unit": lambda: next(unit), "work": lambda: next(work)}
    found = in_turns(calls, {"unit": "unit", "work": "unit"}, turns=3)
    assert found["work"].multiple == pytest.approx(4.0)
    assert found["work"].milliseconds == pytest.approx(48.0)
    assert found["unit"].multiple == 1.0


def test_what_is_slower_or_larger_than_recorded_is_reported(benchmark):
    compare = benchmark("bench").compare

    def record(multiple, size):
        return {
            "rows": {"weekly plans": {"multiple": multiple, "unit": "yardstick"}},
            "memory": {"a trial": size},
        }

    assert compare(record(10.0, 100), record(10.5, 105)) == []
    assert compare(record(10.0, 100), None) == []
    slower, larger = compare(record(12.0, 120), record(10.0, 100))
    assert slower == "slower: weekly plans, 10 -> 12 x yardstick"
    assert larger == "more memory: a trial, 100 -> 120 MB"


def test_what_is_above_its_limit_is_reported_without_a_record(benchmark):
    compare = benchmark("bench").compare
    now = {"rows": {"analyse": {"multiple": 7.5, "unit": "yardstick"}}, "memory": {}}
    assert compare(now, None) == ["above its limit: analyse, 7.5 x yardstick, at most 7.0"]


def test_the_numpy_retrieval_kept_finds_the_same_cases(benchmark):
    now, before = benchmark("workloads").retrieving()  # raises where the two differ
    assert now is not before


def test_unknown_values_and_values_out_of_range_are_retrieved_as_before(benchmark):
    retrieval = benchmark("numpy_retrieval").NumpyRetrieval
    rng = np.random.default_rng(1)
    cases, asked = rng.normal(size=(90, 4)), 3 * rng.normal(size=(7, 4))
    cases[::5, 1], asked[2, 0] = np.nan, np.nan
    weights, ranges, unknown = np.array([1.0, 2, 0, 1]), np.array([2.0, 1, 1, 3]), np.full(4, 0.5)
    local = np.maximum(1 - np.abs(asked[:, None] - cases[None]) / ranges, 0)
    alike = np.where(np.isnan(local), unknown, local) @ (weights / weights.sum())
    _, found = retrieval(weights, ranges, unknown, cases).nearest(asked, 5)
    np.testing.assert_allclose(found, -np.sort(-alike, axis=1)[:, :5], rtol=1e-5)
