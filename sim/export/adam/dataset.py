"""A dataset and its variables, as they are written and as define.xml describes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

Kind = Literal["text", "integer", "float", "date"]
Origin = Literal["Derived", "Assigned"]
EPOCH = date(1960, 1, 1)
"""Day 0 of dates in SAS."""
DATE_FORMAT = "DATE9"


@dataclass(frozen=True, slots=True)
class Codelist:
    """The values that a variable can have.

    Attributes
    ----------
    name
        Of the list, unique in a define.xml.
    items
        Value to what it stands for; the same text where it stands for itself.
    number
        Whether the values are numbers.
    """

    name: str
    items: Mapping[str, str]
    number: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a dataset.

    Attributes
    ----------
    name, label
        At most 8 and 40 characters.
    kind
        Of its values; a date is a number of days since 1960.
    values
        One a row: texts, or numbers with NaN for missing.
    origin
        Whether it is computed, or as the simulation has it.
    says
        How it comes about, in a sentence.
    codes
        Its values, where they are a list.
    """

    name: str
    label: str
    kind: Kind
    values: Sequence[str] | np.ndarray
    origin: Origin = "Assigned"
    says: str = ""
    codes: Codelist | None = None


@dataclass(frozen=True, slots=True)
class ValueLevel:
    """What a variable is in the rows of one parameter.

    Attributes
    ----------
    paramcd, label
        The parameter.
    kind
        Of the values.
    unit, range
        Of the values, '' where there is none.
    codes
        The values, where they are a list.
    """

    paramcd: str
    label: str
    kind: Kind
    unit: str
    range: str
    codes: Codelist | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset.

    Attributes
    ----------
    name, label
        At most 8 and 40 characters.
    structure, class_name
        What a row is, and the class of the dataset in ADaM.
    keys
        Variables that tell rows apart.
    variables
        In their order.
    by_parameter
        Variable to what it is in the rows of each parameter.
    """

    name: str
    label: str
    structure: str
    class_name: str
    keys: tuple[str, ...]
    variables: tuple[Variable, ...]
    by_parameter: Mapping[str, tuple[ValueLevel, ...]] = field(default_factory=dict)

    @property
    def frame(self) -> pd.DataFrame:
        """Its rows."""
        return pd.DataFrame(
            {
                each.name: np.array(each.values, dtype=object if each.kind == "text" else float)
                for each in self.variables
            }
        )

    def __len__(self) -> int:
        return len(self.variables[0].values)


YES = Codelist("Yes", {"Y": "Yes"})
YES_OR_NO = Codelist("Yes or No", {"N": "No", "Y": "Yes"})


def texts_as_they_are(name: str, levels: Sequence[str]) -> Codelist:
    """Return a list of texts that stand for themselves."""
    return Codelist(name, {level: level for level in levels})


def yes(name: str, label: str, met: np.ndarray, says: str, *, always: bool = False) -> Variable:
    """Return a flag: Y where it is met, N elsewhere; or Y and empty, where no N is said."""
    other = "" if always else "N"
    values = [("Y" if each else other) for each in met]
    return Variable(name, label, "text", values, "Derived", says, YES if always else YES_OR_NO)


def dates(
    name: str, label: str, opens: date, days: np.ndarray, says: str, *, origin: Origin = "Derived"
) -> Variable:
    """Return days since the opening of the trial as dates."""
    first = (opens - EPOCH).days
    return Variable(name, label, "date", first + np.floor(days), origin, says)
