"""Reads a trial's data from two tables, whatever their origin: participants and visits.

Participants: a row each, with ``participant``, ``arm`` (control or intervention), the covariates of
the plan, ``plans_made`` where adherence is known, and ``clinic`` where the plan clusters by it.
Visits: a row for each participant and visit, with ``participant``, ``visit`` and a column for each
outcome; missing is empty. What is wrong is refused by file, row and column. Rows count as in a
spreadsheet, with the header as row 1.
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from agents.instruments import SCALES
from analysis.data.traits import PATIENT_TRAITS, STRATUM_TRAITS, TABLE1_TRAITS
from analysis.data.trial_data import TrialData
from scenarios.arms import ARM_NAMES
from scenarios.errors import InputError, nearest

BASELINE = "baseline"


def read_trial(
    participants: Path | pd.DataFrame,
    visits: Path | pd.DataFrame,
    *,
    visit_names: tuple[str, ...],
    covariates: tuple[str, ...],
    outcomes: tuple[str, ...],
    levels: dict[str, tuple[str, ...]],
    mapping: Path | None = None,
    bounded: bool = True,
    clinics: bool = False,
) -> TrialData:
    """Read and check the two tables of a trial.

    Parameters
    ----------
    participants, visits
        CSV or Parquet files, or DataFrames, which messages call ``participants`` and ``visits``.
    visit_names
        The visits that may occur, the baseline first.
    covariates, outcomes
        Columns that the plan needs.
    levels
        Order of the levels of categories; a category that is not named here is sorted.
    mapping
        TOML file with tables ``[participants]`` and ``[visits]`` that name the column to use,
        as ``age = "alder"``.
    bounded
        Refuse scores off their scale; a normal course has such scores.
    clinics
        The plan needs the clinic of each participant.

    Raises
    ------
    InputError
        With the file, the row and the column of the first thing that is wrong.
    """
    renamed = _read_mapping(mapping)
    people, participants = _read(participants, "participants", renamed)
    answers, visits = _read(visits, "visits", renamed)
    needed = [name for name in covariates if name not in SCALES]
    by_clinic = ["clinic"] if clinics else []
    _need_columns(people, participants, ["participant", "arm", *needed, *by_clinic])
    _need_columns(answers, visits, ["participant", "visit", *outcomes])
    _check_participants(people, participants)
    _check_visits(people, answers, visits, visit_names)
    row_of = {str(name): row for row, name in enumerate(people["participant"])}
    row = answers["participant"].astype(str).map(row_of).to_numpy()
    column = answers["visit"].map({name: i for i, name in enumerate(visit_names)}).to_numpy()
    scores = {}
    for outcome in SCALES:
        if outcome in answers:
            table = np.full((len(people), len(visit_names)), np.nan)
            table[row, column] = _scores(answers, outcome, visits, bounded=bounded)
            scores[outcome] = table
    traits, known = _traits(people, participants, levels)
    for name in covariates:
        if np.isnan(scores[name][:, 0] if name in scores else traits[name]).all():
            raise InputError(
                f"{visits if name in scores else participants}: {name} is missing at "
                f"{visit_names[0]} for all participants, and the plan adjusts for it"
            )
    plans = people["plans_made"] if "plans_made" in people else pd.Series(0, index=people.index)
    return TrialData(
        participant=people["participant"].to_numpy(),
        arm=people["arm"].map(ARM_NAMES.index).to_numpy(dtype=np.int64),
        visits=visit_names,
        scores=scores,
        traits=traits,
        levels=known,
        plans_made=_counts(plans, "plans_made", participants),
        clinic=_clinics(people, participants) if clinics else None,
    )


def _read(
    source: Path | pd.DataFrame, name: str, mapping: dict[str, dict[str, str]]
) -> tuple[pd.DataFrame, Path]:
    """Return a table with our names for its columns, and what messages call it."""
    path = Path(name) if isinstance(source, pd.DataFrame) else source
    try:
        if isinstance(source, pd.DataFrame):
            table = source
        else:
            table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (OSError, ValueError, pd.errors.ParserError) as error:
        raise InputError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
    if table.empty:
        raise InputError(f"{path} has no rows")
    renamed = mapping.get(name, {})
    for ours, theirs in renamed.items():
        if theirs not in table:
            raise InputError(f"{path} has no column {theirs!r}, which the mapping names for {ours}")
    return table.rename(columns={theirs: ours for ours, theirs in renamed.items()}), path


def _read_mapping(mapping: Path | None) -> dict[str, dict[str, str]]:
    if mapping is None:
        return {}
    try:
        read = tomllib.loads(mapping.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{mapping} cannot be read: {error}") from error
    for section, names in read.items():
        if section not in {"participants", "visits"}:
            raise InputError(f"{mapping}: [{section}] is unknown: use [participants] and [visits]")
        if not isinstance(names, dict) or not all(isinstance(v, str) for v in names.values()):
            raise InputError(
                f'{mapping}: [{section}] must be lines such as age = "column of the table"'
            )
    return read


def _need_columns(table: pd.DataFrame, path: Path, columns: Iterable[str]) -> None:
    for column in columns:
        if column not in table:
            close = nearest(column, [str(name) for name in table.columns])
            hint = (
                f": did you mean its column {close!r}? a mapping file can name it" if close else ""
            )
            raise InputError(f"{path} has no column {column}{hint}")


def _check_participants(people: pd.DataFrame, path: Path) -> None:
    _refuse(people["participant"].isna(), people, "participant", path, "must not be empty")
    _refuse(
        ~people["arm"].isin(ARM_NAMES), people, "arm", path, f"must be {' or '.join(ARM_NAMES)}"
    )
    arms = people.groupby("participant")["arm"].transform("nunique")
    _refuse(arms > 1, people, "participant", path, "a participant cannot be in both arms")
    again = people["participant"].duplicated()
    _refuse(again, people, "participant", path, "a participant has one row")
    for arm in ARM_NAMES:
        if not people["arm"].eq(arm).any():
            raise InputError(f"{path}: no participant is in the {arm} arm")


def _check_visits(
    people: pd.DataFrame, answers: pd.DataFrame, path: Path, names: tuple[str, ...]
) -> None:
    _refuse(
        ~answers["visit"].isin(names), answers, "visit", path, f"must be one of {', '.join(names)}"
    )
    known = answers["participant"].astype(str).isin(people["participant"].astype(str))
    _refuse(~known, answers, "participant", path, "must be among the participants")
    again = answers.duplicated(["participant", "visit"])
    _refuse(again, answers, "visit", path, "a participant has one row a visit")


def _scores(answers: pd.DataFrame, outcome: str, path: Path, *, bounded: bool) -> np.ndarray:
    scale = SCALES[outcome]
    values = _numbers(answers[outcome], outcome, path)
    bad = bounded & ((values < scale.low - 1e-6) | (values > scale.high + 1e-6))
    _refuse(bad, answers, outcome, path, f"must be {scale.low:g} to {scale.high:g}")
    return values.to_numpy(dtype=float)


def _traits(
    people: pd.DataFrame, path: Path, levels: dict[str, tuple[str, ...]]
) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    traits: dict[str, np.ndarray] = {}
    known: dict[str, tuple[str, ...]] = {}
    for name in (*STRATUM_TRAITS, *PATIENT_TRAITS):
        if name not in people:
            continue
        if TABLE1_TRAITS[name].measured:
            traits[name] = _numbers(people[name], name, path).to_numpy(dtype=float)
            continue
        values = people[name].astype("string")
        _refuse(values.isna(), people, name, path, "must not be empty")
        order = levels.get(name, tuple(sorted(values.unique())))
        _refuse(~values.isin(order), people, name, path, f"must be one of {', '.join(order)}")
        known[name] = order
        traits[name] = values.map({level: i for i, level in enumerate(order)}).to_numpy(dtype=float)
    return traits, known


def _numbers(column: "pd.Series[float]", name: str, path: Path) -> "pd.Series[float]":
    numbers = pd.to_numeric(column, errors="coerce")
    bad = (numbers.isna() & column.notna()) | np.isinf(numbers)
    _refuse(bad, column.to_frame(name), name, path, "must be a number")
    return numbers


def _counts(column: "pd.Series[float]", name: str, path: Path) -> np.ndarray:
    numbers = _numbers(column, name, path)
    _refuse(numbers < 0, column.to_frame(name), name, path, "must be at least 0")
    return numbers.to_numpy()


def _clinics(people: pd.DataFrame, path: Path) -> np.ndarray:
    _refuse(people["clinic"].isna(), people, "clinic", path, "must not be empty")
    codes, names = pd.factorize(people["clinic"].astype(str))
    if len(names) < 2:
        raise InputError(
            f"{path}: clinic = {names[0]} for all participants, must be 2 clinics or more"
        )
    return np.asarray(codes, dtype=np.int64)


def _refuse(
    bad: "pd.Series[bool]", table: pd.DataFrame, column: str, path: Path, allowed: str
) -> None:
    """Refuse the first bad row, if there is one."""
    rows = np.flatnonzero(bad.to_numpy())
    if len(rows):
        value = table[column].iloc[rows[0]]
        more = f" (and {len(rows) - 1} more)" if len(rows) > 1 else ""
        raise InputError(
            f"{path}, row {rows[0] + 2}: {column} = {value} is not allowed: {allowed}{more}"
        )
