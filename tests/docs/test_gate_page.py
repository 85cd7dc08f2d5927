"""docs/gate.md quotes its records, and these keep what the gate promises."""

import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

DOCS = Path(__file__).parents[2] / "docs"
RUNS, NORMAL, CALIBRATION = (
    pd.read_csv(DOCS / "gate" / f"{name}.csv") for name in ("runs", "normal", "calibration")
)


@pytest.fixture(scope="module")
def study():
    spec = importlib.util.spec_from_file_location("gate_study", DOCS / "gate_study.py")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(DOCS))
    sys.modules["gate_study"] = module
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(DOCS))
    return module


def quoted(name):
    page = (DOCS / "gate.md").read_text("utf-8")
    return re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", page, re.DOTALL)[1]


def test_the_tables_are_the_records(study):
    spoiled = {loss: study.spoiled_for(loss, CALIBRATION) for loss in study.LOSSES}
    assert quoted("runs") == study.runs_table(RUNS, spoiled)
    assert quoted("normal") == study.written(NORMAL)
    assert quoted("calibration") == study.written(CALIBRATION)
    assert f"--runs {RUNS['run'].nunique()} " in quoted("command")


def test_the_losses_are_what_they_are_said_to_be(study):
    for loss, name in study.NAMES.items():
        runs = RUNS[RUNS["recommender"] == name]
        share = runs["loss"] / -runs["before"].mean()
        assert share.mean() == pytest.approx(loss, abs=0.01 + 3 * share.sem())


def test_the_stated_rates_are_kept(study):
    failed = (RUNS["verdict"] == "fail").groupby(RUNS["recommender"]).mean()
    assert failed[study.NAMES[0.0]] <= study.ALPHA
    assert (failed.drop(study.NAMES[0.0]) >= 1 - study.BETA).all()
    runs = int(re.search(r"--normal (\d+)", quoted("command"))[1])
    for row in NORMAL.to_dict("records"):
        rate, wrong = (study.BETA, row["pass"]) if row["loss"] else (study.ALPHA, row["fail"])
        assert wrong <= rate + 3 * np.sqrt(rate * (1 - rate) / runs)
