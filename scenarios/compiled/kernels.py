"""Kernels: plain loops over arrays, compiled by numba when they are first called.

A loop that reads like the rule it states costs Python some hundred times what it costs a processor.
A kernel is such a loop: an ordinary function over arrays and numbers, compiled once and kept on
disk (:mod:`scenarios.compiled.cache`). numba is imported with the first call and not before, so
that a trial that calls no kernel never waits for it.

With ``NUMBA_DISABLE_JIT=1`` kernels stay ordinary Python functions: slow, easy to step through, and
with the same results. For that, a kernel keeps to arithmetic on which Python and numba agree:
single-precision numbers come from arrays and records, and meet a Python number only where double
precision is meant. There is no ``fastmath``: sums keep their order, so that results do not depend
on the processor.
"""

import functools
import inspect
import os
from collections.abc import Callable
from types import FunctionType
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np

from scenarios.compiled.cache import compile_and_keep

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that is compiled when it is first called.

    Functions that it calls by the names they have in its module are compiled with it, and stay
    ordinary functions for everybody else.
    """
    return cast("Callable[P, R]", Kernel(cast("FunctionType", function)))


def python_only() -> bool:
    """Return whether kernels are to stay Python functions."""
    return os.environ.get("NUMBA_DISABLE_JIT", "") not in {"", "0"}


class Kernel:
    """A function, and what it is compiled to."""

    def __init__(self, function: FunctionType) -> None:
        self._function = function
        self._compiled: Callable[..., Any] | None = None
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any) -> Any:
        """Call the compiled function."""
        return (self._compiled or self.compiled())(*args)

    def compiled(self) -> Callable[..., Any]:
        """Return what is called in place of the function; types are settled by its first call."""
        if self._compiled is None:
            self._compiled = self._in_python if python_only() else self._compile()
        return self._compiled

    def source(self) -> str:
        """Return all that the compiled function follows from: text, constants, callees."""
        names = {name: self._function.__globals__.get(name) for name in self._names()}
        return "\n".join(
            [
                inspect.getsource(self._function),
                *(f"{name} = {value!r}" for name, value in names.items() if _is_constant(value)),
                *(callee.source() for callee in self._callees().values()),
            ]
        )

    def _compile(self) -> Callable[..., Any]:
        function = self._function
        # A callee is compiled to what its name stands for in the caller's module.
        names = {name: callee.compiled() for name, callee in self._callees().items()}
        own = FunctionType(function.__code__, function.__globals__ | names, function.__name__)
        return compile_and_keep(own, self.source())

    def _in_python(self, *args: Any) -> Any:
        # Python knows the fields of a record by attribute as numba does, if it is told to.
        return self._function(
            *(
                arg.view(np.recarray) if isinstance(arg, np.ndarray) and arg.dtype.names else arg
                for arg in args
            )
        )

    def _names(self) -> tuple[str, ...]:
        return self._function.__code__.co_names

    def _callees(self) -> "dict[str, Kernel]":
        found = {name: self._function.__globals__.get(name) for name in self._names()}
        return {
            name: value if isinstance(value, Kernel) else _callee(value)
            for name, value in found.items()
            if isinstance(value, Kernel | FunctionType)
        }


@functools.cache
def _callee(function: FunctionType) -> Kernel:
    return Kernel(function)


def _is_constant(value: object) -> bool:
    return value is not None and not callable(value) and not inspect.ismodule(value)
