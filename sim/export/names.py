"""Names of columns as Stata, SAS and R allow them: short, of plain letters, each once."""

import re
from collections.abc import Iterable, Sequence

STATA_LENGTH, SAS_LENGTH = 32, 8
"""Longest names, in characters: of Stata, and of SAS transport files of version 5."""
_STATA_WORDS = (
    "aggregate array boolean break byte case catch class colvector complex const continue default "
    "delegate delete do double else eltypedef end enum explicit export external float for friend "
    "function global goto if in inline int local long mata matrix namespace new null numeric "
    "orgtypedef pointer polymorphic pragma private protected public quad real return rowvector "
    "scalar short signed static strL string struct super switch template this throw transmorphic "
    "try typedef typename union unsigned using vector version virtual void volatile while with "
    "_all _b _coef _cons _n _N _pi _pred _rc _skip"
)
_R_WORDS = (
    "if else repeat while function for next break TRUE FALSE NULL Inf NaN NA NA_integer_ NA_real_ "
    "NA_complex_ NA_character_"
)


def stata_names(columns: Sequence[str]) -> dict[str, str]:
    """Return each column's name in a Stata file, at most 32 characters.

    A name that is allowed stays as it is. In others characters that are not allowed become
    underscores, and names that are then the same are numbered in the order of the columns.

    >>> stata_names(["age", "2nd-visit", "if"])
    {'age': 'age', '2nd-visit': '_2nd_visit', 'if': 'if_'}
    """
    return _unique(columns, (_stata_name(column) for column in columns), STATA_LENGTH)


def sas_names(columns: Sequence[str], length: int = SAS_LENGTH) -> dict[str, str]:
    """Return each column's name in a SAS transport file, capital letters, at most 8 of them.

    It is the beginning of the column's name; columns that begin alike are numbered in their order,
    from 2 on.

    >>> sas_names(["participant", "case_similarities", "case_simplified"])
    {'participant': 'PARTICIP', 'case_similarities': 'CASE_SIM', 'case_simplified': 'CASE_SI2'}
    """
    plain = (_plain(column).upper() for column in columns)
    return _unique(columns, plain, length)


def r_names(columns: Sequence[str]) -> dict[str, str]:
    """Return each column's name as an R script can write it without quotes.

    >>> r_names(["age", "2nd-visit", "if"])
    {'age': 'age', '2nd-visit': 'x_2nd_visit', 'if': 'if_'}
    """
    found = []
    for column in columns:
        name = _plain(column)
        name = f"x{name}" if name.startswith("_") else name
        found.append(f"{name}_" if name in _R_WORDS.split() else name)
    return _unique(columns, found, 60)


def _stata_name(column: str) -> str:
    name = _plain(column)
    if name in _STATA_WORDS.split() or re.fullmatch(r"str\d+", name):
        return f"{name}_"
    return name


def _plain(column: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_]", "_", column)
    return f"_{name}" if not name or name[0].isdigit() else name


def _unique(columns: Sequence[str], wanted: Iterable[str], length: int) -> dict[str, str]:
    """Shorten names; number those that differ by the case of letters only, or not at all."""
    cut = [name[:length] for name in wanted]
    # A column that has its own name already keeps it, wherever it stands.
    kept = {
        name.upper(): column
        for column, name in zip(reversed(columns), reversed(cut), strict=True)
        if name.upper() == column.upper()
    }
    taken: set[str] = set()
    found: dict[str, str] = {}
    for column, name in zip(columns, cut, strict=True):
        chosen, number = name, 1
        while chosen.upper() in taken or kept.get(chosen.upper(), column) != column:
            number += 1
            chosen = f"{name[: length - len(str(number))]}{number}"
        taken.add(chosen.upper())
        found[column] = chosen
    return found
