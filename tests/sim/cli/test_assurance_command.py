import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.cli import call

SETS, EACH = 60, 2
SCENARIO = [
    "assurance", "planned_2018", "--set", "trial.sample_size=60", "--set", "followup.dropout=0",
    "--analysis", "t-test on change", "--jobs", "1",
]  # fmt: skip


@pytest.fixture(scope="module")
def effects():
    return np.random.default_rng(11).normal(-4.0, 2.5, SETS)


@pytest.fixture(scope="module")
def posterior(effects, tmp_path_factory):
    file = tmp_path_factory.mktemp("posterior") / "posterior.parquet"
    pd.DataFrame({"course.effect[1]": effects}).to_parquet(file, index=False)
    return file


@pytest.fixture(scope="module")
def folder(posterior, tmp_path_factory):
    out = tmp_path_factory.mktemp("assurance") / "out"
    given = ["--posterior", str(posterior), "--each", str(EACH), "--out", str(out)]
    assert call([*SCENARIO, *given]) == 0
    return out


def success_probability(effect):
    """Return the probability that a t-test of 60 participants finds a decrease."""
    se = np.sqrt(2.0 * 6.0**2 * (1.0 - 0.4)) * np.sqrt(2.0 / 30.0)
    return stats.nct.cdf(stats.t.ppf(0.025, 58), 58, np.asarray(effect) / se)


def test_assurance_is_the_closed_form_averaged_over_the_sets(folder, effects):
    """Checked against a closed form, within 3 Monte Carlo errors."""
    found = json.loads((folder / "assurance.json").read_text("utf-8"))
    chance = success_probability(effects)
    error = np.sqrt((chance * (1.0 - chance)).sum() / EACH) / SETS
    assert abs(found["assurance"] - chance.mean()) < 3.0 * error
    power = success_probability(-2.0)
    assert abs(found["power"] - power) < 3.0 * np.sqrt(power * (1.0 - power) / (SETS * EACH))


def test_errors_are_those_of_sets(folder):
    found = json.loads((folder / "assurance.json").read_text("utf-8"))
    table = pd.read_parquet(folder / "sets.parquet")
    assert len(table) == SETS
    assert found["assurance_error"] == pytest.approx(table["posterior"].sem())
    gap = table["posterior"] - table["point"]
    assert found["difference"] == pytest.approx(gap.mean())
    assert found["difference_error"] == pytest.approx(gap.sem())


@pytest.mark.parametrize(
    ("column", "more", "told"),
    [
        ("course.effekt", [], "does not fit the scenario"),
        ("course.effect[1]", ["--sets", "61"], "it has 60"),
        ("followup.dropout", [], "followup.dropout"),
    ],
)
def test_a_sample_that_does_not_fit_is_refused(column, more, told, effects, tmp_path, capsys):
    file, out = tmp_path / "posterior.parquet", tmp_path / "out"
    pd.DataFrame({column: effects}).to_parquet(file, index=False)
    given = ["--posterior", str(file), "--out", str(out)]
    assert call([*SCENARIO, *given, *more]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not out.exists()
