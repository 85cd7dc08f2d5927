"""What docs/guides/own_analysis.md says of the example."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import selfback as sb
from sim.cli import call

HERE = Path(__file__).parent
SMALL = ["--set", "trial.sample_size=60"]


@pytest.fixture
def here(monkeypatch):
    monkeypatch.chdir(HERE)


@pytest.mark.usefixtures("here")
def test_the_example_stands_beside_the_analyses_that_are_built_in(tmp_path):
    out = tmp_path / "study"
    names = 'analysis.alternatives=["t-test on change", "welch:on_change"]'
    run = ["run", "planned_2018", *SMALL, "--set", names, "--replicates", "3", "--jobs", "1"]
    assert call([*run, "--out", str(out)]) == 0
    table = pq.read_table(out / "estimates.parquet").to_pandas().set_index("replicate")
    welch = table[table["analysis"] == "welch:on_change"]
    student = table[table["analysis"] == "t-test on change"]
    assert list(welch.index) == [0, 1, 2]
    assert welch["converged"].all()
    # The two tests differ in standard error and degrees of freedom, not in the estimate.
    assert welch["estimate"].to_numpy() == pytest.approx(student["estimate"].to_numpy())
    assert (welch["df"] < student["df"]).all()
    changes = [_changes(replicate) for replicate in welch.index]
    expected = [np.sqrt(sum(arm.var() / len(arm) for arm in arms)) for arms in changes]
    assert welch["se"].to_numpy() == pytest.approx(expected)


def _changes(replicate):
    """Return the changes to 3 months of the two arms of a trial, as its exported data have them."""
    trial = sb.trial(sb.scenario("planned_2018", {"trial.sample_size": 60}), replicate=replicate)
    scores = trial.visits.pivot_table(index="participant", columns="visit", values="rmdq")
    change = (scores["3 months"] - scores["baseline"]).dropna()
    arm = trial.participants.set_index("participant")["arm"].reindex(change.index)
    return [change[arm == name] for name in arm.unique()]


@pytest.mark.usefixtures("here")
def test_the_example_can_decide(tmp_path):
    out = tmp_path / "power"
    power = ["power", "planned_2018", "--vary", "trial.sample_size=60,80", "--no-null"]
    more = ["--analysis", "welch:on_change", "--replicates", "2", "--jobs", "1"]
    assert call([*power, *more, "--out", str(out)]) == 0
    trials = pq.read_table(out / "trials.parquet").to_pandas()
    assert set(trials["analysis"]) == {"welch:on_change"}
