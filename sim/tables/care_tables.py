"""The table of usual care, and what it says by arm."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from agents.care.contacts import had
from agents.symptoms import LEAD_IN
from analysis.report.tables import TextTable, count_percent, mean_sd
from scenarios.people.care import CONTACT_KINDS
from sim.care.draws import employed
from sim.trial import Trial

SICK_LEAVE = "sick_leave"


def care_table(trial: Trial) -> pa.Table | None:
    """Return a row a contact with health care or a spell of sick leave; None without ``[care]``.

    As registers of health services would tell it: of all participants from randomization to the day
    of the last visit, or to the day on which the trial was stopped, withdrawn or not.

    Columns: ``participant``; ``kind``, of the contact or ``sick_leave``; ``day`` since
    randomization, of a spell its first, 0 where it was under way at randomization; ``days`` of
    a spell within follow-up, null for contacts; ``cost`` in EUR, at the prices of the scenario's
    ``care.price_year``.
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


@dataclass(frozen=True, slots=True)
class CareOfArm:
    """What usual care was to the participants of an arm.

    Attributes
    ----------
    quantity, arm
        What it is, and of which arm.
    amounts
        (n,) of each participant whom it concerns.
    """

    quantity: str
    arm: str
    amounts: np.ndarray

    def to_dict(self) -> dict[str, object]:
        """Return its mean, a proportion where it is yes or no, its SD and their number."""
        n = len(self.amounts)
        return {
            "quantity": self.quantity,
            "arm": self.arm,
            "mean": float(self.amounts.mean()) if n else None,
            "sd": float(self.amounts.std(ddof=1)) if n > 1 else None,
            "n": n,
        }


def care_by_arm(trial: Trial) -> list[CareOfArm]:
    """Return what usual care was by arm; nothing where the scenario has none.

    Returns
    -------
    For each arm: contacts of each kind in follow-up; whether there was any imaging; of those who
    are employed whether they were on sick leave at randomization, and days of it in follow-up; and
    costs of contacts and of sick leave. Each is of a participant and until the day of the last
    visit, or until the trial was stopped.
    """
    table, care = care_table(trial), trial.scenario.care
    if table is None or care is None:
        return []
    cohort, rows = trial.cohort, trial.cohort.randomized
    n = len(rows)
    who = table["participant"].to_numpy() - 1
    kind = np.asarray(table["kind"].to_pylist(), dtype=object)
    away = kind == SICK_LEAVE
    days = table["days"].fill_null(0).to_numpy()
    cost = table["cost"].to_numpy()

    def of(weights: np.ndarray) -> np.ndarray:
        return np.bincount(who, weights=weights, minlength=n)

    works = employed(trial.scenario, care, cohort.patients)[rows]
    everybody = np.ones(n, dtype=bool)
    by_kind = {name: of(kind == name) for name in CONTACT_KINDS}
    found = [
        *((name, values, everybody) for name, values in by_kind.items()),
        ("any imaging", by_kind["imaging"] > 0, everybody),
        ("on sick leave at baseline", of(away & (table["day"].to_numpy() == 0)) > 0, works),
        ("days of sick leave", of(days), works),
        ("cost of contacts", of(cost * ~away), everybody),
        ("cost of sick leave", of(cost * away), everybody),
    ]
    return [
        CareOfArm(quantity, arm, values[members & (cohort.arm[rows] == code)])
        for quantity, values, members in found
        for code, arm in enumerate(trial.scenario.arm_names)
    ]


def care_summary(trial: Trial) -> TextTable:
    """Return usual care by arm as a table to print; no rows where the scenario has none."""
    cells: dict[str, list[str]] = {}
    for each in care_by_arm(trial):
        shown = count_percent if each.amounts.dtype == bool else mean_sd
        cells.setdefault(each.quantity, []).append(shown(each.amounts))
    title, arms = "Usual care until the last visit", [arm.label for arm in trial.scenario.arms]
    if np.isfinite(trial.cohort.closes):
        title += ", or until the trial was stopped"
    care = trial.scenario.care
    if not cells or care is None:
        return TextTable(title, ("", *arms), [])
    kinds = [(f"  {name.replace('_', ' ')}", *cells[name]) for name in CONTACT_KINDS]
    rows: list[tuple[str, ...]] = [
        ("Contacts, mean (SD)", *[""] * len(arms)),
        *kinds,
        ("Any imaging, No. (%)", *cells["any imaging"]),
        ("Of those employed", *[""] * len(arms)),
        ("  on sick leave at baseline, No. (%)", *cells["on sick leave at baseline"]),
        ("  days of sick leave, mean (SD)", *cells["days of sick leave"]),
        (f"Costs, EUR of {care.price_year}, mean (SD)", *[""] * len(arms)),
        ("  contacts", *cells["cost of contacts"]),
        ("  sick leave", *cells["cost of sick leave"]),
    ]
    return TextTable(title, ("", *arms), rows)
