"""An analysis of one's own: Welch's t-test on change, which allows the arms different variances."""

import numpy as np

from analysis.contrasts.declared import weights_matrix
from analysis.data.estimates import Estimate, student_estimate
from analysis.plan.inputs import Inputs


def on_change(inputs: Inputs) -> list[Estimate]:
    """Compare the arms' mean changes from baseline to the primary visit."""
    data, plan = inputs.data, inputs.plan
    scores = data.scores[plan.primary_outcome]
    change = scores[:, data.visits.index(plan.primary_visit)] - scores[:, 0]
    answered = ~np.isnan(change)
    by_arm = [change[answered & (data.arm == code)] for code in range(len(data.arms))]
    n = np.array([len(each) for each in by_arm])
    means = np.array([each.mean() for each in by_arm])
    squared_errors = np.array([each.var(ddof=1) for each in by_arm]) / n
    labels = inputs.labels(plan.primary_outcome, plan.primary_visit, "difference")
    found = []
    for label, weights in zip(labels, weights_matrix(inputs.contrasts), strict=True):
        parts = weights**2 * squared_errors
        df = parts.sum() ** 2 / float((parts**2 / (n - 1)).sum())
        estimate, se = float(weights @ means), float(np.sqrt(parts.sum()))
        found.append(student_estimate(label, estimate, se, df, int(n.sum()), plan.confidence))
    return found
