"""Runs an analysis by its name: one of the register, or a user's own.

What an analysis is called with depends on its kind in :mod:`scenarios.analyses.register`:

- ``continuous``: ``function(inputs)``, returns a :class:`LongitudinalResult` by outcome;
- ``response`` and ``count``: ``function(inputs, response, long)``, once for each definition of
  response, binary outcome or count, with its name and its rows and columns, returns estimates;
- ``sensitivity`` and ``alternative``, of the primary outcome: ``function(inputs)``, returns
  estimates. So does a user's own.
"""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

from analysis.data.estimates import Estimate
from analysis.plan.design_matrix import LongData
from analysis.plan.inputs import Inputs
from analysis.plan.longitudinal import LongitudinalResult
from analysis.plan.own import run_own
from scenarios.analyses.register import Registered, registered


def function_of(entry: Registered) -> Callable[..., Any]:
    """Return what computes an analysis of the register."""
    module, _, attribute = entry.function.partition(":")
    function: Callable[..., Any] = getattr(import_module(module), attribute)
    return function


def of_continuous(name: str, inputs: Inputs) -> dict[str, LongitudinalResult]:
    """Run an analysis of all continuous outcomes."""
    results: dict[str, LongitudinalResult] = _built_in(name)(replace(inputs, name=name))
    return results


def of_response(name: str, inputs: Inputs, response: str, long: LongData) -> list[Estimate]:
    """Run an analysis of response by one definition of it, of a binary outcome or of a count."""
    estimates: list[Estimate] = _built_in(name)(replace(inputs, name=name), response, long)
    return estimates


def of_primary(name: str, inputs: Inputs) -> list[Estimate]:
    """Run an analysis of the primary outcome, of the register or a user's own.

    Raises
    ------
    InputError
        If there is no analysis of that name.
    """
    entry = registered(name)
    named = replace(inputs, name=name)
    if entry is None:
        return run_own(named)
    estimates: list[Estimate] = function_of(entry)(named)
    return estimates


def _built_in(name: str) -> Callable[..., Any]:
    entry = registered(name)
    if entry is None:
        raise ValueError(f"{name!r} is not in the register of analyses")
    return function_of(entry)
