"""What is exported is read back by pandas, pyreadstat and R with equal values."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest

import selfback as sb
from sim.export.names import sas_names, stata_names
from sim.tables.codebook import CODEBOOK

ZERO = 5.397605346934028e-79
"""What pandas makes of 0 in a transport file."""
TRIALS = [
    ("selfback_2021", 30),
    ("knee_koos", 40),
    pytest.param("three_arms", 30, marks=pytest.mark.slow),
]


def _values(column: pd.Series) -> list[object]:
    """Return values with None for what is missing, true and false as numbers."""
    return [
        None if value is None or value == "" or value != value else  # noqa: PLR0124 - NaN
        (float(value) if isinstance(value, (bool, np.bool_, int, float, np.number)) else value)
        for value in column.tolist()
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "size"), TRIALS)
def test_stata_files_have_the_same_values(exported, name, size):
    found, folder = exported(name, "dta", trial__sample_size=size)
    for table, frame in found.tables.items():
        path = folder / f"{table}.dta"
        names = stata_names(list(frame.columns))
        by_pandas = pd.read_stata(path, convert_categoricals=False)
        by_pyreadstat, about = pyreadstat.read_dta(path)
        labels = about.variable_value_labels
        for column in frame.columns:
            wanted = _values(frame[column])
            turned = labels.get(names[column])
            if turned and frame[column].dtype != bool:
                codes = {label: code for code, label in turned.items()}
                wanted = [None if value is None else codes[value] for value in wanted]
            assert _values(by_pandas[names[column]]) == wanted, (table, column)
            assert _values(by_pyreadstat[names[column]]) == wanted, (table, column)


@pytest.mark.parametrize(("name", "size"), TRIALS)
def test_transport_files_have_the_same_values(exported, name, size):
    found, folder = exported(name, "xpt", trial__sample_size=size)
    for table, frame in found.tables.items():
        names = sas_names(list(frame.columns))
        path = folder / f"{table}.xpt"
        by_pyreadstat, _ = pyreadstat.read_xport(path)
        # pandas refuses a file without rows.
        by_pandas = pd.read_sas(path, format="xport", encoding="utf-8") if len(frame) else None
        for column in frame.columns:
            wanted = _values(frame[column])
            assert _values(by_pyreadstat[names[column]]) == wanted, (table, column)
            if by_pandas is not None:
                read = _values(by_pandas[names[column]])
                assert [0.0 if each == ZERO else each for each in read] == wanted, (table, column)


def test_r_reads_the_same_values(exported, run_r):
    found, folder = exported("knee_koos", "dta", trial__sample_size=40)
    _, transported = exported("knee_koos", "xpt", trial__sample_size=40)
    frame = found.tables["visits"]
    code = (
        "d <- haven::read_dta('visits.dta'); x <- haven::read_xpt(file.path(commandArgs(TRUE)[1],"
        "'visits.xpt')); stopifnot(as.character(haven::as_factor(d$visit)) == x$VISIT);"
        "cat(format(c(sum(d$koos_pain, na.rm = TRUE), sum(x$KOOS_PAI, na.rm = TRUE),"
        "sum(is.na(d$koos_pain)), sum(is.na(x$KOOS_PAI)),"
        "sum(d$participant * as.numeric(d$visit))), digits = 17))"
    )
    numbers = [float(each) for each in run_r(folder, "-e", code, str(transported)).split()]
    scores = frame["koos_pain"]
    total, missing = scores.sum(), scores.isna().sum()
    order = ["baseline", *(visit.name for visit in found.scenario.trial.visits)]
    visit = frame["visit"].map(order.index)
    crossed = (frame["participant"] * visit).sum()
    assert numbers == pytest.approx([total, total, missing, missing, crossed], rel=1e-14)


def test_stata_labels_are_those_of_the_codebook(exported):
    found, folder = exported("selfback_2021", "dta", trial__sample_size=30)
    _, about = pyreadstat.read_dta(folder / "participants.dta")
    labels = dict(zip(about.column_names, about.column_labels, strict=True))
    assert labels["age"] == "Age, years"
    assert labels["interest_day"].startswith("Day of interest, with the time of day (days; day 0")
    arms = about.variable_value_labels["arm"]
    assert arms == dict(enumerate(found.scenario.arm_names))
    assert about.variable_value_labels["sex"] == {0: "female", 1: "male"}
    book = pd.read_csv(folder / CODEBOOK).set_index(["table", "column"])
    assert book.loc[("participants", "sex"), "codes"] == "0 female; 1 male"


def test_the_codebook_has_the_names_of_a_transport_file(exported):
    _, folder = exported("selfback_2021", "xpt", trial__sample_size=30)
    book = pd.read_csv(folder / CODEBOOK)
    for table, rows in book.groupby("table"):
        written = pyreadstat.read_xport(folder / f"{table}.xpt", metadataonly=True)[1]
        assert rows["name_in_file"].tolist() == written.column_names
        assert all(len(name) <= 8 for name in written.column_names)
        assert all(len(label.encode()) <= 40 for label in written.column_labels)


def test_exported_data_are_analysed_again(exported):
    found, folder = exported("knee_koos", "dta", trial__sample_size=40)
    again = sb.analyse(
        folder / "participants.dta", folder / "visits.dta", plan=found.scenario
    ).estimates  # fmt: skip
    first = found.tables["estimates"]
    mine = first[first["analysis"] == "mmrm"]["estimate"].tolist()
    assert again[again["analysis"] == "mmrm"]["estimate"].tolist() == pytest.approx(mine)


@pytest.mark.parametrize("form", ["dta", "xpt", "adam"])
def test_awkward_names_and_texts_come_through(awkward, form, tmp_path):
    found = sb.trial(awkward.scenario, out=tmp_path / "x", export=form)
    frame = found.tables["participants"]
    wanted = frame[awkward.long].tolist()
    assert awkward.level in wanted
    assert "ja, nå" in wanted
    if form == "dta":
        read, about = pyreadstat.read_dta(tmp_path / "x/participants.dta")
        name = awkward.long[:32]
        labels = about.variable_value_labels[name]
        assert [labels[code] for code in read[name]] == wanted
        assert (
            dict(zip(about.column_names, about.column_labels, strict=True))["bmi"]
            == awkward.words[:80]
        )
    else:
        file, name = ("participants", "A_COVARI") if form == "xpt" else ("adsl", "A_COVARI")
        read, about = pyreadstat.read_xport(tmp_path / f"x/{file}.xpt")
        assert read[name].tolist() == wanted
    empty = {"dta": "adverse_events.dta", "xpt": "adverse_events.xpt", "adam": "adae.xpt"}[form]
    reader = pyreadstat.read_dta if form == "dta" else pyreadstat.read_xport
    nobody, _ = reader(tmp_path / "x" / empty)
    assert len(nobody) == 0
    tables = json.loads((tmp_path / "x/manifest.json").read_text("utf-8"))["tables"]
    assert empty in tables


def test_a_knee_trial_has_no_word_of_selfback(exported):
    for form in ("csv", "dta", "xpt", "adam"):
        _, folder = exported("knee_koos", form, trial__sample_size=40)
        for file in folder.iterdir():
            if file.name != "manifest.json":  # which names this software
                content = file.read_bytes().lower()
                for word in (b"selfback", b"rmdq", b"back pain", b"wristband"):
                    assert word not in content, (file, word)


def test_parquet_is_as_it_was(exported):
    found, folder = exported("knee_koos", "parquet", trial__sample_size=40)
    table = pq.read_table(folder / "visits.parquet").to_pandas()
    pd.testing.assert_frame_equal(table, found.tables["visits"])
