"""Which parameters of a scenario are moved, and where to."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from analysis.report.checklists.facts import study_facts
from analysis.report.checklists.words.study import kind_of_source
from analysis.report.checklists.words.study import parameters as used
from scenarios.errors import InputError, nearest
from scenarios.loading.keys import Path as Key
from scenarios.loading.labels import key_label
from scenarios.loading.layers import Merged
from scenarios.loading.provenance import Parameter, parameters_of
from scenarios.moved import LeftOut, Move, can_move, moves_of
from scenarios.schema import Scenario
from sim.replicates.moved_effects import lives_alike
from sim.study.designs.sensitivity import Moved

ASSUMPTION = "assumption"
"""Kind of a source that says that nothing published gives the parameter."""


def chosen_parameters(
    merged: Merged, scenario: Scenario, patterns: tuple[str, ...], *, every: bool
) -> list[tuple[Key, Parameter]]:
    """Return the numeric parameters that are asked for, of those that the scenario uses."""
    known = parameters_of(merged)
    in_use = used(scenario, study_facts(parameters=tuple(known.values())))
    keys = {each.key for each in in_use}
    numeric = {p: each for p, each in known.items() if each.key in keys and can_move(p, each)}
    if patterns:
        for pattern in patterns:
            _check_pattern(pattern, [each.key for each in numeric.values()], sorted(keys))
        return [
            (path, each)
            for path, each in numeric.items()
            if any(_fits(each.key, pattern) for pattern in patterns)
        ]
    found = [
        (path, each)
        for path, each in numeric.items()
        if every or kind_of_source(each.source) == ASSUMPTION
    ]
    if not found:
        raise InputError(
            f"{scenario.name}: no number in it is said to be an {ASSUMPTION}: choose with --keys, "
            "or --all for every numeric parameter"
        )
    return found


def _fits(key: str, pattern: str) -> bool:
    # A key may have a position in brackets, which are a choice of letters in a pattern.
    return key == pattern or fnmatchcase(key, pattern)


def _check_pattern(pattern: str, numeric: Sequence[str], keys: Sequence[str]) -> None:
    """Refuse a pattern of no numeric parameter."""
    if any(_fits(key, pattern) for key in numeric):
        return
    if any(_fits(key, pattern) for key in keys):
        raise InputError(f"--keys {pattern}: no number is among what it fits: only these are moved")
    sections = list(dict.fromkeys(f"{key.rpartition('.')[0]}.*" for key in numeric if "." in key))
    begins = next((each for each in sections if each.startswith(f"{pattern}.")), None)
    whole = f"{pattern}.*" if begins else None
    close = whole or nearest(pattern, [*numeric, *sections])
    hint = f"did you mean {close}?" if close else "write a key or a pattern such as trial.*"
    raise InputError(f"--keys {pattern}: fits no parameter that is used: {hint}")


def planned_moves(
    merged: Merged, scenario: Scenario, chosen: Sequence[tuple[Key, Parameter]], by: float
) -> tuple[list[Moved], list[LeftOut]]:
    """Return where parameters are moved, and which cannot be and why."""
    moved: list[Moved] = []
    left_out: list[LeftOut] = []
    for each in moves_of(merged, chosen, by):
        if isinstance(each, Move):
            moved.append(_planned_one(each, merged, scenario))
        else:
            left_out.append(each)
    return moved, left_out


def _planned_one(each: Move, merged: Merged, scenario: Scenario) -> Moved:
    parameter = each.parameter
    return Moved(
        parameter.key, each.path, parameter.unit, key_label(parameter.key, merged.data),
        each.scale, parameter.value, each.down, each.up,
        not all(lives_alike(scenario, other) for other in each.scenarios),
    )  # fmt: skip
