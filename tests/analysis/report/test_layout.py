import io
import re

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from analysis.report.layout import layout
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable

NUMBERS = st.from_regex(r"-?[0-9]{1,3}\.[0-9]{2}( \([0-9.]{4} to [0-9.]{4}\))?", fullmatch=True)
LABELS = st.lists(st.sampled_from(["visit", "RMDQ", "outcome", "(n"]), min_size=1, max_size=6)


@st.composite
def tables(draw):
    columns = draw(st.integers(1, 8))
    heads = ["", *draw(st.lists(LABELS.map(" ".join), min_size=columns, max_size=columns))]
    row = st.tuples(LABELS.map(lambda words: "  " + " ".join(words)), *[NUMBERS] * columns)
    section = st.tuples(LABELS.map(" ".join), *[st.just("")] * columns)
    rows = draw(st.lists(row | section, min_size=1, max_size=5))
    return TextTable("A table", tuple(heads), rows)


@given(table=tables(), width=st.integers(40, 160))
def test_every_number_is_there_whole_and_lines_fit(table, width):
    lines = [line for line, _ in layout(table, width)]
    assert max(map(len, lines)) <= width
    rest = "\n".join(lines)
    for row in table.rows:
        for cell in row[1:]:
            assert cell in rest
            rest = rest if not cell else rest + f"\n{cell}"


@given(table=tables())
def test_a_table_that_fits_is_one_part(table):
    lines = [line for line, _ in layout(table, 1000)]
    assert len(lines) == 2 + len(table.rows)


def test_a_terminal_narrower_than_a_number_cuts_nothing():
    file = io.StringIO()
    number = "-2.86 (-5.71 to -0.005)"
    print_table(TextTable("T", ("", "d"), [("  a", number)]), Console(file=file, width=12))
    assert number in file.getvalue()


def test_p_values_stay_with_their_estimate():
    table = TextTable("", ("", "one", "difference", "P"), [("  a", "1" * 20, "2" * 20, "3")])
    for width in (30, 45, 50):
        (line,) = [line for line, _ in layout(table, width) if "2" * 20 in line]
        assert line.endswith("3")


def test_brackets_of_a_user_are_text_and_notes_follow():
    file = io.StringIO()
    table = TextTable("[b]T", ("", "[x]"), [("  [red]a", "[1]")], ("(1) a [note]",))
    print_table(table, Console(file=file, width=80))
    text = file.getvalue()
    assert all(part in text for part in ("[b]T", "[x]", "[red]a", "[1]", "(1) a [note]"))
    assert re.search(r"\[note\]\s*$", text)
