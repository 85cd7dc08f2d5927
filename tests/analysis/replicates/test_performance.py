"""Performance measures against numbers worked by hand, and against a known distribution."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.replicates.performance import performance


def decisions(estimate, se, p):
    """Those of a 2-sided test at 5% where a lower value is better."""
    p = 2 * stats.norm.sf(np.abs(estimate / se)) if p is None else np.asarray(p)
    sides = np.where(estimate < 0, "in favour", "against")
    return np.where(np.isnan(estimate), "", np.where(p < 0.05, sides, "neither"))


def rows(estimate, se, p=None, analysis="clda"):
    estimate, se = np.asarray(estimate, float), np.asarray(se, float)
    fitted = np.isfinite(estimate)
    return pd.DataFrame(
        {
            "replicate": np.arange(len(estimate)),
            "analysis": analysis,
            "outcome": "rmdq",
            "visit": "3m",
            "contrast": "difference",
            "estimate": estimate,
            "se": se,
            "lower": estimate - 2 * se,
            "upper": estimate + 2 * se,
            "p": np.where(fitted, 2 * stats.norm.sf(np.abs(estimate / se)), np.nan)
            if p is None
            else p,
            "decision": decisions(estimate, se, p),
            "n": 461,
            "converged": fitted,
            "failure": np.where(fitted, "", "not converged"),
        }
    )


def measured(table):
    return table.set_index("measure")[["value", "mcse"]]


def test_measures_worked_by_hand():
    # Errors -1, 0, 1, 2 about a truth of 1: bias 0.5, sum of squares about the mean 5, MSE 6 / 4.
    table = rows([0, 1, 2, 3, np.nan], [1, 1, 1, 0.5, np.nan], p=[0.5, 0.01, 0.04, 0.2, np.nan])
    result = performance(table, 1.0)
    found = measured(result)
    empirical = np.sqrt(5 / 3)
    model = np.sqrt(3.25 / 4)
    spread = np.var([1, 1, 1, 0.25], ddof=1)
    np.testing.assert_allclose(found.loc["bias"], [0.5, empirical / 2])
    np.testing.assert_allclose(found.loc["empirical_se"], [empirical, empirical / np.sqrt(6)])
    np.testing.assert_allclose(found.loc["model_se"], [model, np.sqrt(spread / (4 * 4 * model**2))])
    ratio = model / empirical
    np.testing.assert_allclose(
        found.loc["relative_error_model_se"],
        [100 * (ratio - 1), 100 * ratio * np.sqrt(spread / (16 * model**4) + 1 / 6)],
    )
    squares = np.array([1, 0, 1, 4])
    np.testing.assert_allclose(found.loc["mse"], [1.5, np.sqrt(np.sum((squares - 1.5) ** 2) / 12)])
    # Intervals -2..2, -1..3, 0..4, 2..4: the last misses the truth 1 and the mean 1.5.
    np.testing.assert_allclose(found.loc["coverage"], [0.75, np.sqrt(0.75 * 0.25 / 4)])
    np.testing.assert_allclose(found.loc["bias_eliminated_coverage", "value"], 0.75)
    # P below alpha in two, both for the worse: higher values are worse here.
    np.testing.assert_allclose(found.loc["against"], [0.4, np.sqrt(0.4 * 0.6 / 5)])
    np.testing.assert_allclose(found.loc["rejected"], [0.4, np.sqrt(0.4 * 0.6 / 5)])
    np.testing.assert_allclose(found.loc["power"], [0.0, 0.0])
    better = measured(performance(table.assign(decision=table["decision"].replace(
        "against", "in favour")), 1.0))  # fmt: skip
    np.testing.assert_allclose(better.loc["power"], [0.4, np.sqrt(0.4 * 0.6 / 5)])
    np.testing.assert_allclose(better.loc["power_converged"], [0.5, 0.25])
    np.testing.assert_allclose(found.loc["convergence"], [0.8, np.sqrt(0.8 * 0.2 / 5)])
    assert list(result.columns[:4]) == ["analysis", "outcome", "visit", "contrast"]
    assert result.set_index("measure")["n"].to_dict() | {
        "power": 5,
        "convergence": 5,
        "bias": 4,
    } == (result.set_index("measure")["n"].to_dict())


def test_bias_eliminated_coverage_forgives_the_bias():
    found = measured(performance(rows([10, 11, 12], [1, 1, 1]), 0.0))
    assert found.loc["coverage", "value"] == 0
    assert found.loc["bias_eliminated_coverage", "value"] == 1


def test_groups_are_kept_apart_and_in_order():
    table = pd.concat([rows([1, 2], [1, 1], analysis=name) for name in ("mmrm", "clda")])
    table.loc[table["analysis"] == "clda", "estimate"] += 5
    result = performance(table.reset_index(drop=True), 1.5)
    bias = result[result["measure"] == "bias"].set_index("analysis")["value"]
    assert bias.to_dict() == {"mmrm": 0, "clda": 5}
    assert list(bias.index) == ["mmrm", "clda"]


def test_the_truth_may_differ_between_replicates():
    table = rows([1.0, 2.0, 4.0], [1, 1, 1])
    found = measured(performance(table, pd.Series([0.5, 1.5, 3.5])))
    np.testing.assert_allclose(found.loc["bias"], [0.5, 0], atol=1e-15)
    np.testing.assert_allclose(found.loc["mse", "value"], 0.25)


def test_without_a_truth_only_what_needs_it_is_missing():
    found = measured(performance(rows([1, 2, 3], [1, 1, 1])))
    missing = set(found.index[found["value"].isna()])
    assert missing == {"bias", "mse", "coverage"}


def test_failures_alone_and_single_replicates_are_no_crash():
    found = measured(performance(rows([np.nan, np.nan], [np.nan, np.nan]), 0.0))
    assert found.loc["power", "value"] == 0
    assert found.loc["convergence", "value"] == 0
    assert np.isnan(found.loc["power_converged", "value"])
    assert np.isnan(found.loc["bias", "value"])
    one = measured(performance(rows([1.0], [1.0]), 0.0))
    assert one.loc["bias", "value"] == 1
    assert np.isnan(one.loc["empirical_se", "value"])
    same = measured(performance(rows([1.0, 1.0], [1.0, 1.0]), 0.0))
    assert np.isnan(same.loc["relative_error_model_se", "value"])


def test_a_correct_analysis_has_nominal_properties():
    rng = np.random.default_rng(1)
    estimate = rng.normal(0, 2, 20000)
    table = rows(estimate, np.full(20000, 2.0))
    table["lower"], table["upper"] = estimate - 1.959964 * 2, estimate + 1.959964 * 2
    found = measured(performance(table, 0.0))
    expected = {
        "bias": 0,
        "empirical_se": 2,
        "model_se": 2,
        "relative_error_model_se": 0,
        "mse": 4,
        "coverage": 0.95,
        "bias_eliminated_coverage": 0.95,
        "rejected": 0.05,
        "power": 0.025,
        "against": 0.025,
    }
    for measure, value in expected.items():
        assert abs(found.loc[measure, "value"] - value) < 4 * found.loc[measure, "mcse"] + 1e-9


def test_a_contrast_without_a_direction_has_no_power():
    found = measured(performance(rows([1, 2], [1, 1]).assign(decision=""), 0.0))
    assert np.isnan(found.loc[["power", "against", "rejected"], "value"]).all()
    assert found.loc["coverage", "value"] == 1.0


def test_nonsense_is_refused():
    table = rows([1, 2], [1, 1])
    with pytest.raises(ValueError, match="'upper'"):
        performance(table.drop(columns="upper"))
    with pytest.raises(ValueError, match="indexes"):
        performance(table, pd.Series([1.0, 2.0], index=[5, 6]))
    table.loc[0, "estimate"] = np.nan
    with pytest.raises(ValueError, match="no estimate"):
        performance(table)
