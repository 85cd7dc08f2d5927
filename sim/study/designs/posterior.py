"""A calibration's posterior sample, as variations of its scenario.

A study that takes one parameter set after the other carries what the targets leave open, for
example into an assurance: power averaged over what is believed (O'Hagan and others, Pharm Stat
2005;4:187).
"""

import copy
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from scenarios.errors import InputError, one_line
from scenarios.files import regular_file
from scenarios.free_parameters import get_value, key_path, set_value
from scenarios.loading.keys import Path as Key
from scenarios.loading.keys import dotted
from scenarios.loading.toml_text import toml_text
from sim.study.store.reading import check_beside


def posterior_overrides(
    file: Path, data: Mapping[str, Any], *, sets: int | None = None
) -> list[tuple[str, ...]]:
    """Return the parameter sets of a posterior sample, each as ``--set`` would take it.

    Parameters
    ----------
    file
        ``posterior.parquet`` of a calibration.
    data
        The scenario's tables, ``merge(scenario).data``: an element of a list is set with its list.
    sets
        How many, from the first; all if None.

    Raises
    ------
    InputError
        If the file cannot be read, has too few sets, or names what the scenario does not have.
    """
    sample = read_sample(file)
    wanted = len(sample) if sets is None else sets
    if not 1 <= wanted <= len(sample):
        raise InputError(f"{file}: {wanted} parameter sets are asked for, it has {len(sample)}")
    rows = sample.head(wanted).to_dict("records")
    try:
        return [settings(data, {str(k): float(v) for k, v in row.items()}) for row in rows]
    except (KeyError, IndexError) as error:
        raise InputError(f"{file} does not fit the scenario: it has no {error}") from None
    except (TypeError, ValueError) as error:
        raise InputError(f"{file} is no posterior sample: {one_line(str(error))}") from None


def read_sample(file: Path) -> pd.DataFrame:
    """Read a posterior sample: a row a parameter set, a column a key.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    check_beside(file)
    content = regular_file(file)
    try:
        return pd.read_parquet(BytesIO(content))
    except Exception as error:
        # Of a damaged file the library raises what it likes.
        raise InputError(
            f"{file} is no posterior sample, or damaged: {one_line(str(error))[:200]}: name the "
            "posterior.parquet of a calibration"
        ) from error


def settings(data: Mapping[str, Any], values: Mapping[str, float]) -> tuple[str, ...]:
    """Return ``key=value`` for values by key; the elements of a list as one list."""
    changed = copy.deepcopy(data)
    paths = [key_path(key, changed) for key in values]
    for path, value in zip(paths, values.values(), strict=True):
        get_value(changed, path)
        set_value(changed, path, value)
    return tuple(
        f"{dotted(path)}={toml_text(get_value(changed, path))}" for path in whole_paths(paths)
    )


def whole_paths(paths: Iterable[Key]) -> list[Key]:
    """Return the paths up to their first position in a list, each once."""
    cut = []
    for path in paths:
        positions = [at for at, step in enumerate(path) if isinstance(step, int)]
        cut.append(path[: positions[0]] if positions else path)
    return list(dict.fromkeys(cut))
