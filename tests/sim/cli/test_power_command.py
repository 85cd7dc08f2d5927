import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from scenarios.loading.load import load_scenario
from sim.cli import call
from sim.front.trial import trial
from sim.study.designs.null import null_overrides

SIZES = (24, 40, 56, 72, 88)
REPLICATES = 100
EFFECT = -4.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("power") / "out"
    arguments = [
        "power", "planned_2018", "--set", "followup.dropout=0",
        "--set", f"course.effect={[EFFECT] * 4}", "--vary", "trial.sample_size=24:88:16",
        "--analysis", "t-test on change", "--analysis", "clda",
        "--replicates", str(REPLICATES), "--jobs", "1", "--out", str(out),
    ]  # fmt: skip
    assert call(arguments) == 0
    return out


@pytest.fixture(scope="module")
def found(folder):
    return json.loads((folder / "power.json").read_text("utf-8"))


def cells(found, analysis):
    return [cell for cell in found["cells"] if cell["analysis"] == analysis]


def test_power_of_the_t_test_is_that_of_statsmodels(found):
    """Checked against another implementation; the bound is Bonferroni's for five sizes."""
    sd = np.sqrt(2.0 * 6.0**2 * (1.0 - 0.4))  # of change: SD 6, correlation 0.4
    bound = stats.norm.ppf(1.0 - 0.05 / (2 * len(SIZES)))
    for size, cell in zip(SIZES, cells(found, "t-test on change"), strict=True):
        assert cell["point"] == {"trial.sample_size": size}
        expected = TTestIndPower().power(abs(EFFECT) / sd, nobs1=size / 2, alpha=0.05)
        error = np.sqrt(expected * (1.0 - expected) / REPLICATES)
        assert abs(cell["power"]["power"] - expected) < bound * error


def test_type_i_error_is_the_stated_level(found):
    """The t-test is exact; Bonferroni's bound for five sizes, from above and below."""
    for cell in cells(found, "t-test on change"):
        level = stats.binom(REPLICATES, 0.05)
        assert level.ppf(0.005) <= cell["null"]["rejected"] <= level.ppf(0.995)


def test_the_curve_goes_through_the_points(found):
    curve = next(c for c in found["curves"] if c["analysis"] == "clda")
    intercept, slope = curve["coefficients"]
    fitted = stats.norm.cdf(intercept + slope * np.sqrt(SIZES))
    points = [cell["power"]["power"] for cell in cells(found, "clda")]
    # A cell's Monte Carlo error is at most 0.05.
    assert np.abs(fitted - points).max() < 0.15
    assert slope > 0.0


def test_power_is_counted_from_the_trials_kept(folder, found):
    trials = pd.read_parquet(folder / "trials.parquet")
    assert len(trials) == 2 * 2 * len(SIZES) * REPLICATES
    mine = trials[(trials["cell"] == 2) & ~trials["null"] & (trials["analysis"] == "clda")]
    assert cells(found, "clda")[2]["power"]["rejected"] == (mine["p"] < 0.05).sum()
    assert {path.name for path in folder.iterdir()} == {
        "trials.parquet", "power.json", "power.svg", "manifest.json",
    }  # fmt: skip


def test_the_null_of_the_shipped_trial_is_the_shipped_null():
    scenario = load_scenario("selfback_2021")
    assert load_scenario("selfback_2021", null_overrides(scenario)).pathway == (
        load_scenario("null_effect").pathway
    )


def test_under_the_null_of_the_shipped_trial_nobody_fares_otherwise_with_the_app():
    shipped = load_scenario("selfback_2021", ["trial.sample_size=60"])
    null = load_scenario("selfback_2021", ["trial.sample_size=60", *null_overrides(shipped)])
    for scenario, same in ((null, True), (shipped, False)):
        effects = trial(scenario.model_copy(update={"truth": True})).truth.effects["effect"]
        assert (effects.dropna() == 0.0).all() == same


def test_cells_that_are_one_scenario_are_simulated_once(tmp_path, capsys):
    out = tmp_path / "out"
    arguments = [
        "power", "planned_2018", "--set", "trial.sample_size=20", "--replicates", "2",
        "--vary", "course.effect=[-1, -1, -1, -1],[-2, -2, -2, -2]", "--jobs", "1",
        "--out", str(out), "--json",
    ]  # fmt: skip
    assert call(arguments) == 0
    printed = capsys.readouterr()
    assert "6 of 6" in printed.err  # two cells and the null that they share, two trials each
    first, second = json.loads(printed.out)["cells"]
    assert first["null"] == second["null"]


def test_the_title_names_no_visit_where_cells_differ_in_it(tmp_path, capsys):
    few = ["--set", "trial.sample_size=40", "--replicates", "2", "--jobs", "1", "--no-null"]
    vary = ["--vary", 'analysis.primary_visit="3 months","9 months"']
    assert call(["power", "planned_2018", *few, *vary, "--out", str(tmp_path / "out")]) == 0
    assert "planned_2018: rmdq at each cell's primary visit, 2 trials" in capsys.readouterr().out
    trials = pd.read_parquet(tmp_path / "out" / "trials.parquet")
    first, second = (trials.loc[trials["cell"] == cell, "estimate"] for cell in (0, 1))
    assert not np.isclose(first, second).any()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--vary", "trial.sample_sice=20,40"], "did you mean trial.sample_size"),
        (["--vary", "trial.sample_size=20:40"], "trial.sample_size"),
        (["--vary", "trial.sample_size=40:20:5"], "last at least first"),
        (["--vary", "trial.sample_size=1:100000:1"], "at most 10000 are allowed"),
        (["--vary", "trial.sample_size=1:1000:1", "--vary", "followup.dropout=0:0.9:0.01"],
         "1000 x 91 makes 91000 cells, at most 10000"),
        (["--vary", "seed=1,1"], "a value is listed twice"),
        (["--vary", "seed=1", "--vary", "seed=2"], "is given twice"),
        (["--vary", 'analysis.primary_analysis="clda","clda unadjusted"'], "with --analysis"),
        (["--vary", "seed"], "write key=first:last:step"),
        (["--analysis", "anocva"], "did you mean ancova"),
        (["--no-null", "--null", "seed=1"], "leave out --null"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_one_line(arguments, told, tmp_path, capsys):
    out = tmp_path / "out"
    assert call(["power", "planned_2018", *arguments, "--out", str(out)]) == 2
    error = capsys.readouterr().err.splitlines()
    assert told in error[-1]
    assert not out.exists()
