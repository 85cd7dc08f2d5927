"""Effects in subgroups by baseline traits: the truth beside the estimate, and who gets worse."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan

import numpy as np
import pyarrow as pa

from analysis.contrasts.planned import planned_contrasts
from analysis.decision.rule import decided
from analysis.plan.subgroups import subgroup_estimates
from scenarios.errors import InputError, nearest
from scenarios.people.patients import Categories
from scenarios.schema import Scenario
from sim.replicates.analysed import FAILURE_SCHEMA
from sim.simulate import simulate
from sim.tables.trial_tables import flow_table, trial_data
from sim.tables.true_effects import in_every_arm, scores_in_every_arm, weighted
from sim.trial import Trial

ALL = "all randomized"
USUAL = ("pain=5", "duration", "comorbidities")
"""Default splits."""


@dataclass(frozen=True, slots=True)
class Split:
    """A trait of ``[population]`` by which participants are divided.

    Attributes
    ----------
    trait
        Its name.
    above
        Where the trait is a number, the value above which a participant is in the second subgroup;
        None where it has categories, which are the subgroups.
    """

    trait: str
    above: float | None = None


def read_split(text: str, scenario: Scenario) -> Split:
    """Read ``trait`` for one with categories, or ``trait=value`` for a number.

    Raises
    ------
    InputError
        If there is no such trait, or a value is missing or not needed.
    """
    trait, equals, given = text.partition("=")
    margins = scenario.population.margins
    if trait not in margins:
        close = nearest(trait, margins)
        hint = f"did you mean {close}?" if close else f"must be one of {', '.join(margins)}"
        raise InputError(f"--by {text}: {scenario.name} has no trait {trait}: {hint}")
    categories = isinstance(margins[trait], Categories)
    if categories:
        if equals:
            raise InputError(f"--by {text}: {trait} has categories: write --by {trait}")
        return Split(trait)
    try:
        at = float(given)
    except ValueError:
        at = nan
    if not isfinite(at):
        raise InputError(
            f"--by {text}: {trait} is a number: add the value to divide at, such as --by {trait}=5"
        )
    return Split(trait, at)


@dataclass(frozen=True, slots=True)
class SubgroupReplicate:
    """Replicates that keep effects in subgroups: the task of a study."""

    splits: tuple[Split, ...]

    def __call__(self, scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
        """Return the tables of one replicate: subgroups, flow, failures.

        ``subgroups`` has a row a subgroup and contrast between arms: ``n``; the true ``effect`` on
        the primary outcome at the primary visit; ``worse`` and ``better``, the shares of members to
        whom it would then be worse or better to be in an arm than in the reference; and the
        estimate in the trial.
        """
        own = simulate(scenario, replicate)
        plan = scenario.analysis
        visit = [v.name for v in scenario.trial.visits].index(plan.primary_visit)
        scores = scores_in_every_arm(in_every_arm(own))[plan.primary_outcome][:, :, visit]
        contrasts = planned_contrasts(plan, scenario.arms)
        gains = [weighted(scores, contrast) for contrast in contrasts]
        data = trial_data(own)
        rows = []
        for (trait, name, members), (contrast, gain, found) in (
            (subgroup, each)
            for subgroup in subgroups(own, self.splits)
            for each in zip(
                contrasts,
                gains,
                decided(subgroup_estimates(data, plan, subgroup[2]), plan, data.outcomes),
                strict=True,
            )
        ):
            good = scenario.primary_outcome.towards_better * gain
            some = bool(members.any())
            rows.append(
                {
                    "replicate": replicate,
                    "contrast": contrast.name,
                    "trait": trait,
                    "subgroup": name,
                    "n": int(members.sum()),
                    "effect": float(gain[members].mean()) if some else None,
                    "worse": float((good[members] < 0.0).mean()) if some else None,
                    "better": float((good[members] > 0.0).mean()) if some else None,
                    "estimate": found.estimate,
                    "se": found.se,
                    "lower": found.lower,
                    "upper": found.upper,
                    "p": found.p,
                    "converged": found.converged,
                    "decision": found.decision,
                }
            )
        return {
            "subgroups": pa.Table.from_pylist(rows, schema=SUBGROUPS_SCHEMA),
            "flow": flow_table(own),
            "failures": FAILURE_SCHEMA.empty_table(),
        }


SUBGROUPS_SCHEMA = pa.schema(
    [
        ("replicate", pa.int32()),
        ("contrast", pa.string()),
        ("trait", pa.string()),
        ("subgroup", pa.string()),
        ("n", pa.int32()),
        *((name, pa.float64()) for name in ("effect", "worse", "better")),
        *((name, pa.float64()) for name in ("estimate", "se", "lower", "upper", "p")),
        ("converged", pa.bool_()),
        ("decision", pa.string()),
    ]
)


def subgroups(trial: Trial, splits: Sequence[Split]) -> list[tuple[str, str, np.ndarray]]:
    """Return trait, name and members of every subgroup, all participants first.

    Members are a mask of the participants in order of randomization.
    """
    rows, traits = trial.cohort.randomized, trial.cohort.patients.values
    found = [("", ALL, np.ones(len(rows), dtype=bool))]
    for split in splits:
        values = traits[split.trait][rows]
        if split.above is not None:
            found += [
                (split.trait, f"at most {split.above:g}", values <= split.above),
                (split.trait, f"above {split.above:g}", values > split.above),
            ]
            continue
        margin = trial.scenario.population.margins[split.trait]
        if isinstance(margin, Categories):
            found += [(split.trait, level, values == i) for i, level in enumerate(margin.levels)]
    return found
