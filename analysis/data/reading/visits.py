"""The table of visits: who answered what, when."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.data.reading.columns import Column, Columns
from analysis.data.reading.numbers import Numbers, check_range, read_numbers
from analysis.data.reading.remarks import code_remarks, far_remarks
from analysis.data.reading.table import shown
from analysis.data.reading.wanted import Wanted
from scenarios.design.outcomes import Outcome
from scenarios.errors import InputError


@dataclass(frozen=True, slots=True)
class Answers:
    """Scores of participants at visits.

    Attributes
    ----------
    table
        What messages call their table.
    scores
        Outcome to (n, v + 1) scores, the baseline first, NaN where missing.
    remarks
        What a reader of the results should know about what was read.
    """

    table: str
    scores: dict[str, np.ndarray]
    remarks: tuple[str, ...]


def visit_columns(wanted: Wanted) -> tuple[str, ...]:
    """Return our names of the columns that the table of visits may have."""
    return ("participant", "visit", *wanted.declared)


def read_answers(columns: Columns, wanted: Wanted, participants: Sequence[str]) -> Answers:
    """Read and check the answers of participants.

    Parameters
    ----------
    columns
        The table.
    wanted
        What the plan uses.
    participants
        Identifiers, in the order of the rows of the scores.

    Raises
    ------
    InputError
        With the file, the line and the column of the first thing that is wrong.
    """
    columns.need(("participant", "visit"))
    columns.need(wanted.scores, "the plan uses it; --outcomes names those to be analysed")
    remarks: list[str] = []
    visit = columns.recoded(columns.column("visit"), wanted.visits)
    # Only a mapping makes a visit that is written somewhere one that is left out.
    left_out = np.array(
        [bool(w) and not text for w, text in zip(visit.written, visit.texts, strict=True)]
    )
    if left_out.any():
        names = sorted({visit.written[row] for row in np.flatnonzero(left_out).tolist()})
        remarks.append(
            f"{columns.table.name}: {left_out.sum()} rows are left out, as the mapping says of "
            f"visit {', '.join(map(shown, names))}"
        )
    used = ~left_out
    row, column = _cells(columns, visit, used, wanted, participants)
    scores = {}
    for outcome in wanted.scores:
        found = _scores(columns, wanted.declared[outcome], used, bounded=wanted.bounded)
        remarks += code_remarks(found.column, found.coded)
        # On a scale, no score is too far from the others to be one.
        remarks += [] if wanted.bounded else far_remarks(found)
        table = np.full((len(participants), len(wanted.visits)), np.nan)
        table[row[used], column[used]] = found.values[used]
        scores[outcome] = table
    return Answers(columns.table.name, scores, tuple(remarks))


def _cells(
    columns: Columns, visit: Column, used: np.ndarray, wanted: Wanted, participants: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the participant and the visit of each row, -1 where it is not used."""
    column_of = {name: position for position, name in enumerate(wanted.visits)}
    column = np.array([column_of.get(text, -1) for text in visit.texts])
    visit.refuse(
        used & (column < 0),
        f"must be one of {', '.join(wanted.visits)}; a mapping file can recode it",
    )
    identifier = columns.column("participant")
    row_of = {name: position for position, name in enumerate(participants)}
    row = np.array([row_of.get(text, -1) for text in identifier.texts])
    unknown = np.flatnonzero(used & (row < 0))
    if len(unknown):
        identifier.refuse(
            used & (row < 0),
            f"must be among the participants{_alike(identifier.texts[unknown[0]], participants)}",
        )
    seen: set[tuple[int, int]] = set()
    again = np.zeros(len(row), bool)
    for position, cell in enumerate(zip(row.tolist(), column.tolist(), strict=True)):
        again[position] = used[position] and cell in seen
        seen.add(cell)
    visit.refuse(again, "a participant has one row a visit")
    return row, column


def _alike(name: str, participants: Sequence[str]) -> str:
    """Return a hint at a participant whose identifier is the same number."""
    digits = name.removesuffix(".0").lstrip("0")
    same = [p for p in participants if digits and p.removesuffix(".0").lstrip("0") == digits]
    return (
        f", where there is {same[0]!r}: identifiers are texts, and must be the same" if same else ""
    )


def _scores(columns: Columns, scale: Outcome, used: np.ndarray, *, bounded: bool) -> Numbers:
    column = columns.column(scale.name, labelled=False)
    codes = columns.mapping.missing
    on_scale = [
        code for code in codes if _is_number(code) and scale.lowest <= float(code) <= scale.highest
    ]
    if on_scale and bounded:
        raise InputError(
            f"{columns.mapping.name}: missing = {on_scale[0]} is not allowed for all columns: it "
            f"is a score of {scale.name} ({scale.lowest:g} to {scale.highest:g}): name it for "
            "single columns"
        )
    found = read_numbers(column, codes)
    if bounded:
        kept = Numbers(column, np.where(used, found.values, np.nan), found.coded)
        check_range(kept, scale.lowest, scale.highest)
    if scale.kind != "continuous":
        whole = "0 or 1, as it is an event" if scale.kind == "binary" else "a whole number"
        parts = used & ~np.isnan(found.values) & (found.values != np.round(found.values))
        found.column.refuse(parts, f"must be {whole}")
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
