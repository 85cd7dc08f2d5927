"""Where light tasks are done: here, while that is faster than to start workers."""

import os
from dataclasses import dataclass

from sim.study.executors import JoblibExecutor, here


def process_of(*, light: bool):
    """Return a function that says in which process it is called.

    It travels to workers by value: they do not import tests.
    """

    @dataclass
    class Task:
        light: bool

        def __call__(self, _number: int) -> int:
            return os.getpid()

    return Task(light)


def test_light_tasks_are_done_here_and_others_by_workers():
    this = os.getpid()
    assert set(JoblibExecutor(2).run(process_of(light=True), range(3))) == {this}
    assert this not in set(JoblibExecutor(2).run(process_of(light=False), range(3)))


def test_light_tasks_beyond_the_time_for_them_go_to_workers(monkeypatch):
    this = os.getpid()
    monkeypatch.setattr(here, "SECONDS_TO_START", 0.0)
    executor = JoblibExecutor(2)
    # The first is done here, to see what it costs; more of them would cost more than 0 seconds.
    first, *others = executor.run(process_of(light=True), range(4))
    assert first == this
    assert len(others) == 3
    assert this not in others
    # What it has spent, an executor remembers from one call to the next.
    assert this not in set(executor.run(process_of(light=True), range(2)))
