"""A study that is to be precise enough ends when it is, as the study of that many replicates."""

import json

import numpy as np
import pyarrow as pa
import pytest

from analysis.data.estimates import SCHEMA
from analysis.decision.rule import IN_FAVOUR, NEITHER
from analysis.replicates import precision
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from sim.replicates.analysed import FAILURE_SCHEMA
from sim.study.executors import JoblibExecutor
from sim.study.runner import run_study
from sim.study.setting import Setting
from sim.study.store.place import Place
from sim.study.until import Until, check_asked

SCENARIO = load_scenario("planned_2018")
PLAN = SCENARIO.analysis


class Trials:
    def __init__(self, at=None):
        self.simulated = []
        self.at = at
        self.__qualname__ = "trials"

    def __call__(self, scenario, number):
        if number == self.at:
            raise KeyboardInterrupt
        self.simulated.append(number)
        estimate = float(np.random.default_rng(number).standard_normal())
        row = {
            "replicate": number, "analysis": PLAN.primary_analysis,
            "outcome": PLAN.primary_outcome, "visit": PLAN.primary_visit,
            "contrast": "difference", "estimate": estimate, "se": 1.0, "df": None,
            "lower": estimate - 2.0, "upper": estimate + 2.0, "p": float(number % 10 == 0),
            "decision": NEITHER if number % 10 == 0 else IN_FAVOUR,
            "n": 10, "converged": True, "failure": "",
        }  # fmt: skip
        table = pa.Table.from_pylist([row], schema=SCHEMA)
        return {"estimates": table, "failures": FAILURE_SCHEMA.empty_table()}


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(precision, "FIRST", 20)
    monkeypatch.setattr(precision, "UNIT", 10)


def run(out, trials, replicates=200, until=None, **more):
    setting = Setting(JoblibExecutor(1), Place(out), **more)
    asked = None if until is None else Until(SCENARIO, until)
    result = run_study(
        SCENARIO, replicates=replicates, executor=setting.executor, out=out, replicate=trials,
        setting=setting, until=asked,
    )  # fmt: skip
    return result.replicates


def contents(out):
    return {file.name: file.read_bytes() for file in sorted(out.glob("*.parquet"))}


def test_it_ends_early_goes_on_after_an_interruption_and_is_the_study_of_that_many(tmp_path):
    told, until = [], {"power": 0.045}
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "out", Trials(at=32), until=until)
    rest = Trials()
    ended = run(tmp_path / "out", rest, until=until, tell=told.append)
    assert 40 <= ended < 120
    assert min(rest.simulated) == 30
    assert (
        f"precise enough after {ended} replicates: Monte Carlo standard error of power" in told[1]
    )
    run(tmp_path / "plain", Trials(), replicates=ended)
    assert contents(tmp_path / "out") == contents(tmp_path / "plain")
    noted = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert (noted["replicates"], noted["until_mcse"]["most"]) == (ended, 200)
    again = Trials()
    assert run(tmp_path / "out", again, until=until, repeat="resume") == ended
    assert again.simulated == []


def test_it_ends_at_the_most_there_may_be(tmp_path):
    told = []
    assert run(tmp_path / "out", Trials(), 50, {"bias": 1e-9}, tell=told.append) == 50
    assert (
        "not precise enough after 50 replicates: Monte Carlo standard error of bias inf" in told[0]
    )


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"powr": 0.1}, "--until-mcse powr is not allowed: did you mean power?"),
        ({"power": 0.0}, "power=0 is not allowed: must be above 0"),
        ({"coverage": 0.1}, "coverage needs true effects: add --truth"),
        ({}, "asks for nothing"),
    ],
)
def test_what_cannot_be_asked_for_is_told(asked, told):
    with pytest.raises(InputError, match=told.replace("?", r"\?")):
        check_asked(asked, SCENARIO)
