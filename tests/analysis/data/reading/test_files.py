import gzip
import os
import zipfile

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analysis.data.reading import files
from analysis.data.reading.read_trial import Reading
from scenarios.errors import InputError
from scenarios.extras import pip_line

KINDS = ["csv", "xlsx", "parquet", "dta", "sav"]


def refused(trial, *tables):
    with pytest.raises(InputError) as told:
        trial.read(*tables)
    assert "\n" not in str(told.value)
    return str(told.value)


def read_or_refused(trial, path):
    """Return what was read, or the one line that says why it was not."""
    try:
        return trial.read(path)
    except InputError as error:
        line = str(error)
    assert "\n" not in line
    assert str(path) in line or "v.csv" in line
    return line


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=120, suppress_health_check=list(HealthCheck))
@given(
    place=st.floats(0, 1, exclude_max=True),
    change=st.sampled_from(["cut", "flip", "delete", "insert"]),
    junk=st.binary(min_size=1, max_size=8),
)
@example(place=0.0, change="cut", junk=b"x")
def test_a_damaged_file_is_read_or_refused_in_one_line(trial, written, kind, place, change, junk):
    content = written[kind][0].read_bytes()
    at = int(place * len(content))
    damaged = {
        "cut": content[:at],
        "flip": content[:at] + junk + content[at + len(junk) :],
        "delete": content[:at] + content[at + len(junk) :],
        "insert": content[:at] + junk + content[at:],
    }[change]
    path = trial.write(f"damaged.{kind}", damaged)
    assert isinstance(read_or_refused(trial, path), (Reading, str))


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=300), st.sampled_from(KINDS))
def test_any_bytes_are_refused_in_one_line(trial, content, kind):
    assert refused(trial, trial.write(f"any.{kind}", content))


def test_a_pipe_a_device_and_a_folder_are_refused(trial, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "it is a pipe or a device: save what it gives in a file" in refused(trial, pipe)
    assert "it is a pipe or a device" in refused(trial, files.Path("/dev/null"))
    assert "it is a folder" in refused(trial, tmp_path)
    assert "No such file" in refused(trial, tmp_path / "none.csv")
    assert "cannot be read" in refused(trial, files.Path("a\0b"))


def test_an_empty_file_is_refused(trial):
    assert refused(trial, trial.write("p.csv", " \n")).endswith("has no rows: the file is empty")


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old or protected Excel workbook: save it as .xlsx"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "is compressed: unpack it first"),
        (b"%PDF-1.7", "is a PDF document: give the table as CSV"),
        (b"<html><table>", "is no table of cells: save it as CSV"),
        (b'[{"participant": 1}]', "is no table of cells"),
        (b"\x00\x01\x02", "characters that are not text"),
    ],
)
def test_other_kinds_of_files_are_refused_with_a_remedy(trial, content, remedy):
    assert remedy in refused(trial, trial.write("p.csv", content))


def test_archives_that_are_no_workbooks_are_refused(trial, tmp_path):
    for member, remedy in (("content.xml", "OpenDocument"), ("p.csv", "zip archive: unpack it")):
        with zipfile.ZipFile(tmp_path / "p.xlsx", "w") as archive:
            archive.writestr(member, "a,b")
        assert remedy in refused(trial, tmp_path / "p.xlsx")
    assert "no Excel workbook" in refused(trial, trial.write("p.xlsx", "a,b\n1,2\n"))


def test_the_kind_is_found_from_the_content_not_the_name(trial, same, written):
    renamed = [
        trial.write(f"{path.stem}.csv", path.read_bytes())
        for path in (written["xlsx"][0], written["parquet"][1])
    ]
    assert same(trial.read(*renamed).data, trial.read().data)


def test_a_library_that_is_not_installed_is_named_with_the_remedy(trial, written, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    told = refused(trial, *written["xlsx"])
    assert told.endswith(f"needs the extra 'files': {pip_line('files')}")


def test_rows_of_a_frame_count_from_its_header(trial, frames):
    people = frames[0].assign(arm=["control", "x", "control", "intervention"])
    told = refused(trial, people)
    assert told.startswith("participants, row 3: arm = x is not allowed")
    assert "participants has no rows" in refused(trial, people.head(0))
    assert "no rows" in refused(trial, pd.DataFrame())


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    cells=st.lists(
        st.tuples(
            st.sampled_from(["1", "2", "02", "NA", " 1 "]) | st.text(max_size=4),
            st.sampled_from(["control", "intervention", "Control", ""]),
            st.sampled_from(["short", "", "NA", "x"]),
            st.sampled_from(["45", "4,5", "4.5", "-9", "1e3", "1,000"]) | st.text(max_size=4),
        ),
        min_size=1, max_size=6,
    ),
    mark=st.sampled_from(",;\t"),
)  # fmt: skip
def test_whatever_cells_say_they_are_read_or_refused_in_one_line(trial, cells, mark):
    rows = [("participant", "arm", "education", "age"), *cells]
    path = trial.write("cells.csv", "\n".join(mark.join(row) for row in rows))
    assert isinstance(read_or_refused(trial, path), (Reading, str))
