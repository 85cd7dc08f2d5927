from importlib import import_module
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch):
    """Imports a module of benchmarks/ by its name, as they import each other."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return import_module
