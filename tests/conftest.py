import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario

REQUIRED = "SELFBACK_REQUIRE_R"
"""With this variable set, R must be there."""

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
