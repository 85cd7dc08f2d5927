import json
from pathlib import Path

import pandas as pd
import pytest

from scenarios.loading.layers import merge
from scenarios.loading.load import load_scenario
from scenarios.loading.provenance import undocumented
from sim.cli import call
from sim.study.designs.posterior import posterior_overrides, settings

BASE = """
extends = "planned_2018"
name = "toy"
published = "selfback_2021"
[trial]
sample_size = 40 # participants; for a test
"""
PARAMETERS = """
[[parameters]]
key = "course.means.2"
transform = "identity"
sd = 1.0
source = "a test"
[[parameters]]
key = "trial.strata.0.share"
transform = "logit"
sd = 0.2
balance = "trial.strata.1.share"
source = "a test"
"""
QUICK = (
    "--points",
    "15",
    "--replicates",
    "2",
    "--waves",
    "2",
    "--spread",
    "10",
    "--draws",
    "5",
    "--jobs",
    "1",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("calibration")
    (folder / "toy.toml").write_text(BASE, encoding="utf-8")
    (folder / "free.toml").write_text(PARAMETERS, encoding="utf-8")
    return folder


def calibrate(files: Path, *more: str) -> int:
    return call(
        ["calibrate", str(files / "toy.toml"), "--parameters", str(files / "free.toml"), *more]
    )


@pytest.fixture(scope="module")
def found(files) -> Path:
    out = files / "fitted"
    changes = ("--set", "analysis.alpha=0.01", "--set", "published=selfback_2021")
    assert calibrate(files, *QUICK, "--out", str(out), *changes) == 0
    return out


def test_the_calibrated_scenario_is_one_like_any_other(files, found):
    told = json.loads((found / "calibration.json").read_text("utf-8"))
    fitted = {row["key"]: row["fitted"] for row in told["parameters"]}
    scenario = load_scenario(found / "calibrated.toml")
    assert undocumented(found / "calibrated.toml") == ()
    assert scenario.name == "toy_calibrated"
    assert scenario.published == "selfback_2021"
    assert scenario.analysis.alpha == 0.01
    assert scenario.course.means[2] == pytest.approx(fitted["course.means.2"], rel=1e-5)
    share = scenario.trial.strata[0].share
    assert share == pytest.approx(fitted["trial.strata.0.share"], rel=1e-5)
    before = load_scenario(files / "toy.toml").trial.strata
    assert share + scenario.trial.strata[1].share == pytest.approx(
        before[0].share + before[1].share
    )
    assert scenario.trial.strata[2:] == before[2:]


def test_the_posterior_sample_gives_scenarios(files, found):
    sample = pd.read_parquet(found / "posterior.parquet")
    assert list(sample.columns) == [
        "course.means.2", "trial.strata.0.share", "trial.strata.1.share"
    ]  # fmt: skip
    assert len(sample) == 5
    base = files / "toy.toml"
    sets = posterior_overrides(found / "posterior.parquet", merge(base).data, sets=3)
    assert len(sets) == 3
    for row, overrides in zip(sample.to_dict("records"), sets, strict=False):
        scenario = load_scenario(base, overrides)
        assert scenario.course.means[2] == row["course.means.2"]
        assert scenario.trial.strata[1].share == row["trial.strata.1.share"]
        assert scenario.course.means[1] == load_scenario(base).course.means[1]


def test_settings_name_a_list_whole():
    data = {"a": {"b": [1.0, 2.0]}, "c": 3.0}
    assert settings(data, {"a.b.1": 5.0, "c": 4.0}) == ("a.b=[1.0, 5.0]", "c=4.0")
    assert data["a"]["b"] == [1.0, 2.0]


def test_tables_and_figure_are_written(found):
    told = json.loads((found / "calibration.json").read_text("utf-8"))
    table = pd.read_csv(found / "identification.csv")
    assert table["key"].tolist() == ["course.means.2", "trial.strata.0.share"]
    assert set(table["identification"]) <= {
        "identified", "weakly identified", "not identified"
    }  # fmt: skip
    assert len(pd.read_csv(found / "targets.csv")) == told["targets_fitted"]
    assert (found / "calibration.svg").stat().st_size > 10_000
    assert (found / "manifest.json").is_file()


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (("--points", "9"), "--points 9 is not allowed: must be a whole number, from 10"),
        (("--targets", "calibrtion"), "did you mean calibration?"),
        (("--set", 'published=""'), "published = '' is not allowed: there are no targets"),
        (
            ("--set", "trial.sample_size=50"),
            "toy.toml: published = '' is not allowed: there are no",
        ),
        (("--set", "course.modl=1"), "course.modl is unknown"),
        (("--out", "/dev/full/x"), "/dev/full/x cannot be made"),
    ],
)
def test_what_cannot_be_calibrated_is_told_in_one_line(files, capsys, given, line):
    assert calibrate(files, *given) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert line in captured.err


def test_nothing_is_left_behind_when_interrupted(files, capsys, monkeypatch):
    def interrupt(*_given, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.front.calibrate.fit", interrupt)
    before = sorted(files.iterdir())
    assert calibrate(files, "--out", str(files / "new")) == 130
    assert sorted(files.iterdir()) == before
    assert "interrupted, nothing is left behind" in capsys.readouterr().err
