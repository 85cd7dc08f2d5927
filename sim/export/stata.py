"""Stata files: labelled codes for categories, variable labels, missing as Stata's missing."""

from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from scenarios.schema import Scenario
from sim.export.names import stata_names
from sim.export.variables import Variable, plain_values, widest

VERSION: Final = 118
"""Of the format: that of Stata 14 to 19, the first with Unicode."""
LABEL_LENGTH = 80
"""Of labels of data and variables, in characters."""
_LONGEST = 2045
"""Bytes of a text of fixed width; longer ones are of Stata's type strL."""


def write_stata(
    table: pa.Table, described: Sequence[Variable], scenario: Scenario, path: Path
) -> None:
    """Write a table as a Stata file of version 118.

    Columns of categories are codes from 0 with value labels; true and false are 1 and 0. The file
    bears the day on which the trial opened, so that the same trial gives the same file.

    Parameters
    ----------
    table, described
        The table, and what its columns are.
    scenario
        Whose trial it is of.
    path
        File to write.
    """
    names = stata_names(table.column_names)
    frame = pd.DataFrame(
        {names[each.column]: _values(table.column(each.column), each) for each in described}
    )
    labelled = {
        names[each.column]: dict(enumerate(each.levels)) for each in described if each.levels
    }
    long = [
        names[each.column] for each in described if widest(frame[names[each.column]]) > _LONGEST
    ]
    frame.to_stata(
        path,
        write_index=False,
        version=VERSION,
        time_stamp=datetime.combine(scenario.trial.opens, time()),
        data_label=scenario.title[:LABEL_LENGTH],
        variable_labels={names[each.column]: each.label[:LABEL_LENGTH] for each in described},
        value_labels=labelled,  # type: ignore[arg-type]
        convert_strl=long,
    )


def _values(column: pa.ChunkedArray, described: Variable) -> pd.Series:
    """Return codes, numbers or texts as Stata can store them."""
    if described.levels:
        codes: dict[object, float] = {level: code for code, level in enumerate(described.levels)}
        if pa.types.is_boolean(column.type):
            codes = {False: 0.0, True: 1.0}
        numbers = np.array([codes.get(value, np.nan) for value in column.to_pylist()], dtype=float)
        return pd.Series(numbers if np.isnan(numbers).any() else numbers.astype(np.int16))
    return plain_values(column)
