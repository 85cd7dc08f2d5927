"""The three scenarios are simulated to power, and what is simulated is what they state."""

from pathlib import Path

import numpy as np
import pytest

import selfback as sb
from sim.cli import call

HERE = Path(__file__).parent
LARGE = {"trial.sample_size": 3000}


@pytest.mark.parametrize(
    ("name", "analysis"),
    [("headache", "mmrm"), ("overuse", "gee logistic"), ("headache_days", "gee rates")],
)
def test_each_outcome_goes_to_power(name, analysis, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(HERE)
    assert call(["scenarios", "validate", f"{name}.toml"]) == 0
    power = ["power", f"{name}.toml", "--vary", "trial.sample_size=60,400"]
    few = ["--replicates", "8", "--jobs", "1", "--no-null", "--out", str(tmp_path / "power")]
    assert call([*power, *few]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if analysis in line]
    assert [row.split()[0] for row in rows] == ["60", "400"]
    low, high = (float(row.split(analysis)[1].split()[0]) for row in rows)
    assert high > low


@pytest.fixture(scope="module")
def visits():
    trial = sb.trial(sb.scenario(HERE / "headache.toml", LARGE))
    arms = trial.participants.set_index("participant")["arm"]
    found = trial.visits[trial.visits["visit"] == "6 months"]
    return found.assign(arm=found["participant"].map(arms))


@pytest.mark.parametrize(
    ("outcome", "usual", "exercise"),
    [
        ("hit6", 60.5, 60.5 - 3.0),
        ("overuse", 0.3, 1.0 / (1.0 + 0.7 / 0.3 / 0.6)),
        ("headache_days", 9.5, 9.5 * 0.8),
    ],
)
def test_means_risks_and_rates_are_those_of_the_file(visits, outcome, usual, exercise):
    for arm, stated in (("usual_care", usual), ("exercise", exercise)):
        scores = visits.loc[visits["arm"] == arm, outcome].dropna().astype(float)
        # 4 standard errors, and what the ends of the scale take away.
        assert abs(scores.mean() - stated) < 4.0 * scores.std() / np.sqrt(len(scores)) + 0.02
