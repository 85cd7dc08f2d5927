"""What a format cannot hold as it is comes through: long texts, columns of nothing but missing."""

import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest

import selfback as sb
from sim.export.stata import write_stata
from sim.export.transport import write_table
from sim.export.variables import Variable
from sim.tables.codebook import Entry

LONG = "på et blåbær; " * 250 + "slutt"
TEXTS = ["", LONG, "kort", ""]


@pytest.fixture(scope="module")
def table():
    return pa.table({
        "participant": [1, 2, 3, 4],
        "text": TEXTS,
        "no_number": pa.array([None] * 4, pa.float64()),
        "no_count": pa.array([None] * 4, pa.int32()),
        "no_text": pa.array([None] * 4, pa.string()),
        "no_truth": pa.array([None] * 4, pa.bool_()),
        "gap": pa.array([None, True, False, None], pa.bool_()),
    })  # fmt: skip


@pytest.fixture(scope="module")
def described(table):
    levels = {"no_truth": ("no", "yes"), "gap": ("no", "yes")}
    return [
        Variable("x", name, Entry("x", "a row", name, "å" * 100, "", "", ""), levels.get(name, ()))
        for name in table.column_names
    ]


def test_stata_keeps_long_texts_and_columns_of_nothing(table, described, tmp_path):
    scenario = sb.scenario("planned_2018")
    write_stata(table, described, scenario, tmp_path / "x.dta")
    for read in (pd.read_stata(tmp_path / "x.dta"), pyreadstat.read_dta(tmp_path / "x.dta")[0]):
        assert read["text"].tolist() == TEXTS
        assert (read["no_text"] == "").all()
        assert read[["no_number", "no_count", "no_truth"]].isna().all(axis=None)
    codes = pyreadstat.read_dta(tmp_path / "x.dta")[0]["gap"]
    assert codes.isna().tolist() == [True, False, False, True]
    assert codes[1:3].tolist() == [1.0, 0.0]
    about = pyreadstat.read_dta(tmp_path / "x.dta")[1]
    assert about.column_labels[0] == "Å" + "å" * 79
    again = tmp_path / "again.dta"
    write_stata(table, described, scenario, again)
    assert again.read_bytes() == (tmp_path / "x.dta").read_bytes()


def test_transport_files_go_on_with_long_texts_in_further_columns(table, described, tmp_path):
    write_table(table, described, tmp_path / "x.xpt")
    by_pyreadstat, about = pyreadstat.read_xport(tmp_path / "x.xpt")
    by_pandas = pd.read_sas(tmp_path / "x.xpt", format="xport", encoding="utf-8")
    parts = [name for name in about.column_names if name.startswith("TEXT")]
    assert parts[:3] == ["TEXT", "TEXT2", "TEXT3"]
    assert len(parts) >= len(LONG.encode()) / 200
    for read in (by_pyreadstat, by_pandas):
        assert len(read) == 4
        assert read[parts].fillna("").agg("".join, axis=1).tolist() == TEXTS
        assert read[["NO_NUMBE", "NO_COUNT", "NO_TRUTH"]].isna().all(axis=None)
    assert all(len(label.encode()) <= 40 for label in about.column_labels)


def test_pandas_does_not_lose_rows_that_end_in_blanks(tmp_path):
    table = pa.table({"participant": list(range(1, 12)), "detail": ["", "x"] * 5 + [""]})
    described = [Variable("x", n, Entry("x", "", n, n, "", "", "")) for n in table.column_names]
    write_table(table, described, tmp_path / "x.xpt")
    assert len(pd.read_sas(tmp_path / "x.xpt", format="xport", encoding="utf-8")) == 11
