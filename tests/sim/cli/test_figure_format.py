"""The format of figures: asked on the command line, kept by resume and grow."""

import json

import pytest

import selfback as sb
from scenarios.errors import InputError
from sim.cli.main import call

SMALL = ["--set", "trial.sample_size=40", "--jobs", "1"]


def kinds(folder):
    return {file.name for file in folder.iterdir() if file.stem in {"summary", "power"}}


def test_resume_and_grow_keep_the_format(tmp_path, capsys):
    out = tmp_path / "study"
    asked = ["run", "planned_2018", *SMALL, "--replicates", "2", "--out", str(out)]
    assert call([*asked, "--figure-format", "pdf"]) == 0
    assert "summary.pdf are in" in capsys.readouterr().err
    assert kinds(out) == {"summary.json", "summary.pdf"}
    (out / "summary.pdf").unlink()
    assert call(["resume", str(out), "--jobs", "1"]) == 0
    assert kinds(out) == {"summary.json", "summary.pdf"}
    assert call(["grow", str(out), "--replicates", "3", "--jobs", "1"]) == 0
    assert kinds(out) == {"summary.json", "summary.pdf"}


def test_without_a_format_it_is_svg(tmp_path, capsys):
    out = tmp_path / "grid"
    asked = ["power", "planned_2018", *SMALL, "--replicates", "2", "--out", str(out), "--no-null"]
    assert call(asked) == 0
    assert "power.svg are in" in capsys.readouterr().err
    text = (out / "power.svg").read_text("utf-8")
    assert "RMDQ (disability)" in text
    assert "trial.sample_size" not in text


def test_another_format_is_one_line_and_leaves_nothing(tmp_path, capsys):
    out = tmp_path / "study"
    asked = ["run", "planned_2018", "--out", str(out), "--figure-format", "gif"]
    assert call(asked) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line == "selfback: --figure-format gif is not allowed: must be svg or pdf or png"
    assert not out.exists()


def test_python_takes_and_refuses_formats(tmp_path):
    scenario = sb.scenario("planned_2018", {"trial.sample_size": 40})
    how = {"jobs": 1, "progress": False, "out": tmp_path / "study"}
    with pytest.raises(InputError, match="figure_format = 'gif' is not allowed"):
        sb.run(scenario, 2, figure_format="gif", **how)
    with pytest.raises(InputError, match="figure_format = 'gif' is not allowed"):
        sb.trial(scenario, figure_format="gif")
    found = sb.run(scenario, 2, figure_format="png", **how)
    assert found.saved == "tables, summary.json and summary.png"
    means = json.loads((tmp_path / "study" / "summary.json").read_text("utf-8"))["arm_means"]
    assert [row["day"] for row in means[::2]] == [0.0, 42.0, 91.0, 182.0, 274.0]
    assert means[0]["answered"] is None
    assert means[-1]["answered"] > 0
