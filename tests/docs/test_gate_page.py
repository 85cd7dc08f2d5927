"""docs/gate.md quotes its records, and these keep the stated error rates."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

DOCS = Path(__file__).parents[2] / "docs"
RUNS, NORMAL, CALIBRATION = (
    pd.read_csv(DOCS / "gate" / f"{name}.csv") for name in ("runs", "normal", "calibration")
)


@pytest.fixture(scope="module")
def study(script):
    return script("gate_study")


def test_the_tables_are_the_records(study, quoted):
    spoiled = {loss: study.spoiled_for(loss, CALIBRATION) for loss in study.LOSSES}
    assert quoted("gate.md", "runs") == study.runs_table(RUNS, spoiled)
    assert quoted("gate.md", "normal") == study.written(NORMAL)
    assert quoted("gate.md", "calibration") == study.written(CALIBRATION)
    assert f"--runs {RUNS['run'].nunique()} " in quoted("gate.md", "command")


def test_the_losses_are_as_stated(study):
    for loss, name in study.NAMES.items():
        runs = RUNS[RUNS["recommender"] == name]
        share = runs["loss"] / -runs["before"].mean()
        assert share.mean() == pytest.approx(loss, abs=0.01 + 3 * share.sem())


def test_the_stated_rates_are_kept(study, quoted):
    failed = (RUNS["verdict"] == "fail").groupby(RUNS["recommender"]).mean()
    assert failed[study.NAMES[0.0]] <= study.ALPHA
    assert (failed.drop(study.NAMES[0.0]) >= 1 - study.BETA).all()
    runs = int(re.search(r"--normal (\d+)", quoted("gate.md", "command"))[1])
    for row in NORMAL.to_dict("records"):
        rate, wrong = (study.BETA, row["pass"]) if row["loss"] else (study.ALPHA, row["fail"])
        assert wrong <= rate + 3 * np.sqrt(rate * (1 - rate) / runs)
