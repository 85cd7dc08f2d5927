import pytest

from analysis.data.reading.delimited import read_delimited
from scenarios.errors import InputError


def read(text, encoding="utf-8"):
    return read_delimited(text.encode(encoding), "t.csv")


def rows(table):
    return list(zip(*(table.texts(position) for position in range(len(table.heads))), strict=True))


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_separator_is_found(mark):
    table = read(f"a{mark}b\n1{mark}x\n2{mark}y\n")
    assert table.heads == ("a", "b")
    assert rows(table) == [("1", "x"), ("2", "y")]
    assert table.lines.tolist() == [2, 3]


def test_a_separator_within_names_does_not_divide_them():
    assert read("id;name, first;x\n1;A, B;2\n").heads == ("id", "name, first", "x")
    assert read("id,a;b\n1,2\n").heads == ("id", "a;b")
    wrapped = read('"Age\n(years)";arm\n1;"a, b\n"\n')
    assert wrapped.heads == ("Age\n(years)", "arm")
    assert wrapped.lines.tolist() == [3]


def test_lines_are_those_of_the_file():
    table = read('\n\na,b\n\n1,"two\nlines"\n,\n  \n3,4\n')
    assert table.lines.tolist() == [5, 9]
    assert read("sep=;\na;b\n1;2\n").lines.tolist() == [3]


def test_cells_are_stripped_and_look_alikes_are_the_same():
    table = read("\ufeff a ,b\u00a0\n 1\t,6\u00a0weeks\n2,e\u0301\n")
    assert table.heads == ("a", "b")
    assert rows(table) == [("1", "6 weeks"), ("2", "\u00e9")]


def test_empty_cells_behind_the_last_name_are_left_out():
    table = read("a,b,,\n1,2,,\n3,4\n")
    assert table.heads == ("a", "b")
    assert rows(table) == [("1", "2"), ("3", "4")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "t.csv has no rows"),
        ("a,b\n", "t.csv has no rows"),
        ("a,b\n\n,\n", "t.csv has no rows"),
        ("a\n1;2\n", "t.csv: the header 'a' has no separator"),
        ("a|b\n1|2\n", "t.csv: the header 'a|b' has no separator: separate the columns by commas"),
        ("a,b\n1,2\n\n3,4,5\n", "t.csv, line 4: 3 cells separated by comma, but the header has 2"),
        ("a,b\n1\n", "t.csv, line 2: 1 cells separated by comma"),
        ("age,b\n45,5,x\n", "a cell with a comma in it must be in quotation marks"),
        (
            'a,b\n1,"2\n3,4\n5,6\n',
            "t.csv, line 2 cannot be divided into cells: its quotation marks",
        ),
        ('a,b\n1,"2"x\n', "t.csv, line 2 cannot be divided"),
        ("a,b\n1,\x00\n", "t.csv, line 2 has characters that are not text"),
    ],
)
def test_what_is_not_a_table_is_refused_with_its_line(text, line):
    with pytest.raises(InputError) as told:
        read(text)
    assert line in str(told.value)


def test_bytes_of_no_known_encoding_are_refused():
    with pytest.raises(InputError, match=r"neither UTF-8 nor Latin-1 text .byte 5."):
        read_delimited(b"a,b\n\x81,\xff\n", "t.csv")
