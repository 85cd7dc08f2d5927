"""The two examples of a trial of one's own, from a template to power and to their own data."""

import re

import pytest

import selfback as sb
from sim.cli.main import call

BACKS = re.compile(r"\bback|rmdq|lbp|wristband|\bapp\b|physiotherap", re.IGNORECASE)
"""Words that have no place in a trial of something else; `selfback` is the command."""


@pytest.mark.parametrize("name", ["knee_koos", "depression_phq9"])
def test_an_example_goes_from_its_template_to_its_own_data(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert call(["scenarios", "new", "mine", "--extends", name]) == 0
    small = ["--set", "trial.sample_size=70", "--set", "analysis.imputations=2"]
    assert call(["scenarios", "show", "mine.toml"]) == 0
    assert call(["trial", "mine.toml", *small, "--out", "one", "--export", "csv"]) == 0
    simulated = capsys.readouterr().out
    data = ["one/participants.csv", "one/visits.csv"]
    assert call(["analyse", *data, "--plan", "mine.toml", *small]) == 0
    analysed = capsys.readouterr().out
    tables = simulated[simulated.index("Table 1") :]
    assert analysed[analysed.index("Table 1") :] == tables
    files = (tmp_path / "mine.toml", *tmp_path.glob("one/*.csv"))
    for text in (simulated, *(file.read_text("utf-8") for file in files)):
        assert BACKS.findall(text) == []


def test_an_effect_is_an_axis_of_a_power_grid(tmp_path):
    few = {"trial.sample_size": 40}
    found = sb.power(
        "knee_koos", few, vary=["course.effect_size=0,30"], replicates=6, jobs=1,
        out=tmp_path / "power",
    )  # fmt: skip
    none, large = (cell.power.rejected for cell in found.grid.cells)
    assert large == 6
    assert none < large


def test_an_event_is_a_primary_outcome():
    event = {
        "trial.sample_size": 60, "analysis.primary_outcome": "remission",
        "analysis.primary_analysis": "gee logistic", "analysis.alternatives": [],
        "analysis.sensitivity": [], "analysis.responder_points": [], "followup.missingness": "mcar",
        "course.further.remission.effect_size": 12.0,
    }  # fmt: skip
    found = sb.trial(sb.scenario("depression_phq9", event))
    words = " ".join(str(found).split())
    assert "Primary analysis: Remission, by interview, gee logistic (odds ratios of" in words
    assert "logistic GEE): odds ratio, n = " in words
