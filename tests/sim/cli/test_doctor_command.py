"""``selfback doctor``: its exit code, its lines and its object."""

import json

import pytest

from sim.cli import call
from sim.doctor.examine import Examination
from sim.doctor.finding import advice, good, problem

FINDINGS = {
    0: Examination((good("cores", "2"), advice("R", "none\x1b[31m", "install R"))),
    1: Examination((good("cores", "2"), problem("numpy", "1.26.4", "pip install numpy"))),
}


@pytest.fixture(params=FINDINGS)
def code(request, monkeypatch):
    monkeypatch.setattr("selfback.doctor", lambda: FINDINGS[request.param], raising=False)
    return request.param


def test_lines(code, capsys):
    assert call(["doctor"]) == code
    out = capsys.readouterr().out
    assert out.splitlines()[0].split() == ["good", "cores", "2"]
    assert "\x1b" not in out


def test_json(code, capsys):
    assert call(["doctor", "--json"]) == code
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "selfback/doctor"
    assert told["status"] == ("problem" if code else "advice")
    assert told["findings"][0]["name"] == "cores"
