"""What no trial has: how its participants really are, in every arm, whatever was asked."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from agents.symptoms import CLASSES, LEAD_IN
from sim.tables import app_tables
from sim.tables.true_effects import scores_in_every_arm
from sim.trajectories.mechanistic import MechanisticTrajectories
from sim.trial import Trial

TRUTH = "truth/"
"""Before the names of these tables, and the folder in which they are saved."""


def truth_tables(trial: Trial) -> dict[str, pa.Table]:
    """Return what is true of a trial as it was randomized, by the table's name after ``truth/``."""
    tables = {"missingness": missingness_table(trial)}
    if isinstance(trial.trajectories, MechanisticTrajectories):
        tables |= drawn_tables(trial)
        tables["steps"] = app_tables.true_steps_table(trial)
        tables["plans"] = app_tables.plan_fits_table(trial)
    return tables


def drawn_tables(trial: Trial) -> dict[str, pa.Table]:
    """Return those of :func:`truth_tables` that are drawn; none with a plain course."""
    if not isinstance(trial.trajectories, MechanisticTrajectories):
        return {}
    return {"participants": classes_table(trial), "symptoms": symptoms_table(trial)}


def potential_outcomes_table(trials: Sequence[Trial], participants: int) -> pa.Table:
    """Return every score in every arm, whether it was reported or not.

    Parameters
    ----------
    trials
        A trial and its counterfactuals, see :mod:`sim.tables.true_effects`.
    participants
        Number of participants, the first that were randomized.

    Returns
    -------
    A row a participant, arm, outcome and follow-up visit: ``score`` on the day it was due.
    """
    scenario = trials[0].scenario
    visits = [visit.name for visit in scenario.trial.visits]
    parts = []
    for outcome, in_arms in scores_in_every_arm(trials).items():
        for arm, scores in zip(scenario.arm_names, in_arms, strict=True):
            given = scores[:participants]
            parts.append(
                pa.table(
                    {
                        "participant": np.repeat(np.arange(1, len(given) + 1), len(visits)),
                        "arm": pa.repeat(arm, given.size),
                        "outcome": pa.repeat(outcome, given.size),
                        "visit": visits * len(given),
                        "score": pa.array(given.ravel(), mask=np.isnan(given.ravel())),
                    }
                )
            )
    return pa.concat_tables(parts)


def classes_table(trial: Trial) -> pa.Table:
    """Return a row a participant: the class of the course of symptoms (``course_class``)."""
    rows = trial.cohort.randomized
    if not isinstance(trial.trajectories, MechanisticTrajectories):
        raise TypeError("a plain course has no classes")
    kinds = trial.trajectories.natural.kind[rows]
    return pa.table(
        {
            "participant": np.arange(1, len(rows) + 1),
            "course_class": [CLASSES[kind] for kind in kinds],
        }
    )


def symptoms_table(trial: Trial) -> pa.Table:
    """Return a row a participant and day, whatever was asked or answered, to the last visit.

    Columns: ``participant``; ``day`` since randomization, the week before it included; ``pain`` and
    ``worst_pain`` of the day (NRS); ``disability`` (RMDQ scale).
    """
    rows = trial.cohort.randomized
    last = trial.scenario.trial.visits[-1].day
    days = np.arange(-LEAD_IN + 1, last + 1)
    columns: dict[str, object] = {
        "participant": np.repeat(np.arange(1, len(rows) + 1), len(days)),
        "day": np.tile(days, len(rows)),
    }
    for name, values in trial.daily_symptoms().items():
        columns[name] = values[rows][:, 1 : last + LEAD_IN + 1].astype(np.float32).ravel()
    reached = trial.cohort.entry[rows, None] + days < trial.cohort.closes
    return pa.table(columns).filter(pa.array(reached.ravel()))


def missingness_table(trial: Trial) -> pa.Table:
    """Return why answers are missing, and what they would be: a row a participant and visit.

    Whether a questionnaire was sent (not to the withdrawn), the probability with which it would be
    answered in the end given all that the answer depends on but the person's own tendency, whether
    it was answered, and every score that would have been given on the day it was due, null where a
    stopped trial ended before that day.
    """
    cohort, rows = trial.cohort, trial.cohort.randomized
    visits = [visit.name for visit in trial.scenario.trial.visits]
    probability = cohort.answer_probability[rows, 1:].ravel()
    columns: dict[str, object] = {
        "participant": np.repeat(np.arange(1, len(rows) + 1), len(visits)),
        "visit": visits * len(rows),
        "sent": ~np.isnan(probability),
        "probability": pa.array(probability, mask=np.isnan(probability)),
        "answered": ~np.isnan(cohort.answered[rows, 1:].ravel()),
    }
    due = np.array([visit.day for visit in trial.scenario.trial.visits])
    unreached = (cohort.entered[rows, None] + due >= cohort.closes).ravel()
    for name, scores in trial.scores_when_due().items():
        columns[name] = pa.array(scores[rows, 1:].ravel(), mask=unreached)
    return pa.table(columns)
