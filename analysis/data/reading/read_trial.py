"""A trial's data from two tables."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.data.reading.columns import Columns
from analysis.data.reading.files import read_table
from analysis.data.reading.mapping import read_mapping
from analysis.data.reading.participants import People, participant_columns, read_participants
from analysis.data.reading.remarks import left_out_remarks
from analysis.data.reading.visits import Answers, read_answers, visit_columns
from analysis.data.reading.wanted import Wanted
from analysis.data.trial_data import TrialData
from scenarios.errors import InputError


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read.

    Attributes
    ----------
    data
        The trial, participants in the order of their identifiers.
    remarks
        What a reader of the results should know: who is left out, what looks odd.
    """

    data: TrialData
    remarks: tuple[str, ...]


def read_trial(
    participants: Path | pd.DataFrame,
    visits: Path | pd.DataFrame,
    wanted: Wanted,
    mapping: Path | None = None,
) -> Reading:
    """Read and check the two tables of a trial.

    Parameters
    ----------
    participants, visits
        Files: CSV, .xlsx, .dta, .sav or Parquet; or DataFrames, which messages call
        ``participants`` and ``visits``.
    wanted
        What the plan uses.
    mapping
        TOML file that says what columns and values are called; see
        :mod:`analysis.data.reading.mapping`.

    Raises
    ------
    InputError
        With the file, the line, the column and the value of the first thing that is wrong.
    """
    known = {"participants": participant_columns(wanted), "visits": visit_columns(wanted)}
    means = read_mapping(mapping, known)
    tables = {
        role: Columns(read_table(source, role), role, means)
        for role, source in (("participants", participants), ("visits", visits))
    }
    people = read_participants(tables["participants"], wanted)
    answers = read_answers(tables["visits"], wanted, people.participant)
    _check_known(people, answers, wanted)
    data = TrialData(
        participant=np.array(people.participant),
        arm=people.arm,
        visits=wanted.visits,
        scores=answers.scores,
        traits=people.traits,
        levels=people.levels,
        plans_made=people.plans_made,
        outcomes=wanted.declared,
        arms=wanted.arms,
        covariates=wanted.known,
        strata=wanted.strata,
        clinic=people.clinic,
    )
    left_out = left_out_remarks(wanted, people.traits, answers.scores)
    return Reading(data, (*people.remarks, *answers.remarks, *left_out))


def _check_known(people: People, answers: Answers, wanted: Wanted) -> None:
    """Refuse what the plan needs and nobody has."""
    baselines = [name for name in wanted.outcomes if wanted.declared[name].has_baseline]
    if baselines and all(np.isnan(answers.scores[name][:, 0]).all() for name in baselines):
        raise InputError(
            f"{answers.table} has no score at {wanted.baseline}, at which the plan has the arms "
            'alike: a mapping file can say what it is called, visit = { values = { "0" = '
            f'"{wanted.baseline}" }} }}'
        )
    for name in wanted.covariates:
        of_visit = name in answers.scores
        values = answers.scores[name][:, 0] if of_visit else people.traits[name]
        if np.isnan(values).all():
            raise InputError(
                f"{answers.table if of_visit else people.table}: {name} is missing at "
                f"{wanted.baseline} for all participants, and the plan adjusts for it"
            )
