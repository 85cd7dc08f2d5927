"""The family of hypotheses of a trial with interim looks: its contrasts, alpha split between them.

Bonferroni's inequality needs no more than a valid P value of each hypothesis, which that of the
stage-wise ordering is, whatever the other contrasts did to the trial (Follmann, Proschan and Geller
1994, Biometrics 50:325-336).
"""

from collections.abc import Sequence

from analysis.plan.family import Adjusted, hypotheses_of
from analysis.sequential.looks import Monitored
from scenarios.design.arms import Arm
from scenarios.design.trial import AnalysisPlan


def family_of_looks(
    contrasts: Sequence[Monitored], plan: AnalysisPlan, arms: Sequence[Arm]
) -> list[Adjusted]:
    """Return the family of a plan whose contrasts were looked at, each as it ended.

    Parameters
    ----------
    contrasts
        Those of the primary analysis.
    plan, arms
        As they are declared.

    Returns
    -------
    A row a hypothesis: ``p`` allows for the looks alone; ``p_adjusted`` and the limits also for the
    number of contrasts.
    """
    found = {each.estimate.label: each for each in contrasts}
    rows = []
    for name, label in hypotheses_of(plan, arms).items():
        ended = found[label]
        estimate = ended.estimate
        known = ended.p_alone is not None
        rows.append(
            Adjusted(
                name, label, estimate.estimate, ended.p_alone, estimate.p_decision,
                estimate.lower if known else None, estimate.upper if known else None,
                estimate.decision,
            )
        )  # fmt: skip
    return rows
