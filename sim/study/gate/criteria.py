"""What a gate tests: losses of effect, of what is added to a rival, and of other measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scenarios.schema import Scenario
from sim.study.gate.baseline import LEVEL, Baseline, Figures, added_by, towards_worse
from sim.study.gate.measures import MEASURES

EFFECT, ADDED = "effect", "added"
Reference = Literal["baseline", "anchor"]
SINCE = " since the anchor"


@dataclass(frozen=True, slots=True)
class Criterion:
    """A loss that is tested for.

    Attributes
    ----------
    name
        Its own, such as ``"added since the anchor"``.
    measure
        :data:`EFFECT`, :data:`ADDED`, or of :data:`sim.study.gate.measures.MEASURES`.
    reference
        What the loss is against.
    margin
        Loss that is looked for, in the unit of the measure.
    share
        The margin as a share of ``of``, None where it was stated as it is.
    of
        What there is to lose, in the same unit and positive; None where that does not matter.
    """

    name: str
    measure: str
    reference: Reference
    margin: float
    share: float | None = None
    of: float | None = None


@dataclass(frozen=True, slots=True)
class Untested:
    """A loss that cannot be tested for, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Margins:
    """Losses that are looked for.

    Attributes
    ----------
    effect, added
        As shares of the effect, and of what is added to the rival's.
    measures
        Names of other measures to losses in their own units.
    """

    effect: float
    added: float
    measures: Mapping[str, float]


def criteria_of(
    baseline: Baseline, margins: Margins, scenario: Scenario
) -> tuple[tuple[Criterion, ...], tuple[Untested, ...]]:
    """Return what is tested against a baseline, and what cannot be.

    Which it is follows from the baseline and the scenario alone, before anything is simulated.
    """
    tested: list[Criterion] = []
    untested: list[Untested] = []
    for reference, then in references(baseline).items():
        since = SINCE if reference == "anchor" else ""
        effect = abs(float(np.mean([one.effect for one in then])))
        tested.append(
            Criterion(
                EFFECT + since, EFFECT, reference, margins.effect * effect, margins.effect, effect
            )
        )
        rival = [one.rival.effect for one in baseline.replicates]
        added = added_by([one.effect for one in then], rival, baseline.outcome)
        if added.measurable:
            margin = margins.added * added.mean
            tested.append(
                Criterion(ADDED + since, ADDED, reference, margin, margins.added, added.mean)
            )
        else:
            untested.append(
                Untested(
                    ADDED + since,
                    f"the {reference} adds nothing measurable to the effect of {baseline.rival}: "
                    f"{added.mean:.4f} points ({LEVEL:.0%} interval {added.lower:.4f} to "
                    f"{added.upper:.4f}), of which no share can be lost",
                )
            )
        for name, margin in margins.measures.items():
            reason = cannot_occur(name, scenario)
            if not reason:
                tested.append(Criterion(name + since, name, reference, margin))
            elif reference == "baseline":  # it is said once
                untested.append(Untested(name, reason))
    return tuple(tested), tuple(untested)


def references(baseline: Baseline) -> dict[Reference, Sequence[Figures]]:
    """Return what losses are against, replicate by replicate of the baseline."""
    found: dict[Reference, Sequence[Figures]] = {"baseline": baseline.replicates}
    if baseline.anchor is not None:
        found["anchor"] = baseline.anchor.replicates[: len(baseline.replicates)]
    return found


def losses(criterion: Criterion, baseline: Baseline, now: Sequence[Figures]) -> np.ndarray:
    """Return by how much each replicate is worse than the reference, in the measure's unit.

    The rival does the same in both, so that what is lost of the effect is lost of what is added.
    """
    before = references(baseline)[criterion.reference][: len(now)]
    return loss_of(criterion.measure, baseline.outcome, before, now)


def loss_of(
    measure: str, outcome: str, before: Sequence[Figures], now: Sequence[Figures]
) -> np.ndarray:
    """Return by how much a measure is worse now, replicate by replicate."""
    gap = np.subtract(*(values(measure, each) for each in (now, before)))
    if measure in MEASURES:
        return np.asarray(MEASURES[measure].towards_worse * gap)
    return np.asarray(towards_worse(outcome) * gap)


def values(measure: str, of: Sequence[Figures]) -> np.ndarray:
    """Return a measure, or the effect, replicate by replicate."""
    if measure in MEASURES:
        return np.array([one.measures[measure] for one in of])
    return np.array([one.effect for one in of])


def cannot_occur(name: str, scenario: Scenario) -> str:
    """Return why a measure is 0 whatever a recommender does, '' if it need not be."""
    if name == "flares" and not scenario.mechanisms.pathway.flare_per_overload:
        return "pathway.flare_per_overload = 0: exercise brings no flares on in this scenario"
    return ""
