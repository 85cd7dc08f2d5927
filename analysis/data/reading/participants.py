"""The table of participants: who they are, their arms and traits."""

import re
from dataclasses import dataclass

import numpy as np

from analysis.data.reading.columns import Columns
from analysis.data.reading.levels import read_levels
from analysis.data.reading.numbers import Numbers, check_range, read_numbers
from analysis.data.reading.remarks import code_remarks, far_remarks
from analysis.data.reading.wanted import Wanted
from scenarios.arms.given import planning_arms
from scenarios.errors import InputError


@dataclass(frozen=True, slots=True)
class People:
    """The participants in the order of their identifiers.

    Attributes
    ----------
    table
        What messages call their table.
    participant
        Identifiers as they are written.
    arm
        (n,) code of the arm.
    traits
        Trait to (n,) values, codes of levels where ``levels`` names it, NaN where missing.
    levels
        Trait to its levels.
    plans_made
        (n,) plans made in the adherence weeks.
    clinic
        (n,) code of the clinic, or None where the plan does not need it.
    remarks
        What a reader of the results should know about what was read.
    """

    table: str
    participant: tuple[str, ...]
    arm: np.ndarray
    traits: dict[str, np.ndarray]
    levels: dict[str, tuple[str, ...]]
    plans_made: np.ndarray
    clinic: np.ndarray | None
    remarks: tuple[str, ...]


def participant_columns(wanted: Wanted) -> tuple[str, ...]:
    """Return our names of the columns that the table of participants may have."""
    return ("participant", "arm", *wanted.known, "plans_made", "clinic")


def read_participants(columns: Columns, wanted: Wanted) -> People:
    """Read and check the participants.

    Traits that the plan does not use are shown in Table 1 if they are as they should be, and else
    left out with a remark.

    Raises
    ------
    InputError
        With the file, the line and the column of the first thing that is wrong.
    """
    columns.need(("participant", "arm"))
    columns.need(wanted.traits, "the plan adjusts for it (analysis.covariates)")
    columns.need(["clinic"] if wanted.clinics else [], "the plan clusters by it (analysis.cluster)")
    names, arm = _allocated(columns, wanted.arm_names)
    remarks: list[str] = []
    traits: dict[str, np.ndarray] = {}
    levels: dict[str, tuple[str, ...]] = {}
    for name in (name for name in wanted.known if name in columns):
        try:
            traits[name], known, told = _trait(columns, name, wanted)
        except InputError as error:
            if name in wanted.traits:
                raise
            remarks.append(f"{error}: the plan does not use it, and Table 1 leaves it out")
            continue
        remarks += told
        if known is not None:
            levels[name] = known
    plans_made, told = _plans_made(columns, arm, wanted)
    remarks += told
    order = sorted(range(len(names)), key=lambda row: natural_order(names[row]))
    return People(
        table=columns.table.name,
        participant=tuple(names[row] for row in order),
        arm=arm[order],
        traits={name: values[order] for name, values in traits.items()},
        levels=levels,
        plans_made=plans_made[order],
        clinic=_clinics(columns)[order] if wanted.clinics else None,
        remarks=tuple(remarks),
    )


def natural_order(name: str) -> tuple[list[str | int], str]:
    """Return a key that sorts names by the numbers in them: P2 before P10.

    >>> sorted(["P10", "10", "P2", "2", "02"], key=natural_order)
    ['02', '2', '10', 'P2', 'P10']
    """
    parts = re.split("([0-9]+)", name)
    return [int(part) if part.isdigit() and part.isascii() else part for part in parts], name


def _allocated(columns: Columns, arms: tuple[str, ...]) -> tuple[list[str], np.ndarray]:
    """Return who was randomized, and to which arm."""
    identifier = columns.column("participant")
    names = list(identifier.texts)
    identifier.refuse([not name for name in names], "must not be empty")
    column = columns.recoded(columns.column("arm"), arms)
    column.refuse(
        [arm not in arms for arm in column.texts],
        f"must be {_one_of(arms)}; a mapping file can recode it",
    )
    arm = np.array([arms.index(text) for text in column.texts], dtype=np.int64)
    first: dict[str, int] = {}
    for row, name in enumerate(names):
        first.setdefault(name, row)
    again = np.array([first[name] for name in names])
    many = "both arms" if len(arms) == 2 else "several arms"
    identifier.refuse(arm != arm[again], f"a participant cannot be in {many}")
    identifier.refuse(again != np.arange(len(names)), "a participant has one row")
    for code, name in enumerate(arms):
        if not (arm == code).any():
            raise InputError(f"{columns.table.name}: no participant is in the {name} arm")
    return names, arm


def _one_of(arms: tuple[str, ...]) -> str:
    *some, last = arms
    return f"{', '.join(some)} or {last}"


def _trait(
    columns: Columns, name: str, wanted: Wanted
) -> tuple[np.ndarray, tuple[str, ...] | None, list[str]]:
    """Return a trait's values, its levels if it has such, and remarks."""
    covariate = wanted.known[name]
    if not covariate.is_number:
        found = read_levels(columns, name, wanted.levels.get(name))
        return found.values, found.order, code_remarks(found.column, found.coded)
    numbers = _numbers(columns, name)
    low = -np.inf if covariate.low is None else covariate.low
    high = np.inf if covariate.high is None else covariate.high
    check_range(numbers, low, high, covariate.unit)
    return (
        numbers.values,
        None,
        [*code_remarks(numbers.column, numbers.coded), *far_remarks(numbers)],
    )


def _numbers(columns: Columns, name: str) -> Numbers:
    return read_numbers(columns.column(name, labelled=False), columns.mapping.missing)


def _plans_made(columns: Columns, arm: np.ndarray, wanted: Wanted) -> tuple[np.ndarray, list[str]]:
    """Return the plans that participants made, NaN where that is not known, and remarks."""
    if not wanted.adherence:
        return np.full(len(arm), np.nan), []
    planning = planning_arms(wanted.arms)
    file = columns.table.name
    treated = _arms_in_words([wanted.arm_names[code] for code in planning])
    if "plans_made" not in columns:
        told = f"{file} has no column plans_made: nobody in the {treated} counts as adherent"
        return np.full(len(arm), np.nan), [told]
    found = _numbers(columns, "plans_made")
    found.column.refuse(found.values < 0, "must be at least 0")
    unknown = int((np.isnan(found.values) & np.isin(arm, planning)).sum())
    told = (
        f"{file}: plans_made is missing for {unknown} participants in the {treated}, who count "
        "as not adherent"
    )
    return found.values, [told] if unknown else []


def _arms_in_words(names: list[str]) -> str:
    return f"{' and '.join(names)} arm{'s' if len(names) > 1 else ''}"


def _clinics(columns: Columns) -> np.ndarray:
    """Return the code of each participant's clinic, in the order of their names."""
    column = columns.column("clinic")
    column.refuse([not text for text in column.texts], "must not be empty")
    order = sorted(set(column.texts), key=natural_order)
    if len(order) < 2:
        raise InputError(
            f"{columns.table.name}: clinic = {order[0]} for all participants, must be 2 clinics or "
            "more"
        )
    code = {name: position for position, name in enumerate(order)}
    return np.array([code[text] for text in column.texts], dtype=np.int64)
