"""Which patients a recommender makes worse, and by how much."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.study.gate.baseline import towards_worse
from sim.study.gate.paired_replicates import ArmScores


@dataclass(frozen=True, slots=True)
class SubgroupLoss:
    """What the recommender costs some of the patients.

    Attributes
    ----------
    name
        Of the subgroup.
    n
        Members in a replicate, on average.
    now, baseline
        Mean true effect.
    loss
        Of the effect, positive where it is worse, with its Monte Carlo standard error ``error``.
    worse, better
        Shares of the members whose own score is worse, or better, than under the baseline by at
        least a number of points, on common random numbers.
    """

    name: str
    n: float
    now: float
    baseline: float
    loss: float
    error: float
    worse: float
    better: float


def subgroup_loss(
    name: str,
    outcome: str,
    scores: Sequence[ArmScores],
    before: Sequence[np.ndarray],
    points: float,
) -> SubgroupLoss:
    """Return what became of the members of a subgroup; replicates without any do not count."""
    chosen = [one.members[name] for one in scores]
    rows = [
        (one.intervention[mine], old[mine], one.control[mine])
        for one, old, mine in zip(scores, before, chosen, strict=True)
        if mine.any()
    ]
    if not rows:
        return SubgroupLoss(name, 0.0, *([float("nan")] * 6))
    effects = np.array([(np.mean(new - none), np.mean(old - none)) for new, old, none in rows])
    sign = towards_worse(outcome)
    by_replicate = sign * (effects[:, 0] - effects[:, 1])
    own = sign * np.concatenate([new - old for new, old, _ in rows])
    rounding = 1e-9
    return SubgroupLoss(
        name=name,
        n=float(np.mean([mine.sum() for mine in chosen])),
        now=float(effects[:, 0].mean()),
        baseline=float(effects[:, 1].mean()),
        loss=float(by_replicate.mean()),
        error=float(by_replicate.std(ddof=1) / np.sqrt(len(rows))) if len(rows) > 1 else np.nan,
        worse=float((own >= points - rounding).mean()),
        better=float((own <= rounding - points).mean()),
    )
