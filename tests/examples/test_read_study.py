"""R finds in the tables of a study what the project finds."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import selfback as sb

HERE = Path(__file__).parents[2] / "examples" / "r"
SMALL = {"trial.sample_size": 60, "analysis.sensitivity": []}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study") / "study"
    return sb.run(
        sb.scenario("planned_2018", SMALL), replicates=30, jobs=1, out=folder, progress=False
    )


@pytest.fixture
def r(rscript, tmp_path):
    """Run the script; return what it told."""
    return lambda *arguments: subprocess.run(  # noqa: S603 - R itself
        [rscript, "--vanilla", str(HERE / "read_study.R"), *map(str, arguments)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip


def compare(study, file):
    theirs = pd.read_csv(file)
    measures = study.performance().measures
    key = ["analysis", "outcome", "visit", "contrast"]
    mine = measures.pivot_table(index=key, columns="measure", values="value", dropna=False)
    both = theirs.join(mine[["rejected", "empirical_se"]].add_suffix("_mine"), on=key)
    assert len(both) == len(theirs) > 2
    assert both["rejected"].to_numpy() == pytest.approx(both["rejected_mine"].to_numpy())
    assert both["empirical_se"].to_numpy() == pytest.approx(both["empirical_se_mine"].to_numpy())
    assert (theirs["trials"] == 30).all()


def test_numbers_from_csv_are_those_of_the_project(study, r, tmp_path):
    subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(HERE / "to_csv.py"), str(study.directory), "csv"],
        check=True, cwd=tmp_path, capture_output=True,
    )  # fmt: skip
    told = r("csv", "found.csv")
    assert told.returncode == 0, told.stderr
    assert "clda" in told.stdout
    compare(study, tmp_path / "found.csv")


def test_parquet_is_read_or_it_is_said_what_is_missing(study, r, tmp_path):
    """Neither arrow nor nanoparquet is in Debian: without them the message is looked at."""
    told = r(study.directory, "found.csv")
    if told.returncode == 0:
        compare(study, tmp_path / "found.csv")
    else:
        assert "needs arrow or nanoparquet: install one, or make CSV with to_csv.py" in told.stderr


def test_a_folder_that_is_no_study_is_refused(r):
    assert "has neither estimates.parquet nor estimates.csv" in r(".").stderr
    assert "give the folder of a study" in r().stderr
