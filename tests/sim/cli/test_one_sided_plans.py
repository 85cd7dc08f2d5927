"""Tests of one side and with margins, from the plan to power and a trial's Table 2."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.cli import call

REPLICATES, SIZE = 120, 120
ONE_SIDED = ("analysis.alpha=0.025", f"trial.sample_size={SIZE}", "followup.dropout=0")
NON_INFERIORITY = (*ONE_SIDED, "analysis.hypothesis=non_inferiority", "analysis.margin=3")


def settings_of(*changes):
    return [word for change in changes for word in ("--set", change)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("non_inferiority") / "out"
    arguments = [
        "power", "planned_2018", *settings_of(*NON_INFERIORITY, "course.effect_size=0.5"),
        "--analysis", "t-test on change", "--size-adjusted",
        "--replicates", str(REPLICATES), "--jobs", "1", "--out", str(out),
    ]  # fmt: skip
    assert call(arguments) == 0
    return out


def power_of(effect):
    """Return the closed form of a t-test of change: SD 6, correlation 0.4, lower is better."""
    se = np.sqrt(2.0 * 6.0**2 * (1.0 - 0.4)) * np.sqrt(4.0 / SIZE)
    df = SIZE - 2
    return stats.nct.sf(stats.t.isf(0.025, df), df, (3.0 - effect) / se)


def test_power_of_non_inferiority_is_that_of_its_closed_form(folder):
    (cell,) = json.loads((folder / "power.json").read_text("utf-8"))["cells"]
    expected = power_of(0.5)
    error = np.sqrt(expected * (1.0 - expected) / REPLICATES)
    assert abs(cell["power"]["power"] - expected) < 3.0 * error
    # The null is an effect of the margin, which alpha of the trials take for smaller.
    assert power_of(3.0) == pytest.approx(0.025)
    level = stats.binom(REPLICATES, 0.025)
    assert level.ppf(0.001) <= cell["null"]["rejected"] <= level.ppf(0.999)


def test_size_adjusted_power_is_counted_from_the_trials_kept(folder):
    (cell,) = json.loads((folder / "power.json").read_text("utf-8"))["cells"]
    trials = pd.read_parquet(folder / "trials.parquet")
    null, mine = trials[trials["null"]], trials[~trials["null"]]
    adjusted = cell["adjusted"]
    assert (null["p_decision"] <= adjusted["critical"]).sum() == 3  # of 120, the (n + 1) alpha-th
    assert adjusted["rejected"] == (mine["p_decision"] <= adjusted["critical"]).sum()
    assert abs(adjusted["power"] - cell["power"]["power"]) < 3.0 * adjusted["error"]


def test_a_search_can_be_size_adjusted(tmp_path, capsys):
    arguments = [
        "power", "planned_2018", "--target", "0.8", "--size-adjusted", "--analysis",
        "t-test on change", *settings_of("followup.dropout=0", "course.effect_size=-6"),
        "--sizes", "10:90", "--tolerance", "0.1", "--replicates", "20", "--jobs", "1",
        "--out", str(tmp_path / "out"), "--json",
    ]  # fmt: skip
    assert call(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    trials = pd.read_parquet(tmp_path / "out" / "trials.parquet")
    searched = trials[trials["seed"] != found["verified_seed"]]
    null = searched[searched["null"]]["p_decision"]
    assert (null <= found["critical"]).sum() == np.floor(0.05 * (len(null) + 1))
    rejected = searched[~searched["null"] & (searched["p_decision"] <= found["critical"])]
    assert sum(step["rejected"] for step in found["rounds"]) == (rejected["estimate"] < 0).sum()
    assert found["verified_adjusted"]["power"] <= 1.0


def test_a_harmful_app_has_no_power_and_is_stopped_for_harm(tmp_path, capsys):
    arguments = [
        "run", "planned_2018", "--replicates", "8", "--jobs", "1", "--out", str(tmp_path / "out"),
        *settings_of("trial.sample_size=80", "course.effect_size=6", "trial.interim.looks=[0.5]"),
    ]  # fmt: skip
    assert call(arguments) == 0
    looks = pd.read_parquet(tmp_path / "out" / "looks.parquet")
    assert "efficacy" not in set(looks["decision"])
    assert (looks["decision"] == "harm").sum() == 8
    estimates = pd.read_parquet(tmp_path / "out" / "estimates.parquet")
    primary = estimates.query("analysis == 'clda' and visit == '3 months'")
    assert set(primary["decision"]) == {"against"}
    shown = " ".join(capsys.readouterr().out.split())
    assert "0.0% (0.0 to 32.4) of the trials find the intervention better" in shown
    assert "100.0% (67.6 to 100.0) find it worse" in shown


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ((*NON_INFERIORITY, "course.effect_size=0"),
         "The primary analysis shows non-inferiority (margin 3 points, 1-sided P"),
        ((*ONE_SIDED, "analysis.hypothesis=superiority", "course.effect_size=6"),
         "does not find the intervention better: the same test the other way round finds it worse"),
        ((*ONE_SIDED[1:], "analysis.hypothesis=equivalence", "analysis.margin=3",
          "analysis.confidence=0.9", "course.effect_size=6"),
         "The primary analysis shows a difference beyond the margin (margin 3 points, larger"),
    ],
)  # fmt: skip
def test_table_2_says_what_the_plan_asks(changes, told, capsys):
    assert call(["trial", "planned_2018", *settings_of(*changes)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert told in printed
    assert "1-sided P of" in printed


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (settings_of("analysis.hypothesis=superiority"),
         "limits that agree with the test have the confidence 0.9"),
        (settings_of("analysis.margin=2"), "'two_sided', which has no margin: must be 0"),
        (settings_of("analysis.hypothesis=non_inferiority", "analysis.alpha=0.025"),
         "0 is not allowed with 'non_inferiority': must be above 0"),
        (settings_of("analysis.margin=-2"), "analysis.margin = -2 is not allowed"),
        (settings_of("analysis.hypothesis=inferiority"), "did you mean"),
        (settings_of("analysis.hypothesis=equivalence", "analysis.margin=2",
                     "analysis.confidence=0.9", "trial.interim.looks=[0.5]"),
         "'equivalence' is not allowed with interim looks"),
        (["--size-adjusted", "--replicates", "18"], "takes at least 19 trials"),
        (["--size-adjusted", "--no-null"], "leave out --no-null"),
        (["--size-adjusted", "--target", "0.8", "--replicates", "5"], "takes at least 19 trials"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_one_line(arguments, told, tmp_path, capsys):
    assert call(["power", "planned_2018", *arguments, "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_the_null_of_a_margin_is_none_of_virtual_patients(tmp_path, capsys):
    plan = settings_of(*NON_INFERIORITY[:1], *NON_INFERIORITY[3:])
    assert call(["power", "selfback_2021", *plan, "--out", str(tmp_path / "out")]) == 2
    assert "name with --null what gives it, or leave type I error out" in capsys.readouterr().err
