"""What was run, with what, when: enough to run it again."""

import platform
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from scenarios.extras import PACKAGE
from scenarios.loading.load import scenario_hash
from scenarios.schema import Scenario
from sim.revision import git_revision

PACKAGES = (
    PACKAGE, "numpy", "scipy", "pandas", "pyarrow", "pydantic", "simpy", "statsmodels",
    "joblib", "dask", "distributed",
)  # fmt: skip


def describe_run(
    scenario: Scenario,
    *,
    first: int,
    replicates: int,
    started: datetime,
    since: datetime | None = None,
    before: float = 0.0,
    **more: Any,
) -> dict[str, Any]:
    """Return the manifest of a run as plain data; its duration is in seconds.

    Parameters
    ----------
    first, replicates
        Number of the first replicate, and how many there are.
    started
        With its time zone: when the study was begun.
    since, before
        When this process began to work on it, if another one had before; and how long those took
        that came to an end, in seconds.
    more
        What else there is to say, such as the executor.
    """
    begun = since or started
    seconds = before + (datetime.now(tz=begun.tzinfo) - begun).total_seconds()
    return {
        "scenario_name": scenario.name,
        "scenario_hash": scenario_hash(scenario),
        "seed": scenario.seed,
        "first_replicate": first,
        "replicates": replicates,
        **more,
        "started": started.isoformat(timespec="seconds"),
        "duration": round(seconds, 3),
        "python": platform.python_version(),
        "packages": package_versions(),
        "git_revision": git_revision(),
        "scenario": scenario.model_dump(mode="json"),
    }


def package_versions() -> dict[str, str]:
    """Return the versions of what takes part in a run, those that are installed."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue  # an extra that is not installed took no part
    return found
