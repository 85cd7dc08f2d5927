"""What is told of an app in every trial of a study: how its plans fit, and how much it is used."""

from collections.abc import Iterator

import numpy as np

from agents.symptoms import LEAD_IN
from analysis.describe.summaries import Row
from recommender.protocol import REVISIONS
from sim.app.records import BIT
from sim.tables.app_tables import (
    app_days,
    regret,
    with_app,
    with_wristband,
    wristband_days,
)
from sim.trajectories.mechanistic import MechanisticTrajectories
from sim.trial import Trial

WEEK = 7
EVERY = 4
"""Weeks from one that is told to the next."""
LEAST_DAYS = 4
"""Days of a week within follow-up from which it counts."""


def replaced_plans(trial: Trial) -> int:
    """Return how many plans are the fallback's, because the recommender failed."""
    replaced = 1 << REVISIONS.index("replaced by the fallback plan")
    return sum(int(np.count_nonzero(batch.plans.revised & replaced)) for batch in trial.plan_log)


def plan_summaries(trial: Trial) -> list[Row]:
    """Return mean fit and mean regret of the plans made in each arm; nothing where none were."""
    if not trial.plan_log:
        return []
    fit = np.concatenate([batch.fit for batch in trial.plan_log])
    arm = trial.cohort.arm[np.concatenate([batch.rows for batch in trial.plan_log])]
    rows: list[Row] = []
    for code, name in enumerate(trial.scenario.arm_names):
        own = fit[arm == code]
        if len(own):
            rows.append(("plan fit", "", "", name, float(own.mean())))
            rows.append(("plan regret", "", "", name, float(regret(own).mean())))
    return rows


def use_summaries(trial: Trial) -> list[Row]:
    """Return how the app and the wristband are used in each arm that has them.

    Each fourth week since installation is told, from the first, as ``visit``, ``week 1``: shares of
    those whose week is within follow-up who ``opened`` the app and made a plan (``planned``); of
    those with a wristband the share ``with steps`` recorded, and the mean of their
    ``recorded steps`` a day.
    """
    if not isinstance(trial.trajectories, MechanisticTrajectories):
        return []
    weeks = np.arange(0, trial.records.use.shape[1] - LEAD_IN, EVERY * WEEK)
    days = (weeks[:, None] + np.arange(WEEK)).ravel()
    rows: list[Row] = []
    users, _ = with_app(trial)
    columns, inside = app_days(trial, users, days)
    use = np.where(inside, trial.records.use[users[:, None], columns], 0)
    for visit, of_week, arm, mine in _weeks_of(trial, users, inside):
        during = use[mine, of_week]
        for quantity, what in (("opened", "opened"), ("planned", "plan")):
            did = ((during & BIT[what]) > 0).any(axis=1)
            rows.append((quantity, "", visit, arm, float(did.mean())))
    wearers, _ = with_wristband(trial)
    still, worn, steps = wristband_days(trial, wearers, days)
    _, inside = app_days(trial, wearers, days)
    for visit, of_week, arm, mine in _weeks_of(trial, wearers, inside):
        seen = still[mine, of_week] & worn[mine, of_week]
        some = seen.any(axis=1)
        rows.append(("with steps", "", visit, arm, float(some.mean())))
        if some.any():
            total = np.where(seen, steps[mine, of_week], 0.0).sum(axis=1)[some]
            mean = float((total / seen.sum(axis=1)[some]).mean())
            rows.append(("recorded steps", "", visit, arm, mean))
    return rows


def _weeks_of(
    trial: Trial, rows: np.ndarray, inside: np.ndarray
) -> Iterator[tuple[str, slice, str, np.ndarray]]:
    """Yield name and columns of each week that is told, and of each arm who is followed then."""
    arm = trial.cohort.arm[rows]
    for number in range(inside.shape[1] // WEEK):
        days = slice(number * WEEK, (number + 1) * WEEK)
        followed = inside[:, days].sum(axis=1) >= LEAST_DAYS
        for code, name in enumerate(trial.scenario.arm_names):
            mine = np.flatnonzero(followed & (arm == code))
            if len(mine):
                yield f"week {number * EVERY + 1}", days, name, mine
