"""An interrupt at any moment ends the command in one line, which says what is kept."""

import io
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli.main import _ended_by
from sim.interrupts import INTERRUPTED, TERMINATED, Terminated, first_one_asks, held
from sim.study.store.status import read_status

RUN = ("run", "planned_2018", "--set", "trial.sample_size=40", "--replicates=1500", "--jobs=2")
ENDINGS = {
    signal.SIGINT: (INTERRUPTED, "selfback: interrupted, nothing is left behind\n"),
    signal.SIGTERM: (TERMINATED, "selfback: terminated, nothing is left behind\n"),
}
ASKED = "selfback: what is under way is finished and kept"
AT_IMPORT = """
import signal, sys
from sim.__main__ import main

number, module = int(sys.argv.pop(1)), sys.argv.pop(1)

class Interrupter:
    def find_spec(self, name, path, target=None):
        if name == module:
            signal.raise_signal(number)

sys.meta_path.insert(0, Interrupter())
main()
"""
"""The command, with a signal that comes when a module begins to be imported."""


@pytest.fixture(autouse=True)
def _interruptible():
    """Catch Ctrl-C: a shell that runs tests in the background has it ignored, in children, too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", ENDINGS)
@pytest.mark.parametrize(
    ("executor", "line"),
    [
        ("joblib", " 0 of 1500"),
        ("joblib", r" [1-9]\d* of 1500"),
        pytest.param("dask", " 0 of 1500", marks=pytest.mark.slow),
        pytest.param("dask", r" [1-9]\d* of 1500", marks=pytest.mark.slow),
    ],
)
def test_a_study_is_interrupted(tmp_path, number, executor, line):
    code, nothing = ENDINGS[number]
    study = tmp_path / "study"
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "sim", *RUN, f"--executor={executor}", f"--out={tmp_path}/study"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
        text=True,
    ) as process:
        # The line comes before workers are started, or when they are at work.
        while not re.search(line, process.stderr.readline()):
            assert process.poll() is None
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does
        else:
            process.send_signal(number)
        # It ends when the last process that could write there is gone: no worker is left.
        last = process.communicate(timeout=120)[1]
    assert process.returncode == code, last
    told = last.splitlines(keepends=True)
    if line != " 0 of 1500":  # before that, the signal may come before it is caught
        assert (ASKED in last) is (number == signal.SIGINT)
    if told[-1] == nothing:
        assert list(tmp_path.iterdir()) == []
        return
    kept = nothing.replace("nothing is left behind", r"(\d+) replicates are kept in {0}: selfback ")
    goes_on = (kept.rstrip("\n") + r"resume {0} goes on with them\n").format(re.escape(str(study)))
    found = re.fullmatch(goes_on, told[-1])
    assert found, told
    assert list(tmp_path.iterdir()) == [study]
    assert (read_status(study).kept, read_status(study).state) == (int(found[1]), "interrupted")


@pytest.mark.parametrize("number", ENDINGS)
@pytest.mark.parametrize("module", ["typer", "numpy", "joblib", "sim.cli.commands.trials.run"])
def test_an_interrupt_during_imports_is_reported_in_one_line(tmp_path, number, module):
    code, message = ENDINGS[number]
    found = subprocess.run(  # noqa: S603 - our own command
        [
            sys.executable,
            "-c",
            AT_IMPORT,
            str(int(number)),
            module,
            *RUN,
            f"--out={tmp_path}/study",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert (found.returncode, found.stdout, found.stderr) == (code, "", message)
    assert list(tmp_path.iterdir()) == []


def test_signals_that_are_held_take_effect_afterwards():
    reached = []

    def start_workers():
        with held():
            signal.raise_signal(signal.SIGINT)
            reached.append("the end")

    with pytest.raises(KeyboardInterrupt):
        start_workers()
    assert reached == ["the end"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_processes_started_while_signals_are_held_ignore_ctrl_c():
    with held():
        child = subprocess.Popen(
            [sys.executable, "-c", "print(input())"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
    child.send_signal(signal.SIGINT)
    assert child.communicate(b"deaf\n", timeout=60)[0].split() == [b"deaf"]


class InterruptedFile(io.RawIOBase):
    """A file whose first write is interrupted by Ctrl-C."""

    def __init__(self, number):
        super().__init__()
        self._number, self._writes = number, 0

    def writable(self):
        return True

    def fileno(self):
        return self._number

    def write(self, text):
        self._writes += 1
        if self._writes == 1:
            signal.raise_signal(signal.SIGINT)
        return os.write(self._number, text)


def test_ctrl_c_is_answered_while_a_line_is_being_written(monkeypatch):
    reader, writer = os.pipe()
    file = io.BufferedWriter(InterruptedFile(writer))
    stream = io.TextIOWrapper(file, line_buffering=True, write_through=True)
    monkeypatch.setattr(sys, "stderr", stream)
    asked = []
    with first_one_asks(lambda: asked.append(True)):
        sys.stderr.write("12 of 1500\n")
    os.close(writer)
    with os.fdopen(reader) as told:
        lines = told.read().splitlines()
    assert asked == [True]
    assert sorted(lines) == ["12 of 1500", f"{ASKED}; press Ctrl-C again to stop at once"]


@pytest.mark.parametrize(("stop", "code"), [(KeyboardInterrupt, 130), (Terminated, 143)])
def test_an_error_that_is_made_of_an_interrupt_is_one(stop, code, capsys):
    error = ImportError("a compiled module")
    error.__context__ = stop()
    found = _ended_by(error, [])
    assert found == code
    assert capsys.readouterr().err.count("\n") == 1
    assert _ended_by(ValueError("no interrupt"), []) == 70
