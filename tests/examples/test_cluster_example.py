"""The study on a cluster runs here and, by changing one line, with a stand-in for Slurm."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import selfback as sb

ROOT = Path(__file__).parents[2]
SCRIPT = (ROOT / "examples" / "cluster" / "study.py").read_text("utf-8")
FEW = {"REPLICATES = 200": "REPLICATES = 6", "cluster.scale(jobs=40)": "cluster.scale(jobs=2)"}
ON_SLURM = {"WHERE = here ": "WHERE = slurm "}
HERE_ONLY = {'queue="short"': 'queue="short", interface="lo"'}
"""For a stand-in on this machine."""


def changed(pairs):
    script = SCRIPT
    for old, new in pairs.items():
        assert script.count(old) == 1, old
        script = script.replace(old, new)
    return script


def run(folder, pairs, **environment):
    (folder / "study.py").write_text(changed(pairs))
    told = subprocess.run(
        [sys.executable, "study.py"], capture_output=True, text=True, check=False, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "3 months" in told.stdout
    return pq.read_table(folder / "results" / "cluster" / "estimates.parquet")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The same study without a cluster."""
    out = tmp_path_factory.mktemp("whole") / "study"
    scenario = sb.scenario("planned_2018", {"trial.sample_size": 100})
    sb.run(scenario, 6, jobs=1, out=out, progress=False)
    return pq.read_table(out / "estimates.parquet")


def test_one_line_says_where():
    here, there = SCRIPT.splitlines(), changed(ON_SLURM).splitlines()
    assert sum(old != new for old, new in zip(here, there, strict=True)) == 1


@pytest.mark.slow
def test_it_runs_on_this_machine(tmp_path, whole):
    assert run(tmp_path, FEW).equals(whole)


@pytest.mark.slow
def test_it_runs_on_slurm(tmp_path, whole, slurm):
    assert run(tmp_path, {**FEW, **ON_SLURM, **HERE_ONLY}, **slurm).equals(whole)
    assert len((tmp_path / "jobs").read_text().split()) == 2
