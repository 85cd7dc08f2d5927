"""True effects in a scenario, and in it with one parameter moved at a time.

Everybody is simulated in all arms with the same random numbers, whatever is moved; no questionnaire
is sent or analysed. The effect is that of :mod:`sim.tables.true_effects`.
"""

import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from scenarios.arms.codes import REFERENCE
from scenarios.free_parameters import set_value
from scenarios.loading.keys import Path, dotted
from scenarios.loading.problems import scenario_of
from scenarios.people.instruments import Instruments
from scenarios.schema import Scenario
from sim.replicates.analysed import FAILURE_SCHEMA
from sim.simulate import simulate_unasked
from sim.tables.true_effects import in_every_arm, scores_in_every_arm

MOVED = "moved"
MOVED_SCHEMA = pa.schema(
    [
        ("replicate", pa.int32()),
        ("trial", pa.int32()),
        ("place", pa.int32()),
        ("effect", pa.float64()),
        ("reference_mean", pa.float64()),
        ("n", pa.int32()),
    ]
)
_UNREAD: dict[str, Any] = {
    "name": True,
    "title": True,
    "analysis": True,
    "safety": True,
    "followup": {
        "arms": {"__all__": {"response", "withdrawal_reasons"}},
        "reasons": True, "response_reminders": True, "reminder_strength": True, "frailty": True,
        "slopes": True, "retention": {"incentive", "call_strength"},
    },
    "care": {"price_year": True, "sick_leave": True},
}  # fmt: skip
"""Keys that say what a scenario is called, how answers come in, are analysed and are paid for, what
harms are reported and who is on sick leave: nothing that happens in a trial depends on these."""
_SCREENING = frozenset({"rmdq", "nrs"})
"""Instruments that are read before randomization, whatever the outcome."""


@dataclass(frozen=True, slots=True)
class Change:
    """A value that a scenario is given.

    Attributes
    ----------
    path, value
        Where, and what, as in TOML.
    """

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class MovedEffects:
    """Trials of a scenario and of it with each of some changes: the task of a study.

    Replicate k v + p is trial k with change p, of v - 1 changes; that with p = 0 has none.

    Attributes
    ----------
    content
        The scenario's tables and keys as JSON: a worker makes the scenarios, since a value travels
        more lightly.
    changes
        Each made by itself.
    arm
        Name of the arm that is compared with the reference.
    """

    content: str
    changes: tuple[Change, ...]
    arm: str

    @property
    def variants(self) -> int:
        """Of each trial: one as the scenario is, and one a change."""
        return 1 + len(self.changes)

    def describe(self) -> dict[str, Any]:
        """Return what a manifest says of it."""
        values = [[dotted(change.path), change.value] for change in self.changes]
        return {"what": type(self).__name__, "arm": self.arm, "changes": values}

    def __call__(self, scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
        """Return the tables of one replicate: its effect, in one row, and failures."""
        number, place = divmod(replicate, self.variants)
        moved = self._changed(self.changes[place - 1]) if place else scenario
        trial = simulate_unasked(moved, number)
        plan = moved.analysis
        visit = [each.name for each in moved.trial.visits].index(plan.primary_visit)
        scores = scores_in_every_arm(in_every_arm(trial))[plan.primary_outcome][:, :, visit]
        reference = scores[REFERENCE]
        row = {
            "replicate": replicate,
            "trial": number,
            "place": place,
            "effect": float((scores[moved.arm_names.index(self.arm)] - reference).mean()),
            "reference_mean": float(reference.mean()),
            "n": len(reference),
        }
        return {
            MOVED: pa.Table.from_pylist([row], schema=MOVED_SCHEMA),
            "failures": FAILURE_SCHEMA.empty_table(),
        }

    def _changed(self, change: Change) -> Scenario:
        data = json.loads(self.content)
        set_value(data, change.path, change.value)
        return scenario_of(data, Scenario)


def lives_alike(one: Scenario, other: Scenario) -> bool:
    """Return whether it is certain that people fare the same in trials of two scenarios.

    They differ at most in keys that nothing before the answers reads.
    """
    return _lived(one) == _lived(other)


def _lived(scenario: Scenario) -> dict[str, Any]:
    read = {*_SCREENING, scenario.analysis.primary_outcome}
    others = {name for name in Instruments.model_fields if name not in read}
    return scenario.model_dump(exclude={**_UNREAD, "instruments": others})
