"""Fonts, R and a browser, each of them missing."""

import shutil
import subprocess
import tempfile

import matplotlib as mpl
import pytest

from sim.doctor import outside
from sim.doctor.finding import Status


def only(findings):
    (found,) = findings
    return found


def test_a_font_that_is_not_there():
    assert only(outside.fonts()).status is Status.GOOD
    with mpl.rc_context({"font.family": ["no such font"]}):
        found = only(outside.fonts())
    assert found.status is Status.ADVICE
    assert found.says.startswith("none of no such font is there")


def test_a_list_of_fonts_that_cannot_be_kept(monkeypatch):
    temporary = f"{tempfile.gettempdir()}/matplotlib-abc"
    monkeypatch.setattr(mpl, "get_cachedir", lambda: temporary)
    found = only(outside.fonts())
    assert (found.status, "MPLCONFIGDIR" in found.remedy) == (Status.ADVICE, True)


@pytest.mark.parametrize(
    ("told", "status", "words"),
    [
        ("4.5.1 arrow geepack haven MASS nlme", Status.GOOD, "with MASS, arrow, geepack"),
        ("4.5.1 arrow haven MASS nlme", Status.ADVICE, "4.5.1, without geepack"),
    ],
)
def test_r_and_its_packages(monkeypatch, told, status, words):
    monkeypatch.setattr(shutil, "which", lambda _name: "/bin/Rscript")
    monkeypatch.setattr(outside, "_told", lambda _command: told)
    found = only(outside.r())
    assert found.status is status
    assert words in found.says


@pytest.mark.parametrize("error", [subprocess.TimeoutExpired("Rscript", 5.0), OSError(), None])
def test_an_r_that_does_not_answer_is_no_problem_of_ours(monkeypatch, error):
    def told(_command):
        if error is None:
            return ""
        raise error

    monkeypatch.setattr(shutil, "which", lambda _name: "/bin/Rscript")
    monkeypatch.setattr(outside, "_told", told)
    found = only(outside.r())
    assert found.status is Status.ADVICE
    assert "gives no answer" in found.says


@pytest.mark.usefixtures("rscript")
def test_r_answers(monkeypatch):
    monkeypatch.setattr(outside, "PATIENCE", 300.0)  # a test waits for a slow machine
    assert only(outside.r()).says[0].isdigit()


def test_without_r_and_without_a_browser(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    for found in (only(outside.r()), only(outside.browser())):
        assert found.status is Status.ADVICE
        assert found.remedy.startswith("install")


def test_a_browser_is_of_use_in_a_checkout_only(monkeypatch):
    monkeypatch.setattr(outside, "is_checkout", lambda: False)
    assert list(outside.browser()) == []
