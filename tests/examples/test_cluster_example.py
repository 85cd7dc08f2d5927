"""The study on a cluster runs here and, by changing one line, with a stand-in for Slurm."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
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
SBATCH = """#!/bin/sh
cp "$1" "$FAKE_SLURM/job-$$.sh"
setsid sh "$FAKE_SLURM/job-$$.sh" >"$FAKE_SLURM/job-$$.log" 2>&1 &
echo "$!" >>"$FAKE_SLURM/jobs"
echo "Submitted batch job $!"
"""


def changed(pairs):
    script = SCRIPT
    for old, new in pairs.items():
        assert script.count(old) == 1, old
        script = script.replace(old, new)
    return script


def run(folder, pairs, **environment):
    (folder / "study.py").write_text(changed(pairs))
    told = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "study.py"], capture_output=True, text=True, check=False, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "Performance at 3 months" in told.stdout or "3 months" in told.stdout
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
def test_it_runs_on_slurm(tmp_path, whole):
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in {"sbatch": SBATCH, "scancel": "#!/bin/sh\n"}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    jobs = tmp_path / "jobs"
    try:
        found = run(tmp_path, {**FEW, **ON_SLURM, **HERE_ONLY}, PATH=path, FAKE_SLURM=str(tmp_path))
        assert found.equals(whole)
        assert len(jobs.read_text().split()) == 2
    finally:
        for job in jobs.read_text().split() if jobs.exists() else ():
            with suppress(ProcessLookupError):
                os.killpg(int(job), signal.SIGKILL)
