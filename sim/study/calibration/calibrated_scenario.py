"""A calibration as a scenario of its own, and its posterior sample as a table."""

import os
from pathlib import Path

import pandas as pd

from scenarios.free_parameters import ParameterSpace, get_value, key_path
from scenarios.loading.identity import IDENTITY
from scenarios.loading.keys import Path as Key
from scenarios.loading.keys import dotted, place_at
from scenarios.loading.layers import Layer
from scenarios.loading.overrides import SET
from scenarios.loading.provenance import UNITLESS
from scenarios.loading.toml_text import toml_text
from sim.study.calibration.calibrate import Calibration
from sim.study.designs.posterior import whole_paths

DIGITS = 6
"""Significant digits of a fitted value."""


def calibrated_scenario(found: Calibration, scenario: str, out: Path) -> str:
    """Return the TOML of a scenario that extends the calibrated one and sets what was fitted.

    Parameters
    ----------
    found
        The calibration.
    scenario
        Name or path of what was calibrated.
    out
        Folder in which the file will stand: a path that is extended is given relative to it.
    """
    space = found.space
    values = [float(f"{v:.{DIGITS}g}") for v in space.values(found.posterior.point.tolist())]
    data = space.data(values)
    is_file = scenario.endswith(".toml") or "/" in scenario or os.sep in scenario
    parent = os.path.relpath(Path(scenario).resolve(), out.resolve()) if is_file else scenario
    lines = [
        f"# Fitted to {len(found.targets)} published numbers by selfback calibrate.",
        "",
        f"extends = {toml_text(Path(parent).as_posix())}",
        f"name = {toml_text(data['name'] + '_calibrated')}",
        f"title = {toml_text(data['title'] + ', calibrated')}",
        f"published = {toml_text(data['published'])}",
    ]
    replaced = [dotted(path) for each in space.merged.layers for path in _replaced_by_hand(each)]
    lines += [f"replace = {toml_text(sorted(replaced))}"] if replaced else []
    fitted = whole_paths(key_path(key) for key in space.keys_set)
    told = {*fitted, *((key,) for key in IDENTITY)}
    by_hand = [path for path in whole_paths(_set_by_hand(space)) if path not in told]
    lines += [_line(path, data, "set by hand for the calibration") for path in by_hand]
    sources = _sources(found)
    lines += [_line(path, data, sources[path]) for path in fitted]
    return "\n".join(lines) + "\n"


def posterior_sample(found: Calibration) -> pd.DataFrame:
    """Return a row a draw, a column a key: the parameters and what balances them."""
    keys = found.space.keys_set
    rows = []
    for draw in found.draws:
        data = found.space.data(found.space.values(draw.tolist()))
        rows.append([float(get_value(data, key_path(key))) for key in keys])
    return pd.DataFrame(rows, columns=keys)


def _set_by_hand(space: ParameterSpace) -> list[Key]:
    layers = space.merged.layers
    return [path for path, at in space.merged.origins.items() if layers[at].label == SET]


def _replaced_by_hand(layer: Layer) -> frozenset[Key]:
    # What is in a list is not replaced by itself: the list is written whole.
    whole = (path for path in layer.replaced if not any(isinstance(step, int) for step in path))
    return frozenset(whole) if layer.label == SET else frozenset()


def _sources(found: Calibration) -> dict[Key, str]:
    """Say of each key that is written which parameters in it were fitted, and how sure it is."""
    sources: dict[Key, str] = {}
    told: dict[Key, list[str]] = {}
    for at, parameter in enumerate(found.space.parameters):
        (path,) = whole_paths([parameter.path])
        sd = float(found.posterior.sd[at])
        place = dotted(parameter.path[len(path) :])
        said = (
            "held at its prior" if found.posterior.held[at] else f"posterior SD {sd:.2f} of prior"
        )
        told.setdefault(path, []).append(f"{place + ' ' if place else ''}{said}")
        if parameter.balance is not None:
            (other,) = whole_paths([key_path(parameter.balance)])
            told.setdefault(other, []).append(f"balances {parameter.key}")
        for other in whole_paths(key_path(key) for key in parameter.along):
            if other != path:
                told.setdefault(other, []).append(f"moves with {parameter.key}")
    for path, words in told.items():
        sources[path] = f"calibrated to published numbers: {', '.join(words)}"
    return sources


def _line(path: Key, data: dict[str, object], source: str) -> str:
    place = place_at(path, data)
    unit = "" if place is None or place.unit in UNITLESS else f"{place.unit}; "
    value = get_value(data, path)
    if isinstance(value, list) and any(isinstance(child, dict) for child in value):
        unit = "table; "
    return f"{dotted(path)} = {toml_text(value)} # {unit}{source}"
