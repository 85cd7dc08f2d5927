"""What is said of a table and of each of its columns."""

from dataclasses import dataclass

OPENING = "opening of the trial"
RANDOMIZATION = "randomization of the participant"
"""What day 0 is; days of the app are counted from the first whole day with it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name, meaning
        Of the column; where a value is missing its meaning says when.
    unit
        Of its values, '' for texts and codes.
    codes
        The values that there are, '' where any number or text may be.
    day_0
        What day 0 is, '' where there are no days.
    """

    name: str
    meaning: str
    unit: str = ""
    codes: str = ""
    day_0: str = ""


@dataclass(frozen=True, slots=True)
class Described:
    """A table.

    Attributes
    ----------
    name
        Of the table, and of its file without the suffix.
    row
        What a row is.
    columns
        Those that it always has, and those that depend on the scenario's mechanisms.
    more
        What other columns it has that the scenario declares, '' for none.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    more: str = ""

    def column(self, name: str) -> Column | None:
        """Return a column that is described here, None for one that the scenario declares."""
        return next((column for column in self.columns if column.name == name), None)


def participant(meaning: str = "number of the participant, from 1 in order of randomization") -> (
    Column
):  # fmt: skip
    """Return the column that tells participants apart in all tables of a trial."""
    return Column("participant", meaning)


YES_NO = "true, false"
