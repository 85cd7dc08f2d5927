"""The register of analyses and the functions it names."""

import inspect

import pytest

from analysis.plan.run import function_of, of_continuous
from scenarios.analyses.register import REGISTER

ARGUMENTS = {
    "continuous": ["inputs"],
    "response": ["inputs", "response", "long"],
    "count": ["inputs", "outcome", "long"],
    "sensitivity": ["inputs"],
    "alternative": ["inputs"],
}


@pytest.mark.parametrize("entry", REGISTER, ids=lambda entry: entry.name)
def test_every_analysis_of_the_register_has_its_function(entry):
    function = function_of(entry)
    assert list(inspect.signature(function).parameters) == ARGUMENTS[entry.kind]


def test_a_name_that_is_not_registered_is_refused():
    with pytest.raises(ValueError, match="'cldaa' is not in the register"):
        of_continuous("cldaa", None)
