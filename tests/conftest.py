import pytest

from scenarios.load import load_scenario
from scenarios.schema import Scenario


@pytest.fixture(scope="session")
def small() -> Scenario:
    """The shipped trial with 80 participants: every part of it, quickly."""
    return load_scenario("selfback_2021", ["trial.sample_size=80"])
