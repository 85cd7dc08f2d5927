"""How much of an arm's true effect each of its components carries.

Everybody is simulated in an arm that is given each subset of the components, with the same random
numbers, and advised as in the trial as it was randomized (:func:`sim.simulate.everybody_in`). The
value of a subset is their mean score on the day when a questionnaire was due: that of the state,
without what expectation adds to answers.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from analysis.contrasts.shapley import added_first, added_last, main_effects, shapley
from scenarios.schema import Scenario
from sim.replicates.analysed import FAILURE_SCHEMA
from sim.replicates.lattice import lattice
from sim.simulate import everybody_in, simulate_unasked
from sim.trial import Trial

WHOLE = "all of them"
"""Stands for all components together, in the place of one."""

COMPONENTS_SCHEMA = pa.schema(
    [
        ("replicate", pa.int32()),
        ("component", pa.string()),
        ("n", pa.int32()),
        *((name, pa.float64()) for name in ("part", "first", "last", "main", "sd")),
    ]
)


@dataclass(frozen=True, slots=True)
class ComponentsReplicate:
    """Replicates that keep what components carry: the task of a study.

    Attributes
    ----------
    arm
        Name of the arm that is compared with the reference.
    outcome, visit
        Of which the effect is.
    """

    arm: str
    outcome: str
    visit: str

    def __call__(self, scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
        """Return the tables of one replicate: components, failures.

        ``components`` has a row for each component and one for all of them: ``part``, Shapley's;
        what it adds ``first``, to the reference, and ``last``, to all others; ``main``, over all
        subsets of the others, as a factorial of them estimates it; ``sd``, of the scores in the arm
        around their regression on the baseline score, if there is one; ``n`` participants.
        """
        trial = simulate_unasked(scenario, replicate)
        subsets = lattice(scenario, self.arm)
        column = 1 + [visit.name for visit in scenario.trial.visits].index(self.visit)
        scores = []
        for number in range(2 ** len(subsets.components)):
            placed = everybody_in(trial, *subsets.arm(number))
            scores.append(_scores(placed, self.outcome)[:, [0, column]])
        values = np.array([each[:, 1].mean() for each in scores])
        before, after = scores[-1].T
        found = {"replicate": replicate, "n": len(after), "sd": _sd_left(before, after)}
        whole = float(values[-1] - values[0])
        columns = [each(values) for each in (shapley, added_first, added_last, main_effects)]
        rows = [
            {**found, "component": name, **dict(zip(_VALUES, numbers, strict=True))}
            for name, *numbers in zip(subsets.components, *columns, strict=True)
        ]
        rows.append({**found, "component": WHOLE, **dict.fromkeys(_VALUES, whole)})
        return {
            "components": pa.Table.from_pylist(rows, schema=COMPONENTS_SCHEMA),
            "failures": FAILURE_SCHEMA.empty_table(),
        }


_VALUES = ("part", "first", "last", "main")


def _scores(trial: Trial, outcome: str) -> np.ndarray:
    """Return all scores of the state when due, (participants, questionnaires)."""
    return np.asarray(trial.scores_when_due(shifted=False)[outcome][trial.cohort.randomized])


def _sd_left(before: np.ndarray, after: np.ndarray) -> float:
    """Return the SD of scores around their regression on those at baseline, if these differ."""
    explained = 0.0
    if np.isfinite(before).all() and before.std() > 0.0 and after.std() > 0.0:
        explained = float(np.corrcoef(before, after)[0, 1] ** 2)
    return float(after.std(ddof=1) * np.sqrt(1.0 - explained))
