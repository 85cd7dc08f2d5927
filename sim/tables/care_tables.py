"""The table of usual care, and what it says by arm."""

import numpy as np
import pyarrow as pa

from agents.care.contacts import had
from agents.symptoms import LEAD_IN
from scenarios.people.care import CONTACT_KINDS
from sim.trial import Trial

SICK_LEAVE = "sick_leave"


def care_table(trial: Trial) -> pa.Table | None:
    """Return a row a contact with health care or a spell of sick leave; None without ``[care]``.

    As registers of health services would tell it: of all participants from randomization to the day
    of the last visit, or to the day on which the trial was stopped, withdrawn or not.

    Columns: ``participant``; ``kind``, of the contact or ``sick_leave``; ``day`` since
    randomization, of a spell its first, 0 where it was under way at randomization; ``days`` of
    a spell within follow-up, null for contacts; ``cost`` in the currency of the scenario.
    """
    found, care = trial.care(), trial.scenario.care
    if found is None or care is None:
        return None
    cohort, rows = trial.cohort, trial.cohort.randomized
    last = trial.scenario.trial.visits[-1].day
    stop = np.minimum(last + 1, np.ceil(cohort.closes - cohort.entry))  # day that is out
    parts = []
    for kind, each in zip(CONTACT_KINDS, care.kinds, strict=True):
        who, column = had(found.contacts[rows], kind).nonzero()
        row, day = rows[who], column - LEAD_IN
        inside = day < stop[row]
        parts.append(_part(cohort.number[row[inside]], kind, day[inside], None, each.cost))
    spells = found.spells
    days = np.minimum(spells.days, stop[spells.person] - spells.day).astype(np.int64)
    here = days > 0
    parts.append(
        _part(
            cohort.number[spells.person[here]],
            SICK_LEAVE,
            spells.day[here],
            days[here],
            care.sick_leave.cost_per_day,
        )
    )
    order = [(name, "ascending") for name in ("participant", "day", "kind")]
    return pa.concat_tables(parts).sort_by(order)


def _part(
    number: np.ndarray, kind: str, day: np.ndarray, days: np.ndarray | None, cost: float
) -> pa.Table:
    """Return the rows of a kind; ``cost`` is that of a contact, or of a day."""
    none = pa.nulls(len(day), pa.int64())
    return pa.table(
        {
            "participant": number + 1,
            "kind": pa.repeat(kind, len(day)),
            "day": day.astype(np.int64),
            "days": none if days is None else days,
            "cost": np.full(len(day), cost) if days is None else cost * days,
        }
    )
