import re
import zipfile

import pytest
from openpyxl import Workbook

from analysis.data.reading.workbook import read_workbook
from scenarios.errors import InputError

NO_VALUE = rb"<v\s*(/>|></v>)"
"""Of a formula, as the library writes it."""


@pytest.fixture
def book(tmp_path):
    made = Workbook()
    made.active.title = "Data"
    for row in ([None, None], ["id", "x"], [1, 2.5], [None, None], ["0002", "y"]):
        made.active.append(row)

    def read(role="participants"):
        made.save(tmp_path / "b.xlsx")
        return read_workbook(tmp_path / "b.xlsx", "b.xlsx", role)

    return made, read


def test_rows_are_those_of_the_sheet(book):
    table = book[1]()
    assert table.heads == ("id", "x")
    assert table.lines.tolist() == [3, 5]
    assert (table.texts(0), table.texts(1)) == (["1", "0002"], ["2.5", "y"])


def test_zeros_of_a_number_format_are_part_of_the_text(book):
    made, read = book
    made.active["A3"].number_format = "0000"
    assert read().texts(0) == ["0001", "0002"]


def test_of_several_sheets_the_one_that_is_called_so_is_read(book):
    made, read = book
    notes = made.create_sheet("Notes")
    notes.append(["what", "is what"])
    with pytest.raises(
        InputError, match=r"2 sheets with cells, 'Data', 'Notes': call the one .*'visits'"
    ):
        read("visits")
    made["Data"].title = "Visits"
    assert read("visits").heads == ("id", "x")
    made["Visits"].title = "Data"
    notes.sheet_state = "hidden"
    assert read("visits").heads == ("id", "x")


def test_a_formula_without_a_value_is_refused(book):
    made, read = book
    made.active["B3"] = "=1+1"
    with pytest.raises(
        InputError, match=r"row 3 of sheet 'Data': B3 has a formula without a value"
    ):
        read()


def test_the_value_of_a_formula_is_read_and_may_be_empty(book, tmp_path):
    made, _ = book
    made.active["A3"], made.active["B3"] = "=40+2", "=A1"
    read_sheet = "xl/worksheets/sheet1.xml"
    made.save(tmp_path / "b.xlsx")
    with zipfile.ZipFile(tmp_path / "b.xlsx") as archive:
        parts = {member: archive.read(member) for member in archive.namelist()}
    # As a spreadsheet saves them: formula and value. No value is written in a way of its own where
    # lxml is installed.
    sheet, first = re.subn(rb"<f>40\+2</f>" + NO_VALUE, b"<f>40+2</f><v>42</v>", parts[read_sheet])
    parts[read_sheet], second = re.subn(
        b'r="B3"><f>A1</f>' + NO_VALUE, b'r="B3" t="str"><f>A1</f><v></v>', sheet
    )
    assert (first, second) == (1, 1)
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        for member, content in parts.items():
            archive.writestr(member, content)
    table = read_workbook(tmp_path / "b.xlsx", "b.xlsx", "visits")
    assert (table.texts(0), table.texts(1)) == (["42", "0002"], ["", "y"])


def test_a_cell_beside_the_columns_is_refused(book):
    made, read = book
    made.active["D5"] = "remark"
    with pytest.raises(InputError, match="row 5 of sheet 'Data' has a cell in a column without"):
        read()


def test_an_empty_workbook_has_no_rows(book):
    made, read = book
    made.active.delete_rows(1, 9)
    with pytest.raises(InputError, match=r"b.xlsx has no rows"):
        read()
