import pytest
from hypothesis import settings

from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario

settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.load_profile("reproducible")


@pytest.fixture(scope="session")
def small() -> Scenario:
    """The shipped trial with 80 participants: every part of it, quickly."""
    return load_scenario("selfback_2021", ["trial.sample_size=80"])
