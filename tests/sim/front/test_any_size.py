"""Trials of any size, in every design, run and are printed; warnings are errors in all tests."""

import io

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.console import Console

import selfback as sb
from scenarios.loading.library import library

NAMES = sorted({*library("designs"), "planned_2018", "interim_obrien_fleming", "cluster_by_clinic"})


@settings(max_examples=12)
@given(name=st.sampled_from(NAMES), size=st.integers(1, 9), replicate=st.integers(0, 50))
@example(name="planned_2018", size=1, replicate=0)
@example(name="interim_obrien_fleming", size=1, replicate=0)
@example(name="cluster_by_clinic", size=1, replicate=0)
@example(name="selfback_2021", size=2, replicate=0)
def test_a_trial_of_any_size_is_run_and_printed(name, size, replicate):
    found = sb.trial(sb.scenario(name, {"trial.sample_size": size}), replicate)
    estimates = found.estimates
    numbers = estimates.loc[estimates["converged"], ["estimate", "se", "lower", "upper", "p"]]
    assert np.isfinite(numbers.to_numpy(float)).all()
    assert (estimates.loc[~estimates["converged"], "failure"] != "").all()
    file = io.StringIO()
    found.print_to(Console(file=file, width=80))
    printed = file.getvalue()
    assert max(map(len, printed.splitlines())) <= 80
    assert "nan" not in printed.split()


def test_nobody_in_an_arm_is_a_dash():
    found = sb.trial(sb.scenario("planned_2018", {"trial.sample_size": 1}), 0)
    file = io.StringIO()
    found.print_to(Console(file=file, width=80))
    (age,) = [line for line in file.getvalue().splitlines() if line.startswith("Age")]
    assert "-" in age.split()
    assert "not estimated:" in file.getvalue()
