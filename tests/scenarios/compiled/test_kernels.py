from typing import Any

import numpy as np
import pytest

from scenarios.compiled.kernels import Kernel, kernel

BONUS = 0.5


def with_bonus(value: float) -> float:
    return value + BONUS


def total(values: np.ndarray) -> float:
    whole = 0.0
    for value in values:
        whole += with_bonus(value)
    return whole


def pay(people: np.ndarray) -> None:
    for place in range(len(people)):
        person = people[place]
        if person.works:
            person.wage += np.float32(1.0)


@pytest.fixture(params=["compiled", "in Python"])
def how(request, monkeypatch) -> str:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", str(int(request.param == "in Python")))
    return request.param


@pytest.mark.usefixtures("how")
def test_a_kernel_returns_what_its_function_does_and_takes_those_it_calls_along():
    values = np.arange(5.0)
    assert kernel(total)(values) == total(values) == 12.5


@pytest.mark.usefixtures("how")
def test_a_kernel_changes_records_in_place_by_the_names_of_their_fields():
    people = np.zeros(3, dtype=[("works", "?"), ("wage", "f4")])
    people["works"][1] = True
    kernel(pay)(people)
    assert people["wage"].tolist() == [0.0, 1.0, 0.0]


def test_a_kernel_is_compiled_unless_told_otherwise(how):
    compiled: Any = Kernel(total).compiled()
    assert hasattr(compiled, "signatures") == (how == "compiled")


def test_what_is_kept_of_a_kernel_depends_on_its_text_its_constants_and_what_it_calls(monkeypatch):
    before = Kernel(total).source()
    assert "whole += with_bonus(value)" in before
    assert "return value + BONUS" in before
    assert "BONUS = 0.5" in before
    monkeypatch.setitem(globals(), "BONUS", 0.25)
    assert Kernel(total).source() != before
