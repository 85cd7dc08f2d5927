import numpy as np
import pytest

from analysis.replicates.targets import simulated_numbers
from scenarios.targets import load_published
from sim.replicates.analysed import run_replicate

TARGETS = load_published("selfback_2021").targets


@pytest.fixture(scope="module")
def tables(small):
    plan = small.analysis.model_copy(update={"imputations": 3})
    return run_replicate(small.model_copy(update={"analysis": plan}), 0)


def test_every_published_number_is_simulated(tables):
    _, values = simulated_numbers(tables, TARGETS)
    assert [t.label for t, v in zip(TARGETS, values[0], strict=True) if np.isnan(v)] == []


@pytest.mark.parametrize("arm", ["control", "intervention"])
def test_who_withdrew_did_so_for_one_reason(tables, arm):
    flow = dict(
        zip(*(tables["flow"][name].to_pylist() for name in ("stage", "count")), strict=True)
    )
    by = sum(count for stage, count in flow.items() if stage.startswith(f"{arm}: withdrew by"))
    why = sum(count for stage, count in flow.items() if stage.startswith(f"{arm}: withdrew: "))
    assert by == why > 0


def test_shares_of_a_characteristic_sum_to_1(tables):
    rows = tables["summaries"].to_pylist()
    for name in ("sex", "clinician", "lbp_days", "medication"):
        shares = [
            row["value"] for row in rows
            if (row["quantity"], row["outcome"], row["arm"]) == ("share", name, "all")
        ]  # fmt: skip
        assert len(shares) > 1
        assert sum(shares) == pytest.approx(1.0)


def test_extremes_enclose_the_mean(tables):
    rows = {
        (row["quantity"], row["outcome"], row["visit"], row["arm"]): row["value"]
        for row in tables["summaries"].to_pylist()
    }
    for name in ("age", "bmi"):
        low, mean, high = (
            rows[quantity, name, "baseline", "all"] for quantity in ("lowest", "mean", "highest")
        )
        assert low < mean < high
