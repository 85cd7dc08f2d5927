"""What a trial costs: the time of its participants and its staff, and what is sent out."""

import numpy as np
import pyarrow as pa

from sim.enrolment.dispositions import AT_CONTACT, fate_names
from sim.trial import Trial

DAYS_PER_MONTH = 365.25 / 12.0

COST_UNITS = {
    "participant-months": "months",
    "recruitment days": "days",
    "screened": "people",
    "screening hours": "hours",
    "installation hours": "hours",
    "staff hours": "hours",
    "calls": "calls",
    "questionnaires": "questionnaires",
    "reminders": "reminders",
    "retention calls": "calls",
    "incentives": "incentives",
    "participants": "people",
    "trial days": "days",
}
"""Cost to its unit, in the order in which they are told."""
FOLLOWED_UP = frozenset({"participant-months", "questionnaires"})
"""Costs that withdrawals save, of which less is not better."""

COSTS_SCHEMA = pa.schema(
    [("replicate", pa.int32()), ("cost", pa.string()), ("amount", pa.float64())]
)


def trial_costs(trial: Trial) -> dict[str, float]:
    """Return what a trial used up.

    Returns
    -------
    By name:

    ``participant-months``
        From randomization to withdrawal, the last visit or the day on which an interim look
        stopped the trial, over all randomized.
    ``recruitment days``
        From opening to the last randomization.
    ``screened``
        Assessed for eligibility until the trial was full.
    ``screening hours``, ``installation hours``
        Staff time: these screenings, and appointments for the app or the wristband of arms that
        are given one, each of the length that the scenario states. A call that does not lead to a
        screening has no duration there; see ``calls``.
    ``staff hours``
        Their sum.
    ``calls``
        To those who were randomized, until one was taken.
    ``questionnaires``
        Follow-up questionnaires sent.
    ``reminders``
        Sent after them.
    ``retention calls``, ``incentives``
        Calls after the reminders; answers to follow-up questionnaires, where each brings an
        incentive.
    ``participants``
        Randomized.
    ``trial days``
        From opening to the day on which the last answer can have come in, or on which an interim
        look stopped the trial.
    """
    cohort, scenario = trial.cohort, trial.scenario
    rows = cohort.randomized
    leaves = cohort.leaves[rows]
    due = np.array([visit.day for visit in scenario.trial.visits])
    screened = sum(
        trial.fates.get(name, 0) for name in fate_names(scenario) if name not in AT_CONTACT
    )
    screening = screened * scenario.recruitment.screening_hours
    installation, answered = 0.0, 0
    for code, own in enumerate(scenario.by_arm):
        members = rows[cohort.arm[rows] == code]
        received = int((cohort.installed[members] < np.iinfo(np.int64).max).sum())
        installation += 0.0 if own.app is None else received * own.app.appointment_hours
        if own.followup.retention.incentive != 1.0:
            answered += int((~np.isnan(cohort.answered[members, 1:])).sum())
    sent = cohort.reminders[rows]
    reminders = np.minimum(sent, len(scenario.followup.reminder_days))
    return {
        "participant-months": float(np.minimum(leaves, due[-1]).sum()) / DAYS_PER_MONTH,
        "recruitment days": trial.recruitment_days,
        "screened": float(screened),
        "screening hours": screening,
        **({} if scenario.app is None else {"installation hours": installation}),
        "staff hours": screening + installation,
        "calls": float(cohort.calls[rows].sum()),
        "questionnaires": float((leaves[:, None] > due).sum()),
        "reminders": float(reminders.sum()),
        "retention calls": float((sent - reminders).sum()),
        "incentives": float(answered),
        "participants": float(len(rows)),
        "trial days": trial.last_day,
    }


def costs_table(trial: Trial) -> pa.Table:
    """Return a trial's costs as a table (replicate, cost, amount)."""
    costs = trial_costs(trial)
    rows = {
        "replicate": [trial.replicate] * len(costs),
        "cost": list(costs),
        "amount": list(costs.values()),
    }
    return pa.table(rows, schema=COSTS_SCHEMA)
