"""What is told of work under way is labelled, and promises nothing that is not known."""

import threading

from sim.study import progress


def test_the_first_line_promises_nothing(capsys):
    with progress.show_progress("simulating x") as advance:
        advance(50, 60)  # kept by an earlier run
        advance(55, 60)
        advance(60, 60)
    first, second, last = capsys.readouterr().err.splitlines()
    assert first == "simulating x: 50 of 60, time left not known yet"
    assert second.startswith("simulating x: 55 of 60, at most about ")
    assert second.endswith(" left")
    assert last == "simulating x: 60 of 60"


def test_what_takes_long_says_so(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LONG", 0.01)
    told = threading.Event()
    with progress.at_work("analysing visits.csv"):
        while not told.wait(0.01):
            if "at work for" in (text := capsys.readouterr().err):
                told.set()
    assert text.startswith("analysing visits.csv: at work for 0 s, time left not known\n")


def test_what_takes_a_moment_says_nothing(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LONG", 1000.0)
    with progress.at_work("replaying participant 1"):
        pass
    assert not capsys.readouterr().err
