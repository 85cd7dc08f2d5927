import json

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.power import TTestIndPower

from sim.cli import call

SEARCH = [
    "power", "planned_2018", "--set", "followup.dropout=0", "--set",
    "course.effect=[-5, -5, -5, -5]", "--analysis", "t-test on change", "--target", "0.8",
    "--jobs", "1",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("search") / "out"
    arguments = ["--sizes", "10:90", "--tolerance", "0.02", "--replicates", "60"]
    assert call([*SEARCH, *arguments, "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def found(folder):
    return json.loads((folder / "search.json").read_text("utf-8"))


def exact(size):
    sd = np.sqrt(2.0 * 6.0**2 * (1.0 - 0.4))  # of change: SD 6, correlation 0.4
    return TTestIndPower().power(5.0 / sd, nobs1=size / 2, alpha=0.05)


def test_the_size_has_the_power_by_statsmodels(found):
    """Checked against another implementation, within 3 of the errors that the search tells."""
    assert found["settled"]
    assert found["power_error"] <= 0.02
    assert abs(exact(found["size"]) - 0.8) < 3.0 * found["power_error"]
    assert found["lower"] < found["size"] < found["upper"] + 2


def test_the_answer_is_verified_on_luck_of_another_seed(folder, found):
    trials = pd.read_parquet(folder / "trials.parquet")
    fresh = trials[trials["seed"] == found["verified_seed"]]
    assert set(fresh["size"]) == {found["size"]}
    assert found["verified"]["rejected"] == (fresh["p"] < 0.05).sum()
    searched = trials[trials["seed"] != found["verified_seed"]]
    assert searched["replicate"].is_unique
    assert len(searched) == found["trials"]
    assert abs(found["verified"]["power"] - exact(found["size"])) < 3.0 * np.sqrt(0.2 * 0.8 / 60)


def test_trials_are_made_near_the_answer(found):
    # The first two rounds know nothing, and the third has the slope between these: chance.
    sizes = np.array([step["size"] for step in found["rounds"][3:]])
    assert len(sizes) > 1
    assert np.all((sizes > found["size"] / 1.6) & (sizes < found["size"] * 1.6))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--sizes", "10:20"], "at the largest size allowed, 20, power is"),
        (["--sizes", "80:90"], "at the smallest size allowed, 80, power is"),
        (["--sizes", "20"], "write two whole numbers"),
        (["--sizes", "90:20"], "the first below the second"),
        (["--tolerance", "0"], "from 0.001 to 0.2"),
        (["--vary", "seed=1,2"], "leave out --vary"),
        (["--until-mcse", "power=0.1"], "leave out --until-mcse"),
        (["--analysis", "clda"], "name one"),
        (["--target", "1"], "below 1"),
    ],
)
def test_a_mistake_is_told_in_one_line(arguments, told, tmp_path, capsys):
    out = tmp_path / "out"
    assert call([*SEARCH, *arguments, "--out", str(out)]) == 2
    error = capsys.readouterr().err.splitlines()
    assert any(told in line for line in error)
    if out.exists():  # trials were made, which a search within other sizes goes on with
        assert "00 replicates are kept in" in error[-1]
