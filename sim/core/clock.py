"""The clock of a trial."""

from collections.abc import Generator
from typing import Any

import simpy

EVENING = 1.0 - 1e-9
"""A moment before midnight, in days."""


class Clock(simpy.Environment):
    """A SimPy environment that can end the processes that still wait when a trial is over.

    A waiting process and the environment refer to each other, and keep all arrays of a trial in
    memory until Python collects such cycles: too seldom, where one trial follows another.
    """

    def __init__(self) -> None:
        super().__init__()
        self._begun: list[Generator[simpy.Event, Any, Any]] = []

    def process(self, generator: Generator[simpy.Event, Any, Any]) -> simpy.Process:
        """Begin a process."""
        self._begun.append(generator)
        return simpy.Process(self, generator)

    def close(self) -> None:
        """End all processes where they wait; the clock cannot run any more."""
        for generator in self._begun:
            generator.close()
        self._begun.clear()
