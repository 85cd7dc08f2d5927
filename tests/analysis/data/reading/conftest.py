"""A small trial as two tables of texts, and how it is written to files of every kind."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from analysis.data.reading.read_trial import read_trial
from analysis.data.reading.wanted import Wanted
from scenarios.design.covariates import covariates_by_name
from scenarios.loading.load import load_scenario

WANTED = Wanted(
    declared=load_scenario("selfback_2021").scales,
    arms=load_scenario("selfback_2021").arms,
    known=covariates_by_name(load_scenario("selfback_2021").covariates),
    visits=("baseline", "6 weeks", "3 months"),
    outcomes=("rmdq", "eq_5d"),
    covariates=("education", "age"),
    levels={"education": ("short", "længere")},
)
PARTICIPANTS = (
    ("participant", "arm", "education", "age"),
    ("0001", "control", "short", "45.5"),
    ("1", "intervention", "længere", "30"),
    ("A2", "control", "længere", ""),
    ("A10", "intervention", "short", "61.25"),
)
VISITS = (
    ("participant", "visit", "rmdq", "eq_5d"),
    ("0001", "baseline", "12", "0.5"),
    ("0001", "6 weeks", "7", ""),
    ("1", "baseline", "9", "-0.125"),
    ("1", "3 months", "8.5", "1"),
    ("A2", "baseline", "11", "0.75"),
    ("A2", "3 months", "", "0.875"),
    ("A10", "baseline", "4", "0.5"),
    ("A10", "6 weeks", "3", "0.625"),
)


def delimited(rows, separator=",", end="\n"):
    return end.join([*(separator.join(row) for row in rows), ""])


class Trial:
    """Two tables in a folder, and what reading them gives."""

    participants = PARTICIPANTS
    visits = VISITS
    wanted = WANTED

    def __init__(self, folder):
        self.folder = Path(folder)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def read(self, participants=None, visits=None, mapping=None, wanted=WANTED):
        paths = [
            self.write(name, delimited(rows) if isinstance(rows, tuple) else rows)
            if not isinstance(rows, (Path, pd.DataFrame)) else rows
            for name, rows in (
                ("p.csv", PARTICIPANTS if participants is None else participants),
                ("v.csv", VISITS if visits is None else visits),
            )
        ]  # fmt: skip
        told = None if mapping is None else self.write("m.toml", mapping)
        return read_trial(*paths, wanted, told)


@pytest.fixture
def trial(tmp_path):
    return Trial(tmp_path)


@pytest.fixture(scope="session")
def same():
    """Whether two trials are the same in every field."""

    def equal(one, other):
        if isinstance(one, dict):
            return list(one) == list(other) and all(equal(one[key], other[key]) for key in one)
        if isinstance(one, np.ndarray):
            return one.dtype == other.dtype and np.array_equal(
                one, other, equal_nan=one.dtype.kind == "f"
            )
        return one == other

    def compare(one, other):
        return all(equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))

    return compare


def frame(rows, texts):
    """Return a table as a DataFrame: some columns texts, the others numbers."""
    table = pd.DataFrame(list(rows[1:]), columns=list(rows[0]))
    for name in table:
        if name not in texts:
            table[name] = pd.to_numeric(table[name])
    return table


@pytest.fixture(scope="session")
def frames():
    return (
        frame(PARTICIPANTS, ("participant", "arm", "education")),
        frame(VISITS, ("participant", "visit")),
    )


@pytest.fixture(scope="session")
def written(tmp_path_factory, frames):
    """The two tables as files of every kind."""
    folder = tmp_path_factory.mktemp("kinds")
    found = {}
    for kind, save in (
        ("csv", lambda table, path: table.to_csv(path, index=False)),
        ("xlsx", lambda table, path: table.to_excel(path, index=False)),
        ("parquet", lambda table, path: table.to_parquet(path)),
        ("dta", pyreadstat.write_dta),
        ("sav", pyreadstat.write_sav),
    ):
        paths = [folder / f"{name}.{kind}" for name in ("participants", "visits")]
        for table, path in zip(frames, paths, strict=True):
            save(table, path)
        found[kind] = tuple(paths)
    return found
