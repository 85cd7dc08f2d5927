"""Power of plain trials against closed forms; `checks/closed_form_power.py` has more replicates."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[3] / "checks" / "closed_form_power.py"
REPLICATES = 300


@pytest.fixture(scope="module")
def check():
    spec = importlib.util.spec_from_file_location("closed_form_power", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SCRIPT.parent))  # the checks share a folder of their own
        patch.setitem(sys.modules, spec.name, module)  # dataclasses look their module up
        spec.loader.exec_module(module)
        yield module


@pytest.mark.slow
def test_power_is_that_of_the_closed_form(check):
    for case in check.cases():
        error = np.sqrt(case.power * (1.0 - case.power) / REPLICATES)
        assert check.simulated(case, REPLICATES) == pytest.approx(case.power, abs=3.0 * error)
