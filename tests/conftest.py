import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings

from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario

REQUIRED = "SELFBACK_REQUIRE_R"
"""With this variable set, R must be there."""
SBATCH = """#!/bin/sh
cp "$1" "$FAKE_SLURM/job-$$.sh"
setsid sh "$FAKE_SLURM/job-$$.sh" >"$FAKE_SLURM/job-$$.log" 2>&1 &
echo "$!" >>"$FAKE_SLURM/jobs"
echo "Submitted batch job $!"
"""
SCANCEL = """#!/bin/sh
for job in "$@"; do kill -9 -- "-$job"; done
"""

settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.load_profile("reproducible")


@pytest.fixture(scope="session")
def small() -> Scenario:
    """The shipped trial with 80 participants: every part of it, quickly."""
    return load_scenario("selfback_2021", ["trial.sample_size=80"])


@pytest.fixture(scope="session")
def rscript() -> str:
    """Return the path of Rscript; without R a test is skipped, unless R is required."""
    found = shutil.which("Rscript")
    if found is None:
        if os.environ.get(REQUIRED):
            pytest.fail(f"{REQUIRED} is set, and there is no Rscript")
        pytest.skip("R is not installed")
    return found


@pytest.fixture(scope="session")
def run_r(rscript):
    """Run an R script in its folder and return what it printed."""

    def run(folder: Path, *arguments: str) -> str:
        told = subprocess.run(  # noqa: S603 - R itself
            [rscript, "--vanilla", *arguments], cwd=folder, capture_output=True, text=True,
            check=False, env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        return told.stdout

    return run


@pytest.fixture
def slurm(tmp_path):
    """Variables with which commands named like Slurm's run a job at once, on this machine."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in {"sbatch": SBATCH, "scancel": SCANCEL}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    yield {"PATH": path, "FAKE_SLURM": str(tmp_path)}
    jobs = tmp_path / "jobs"
    for job in jobs.read_text().split() if jobs.exists() else ():
        with suppress(ProcessLookupError):
            os.killpg(int(job), signal.SIGKILL)
