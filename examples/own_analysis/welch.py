"""An analysis of one's own: Welch's t-test on change, which allows the arms different variances."""

import numpy as np
from scipy import stats

from analysis.data.estimates import Estimate, student_estimate
from analysis.plan.inputs import Inputs
from analysis.plan.longitudinal import DIFFERENCE


def on_change(inputs: Inputs) -> list[Estimate]:
    """Compare the arms' mean changes from baseline to the primary visit."""
    data, plan = inputs.data, inputs.plan
    scores = data.scores[plan.primary_outcome]
    change = scores[:, data.visits.index(plan.primary_visit)] - scores[:, 0]
    answered = ~np.isnan(change)
    app, control = change[answered & (data.arm == 1)], change[answered & (data.arm == 0)]
    found = stats.ttest_ind(app, control, equal_var=False)
    difference = float(app.mean() - control.mean())
    label = (inputs.name, plan.primary_outcome, plan.primary_visit, DIFFERENCE)
    return [
        student_estimate(
            label,
            difference,
            se=difference / float(found.statistic),
            df=float(found.df),
            n=len(app) + len(control),
            confidence=plan.confidence,
        )
    ]
