"""What a trial shows of its family of hypotheses, adjusted as the plan says."""

from collections.abc import Sequence

import numpy as np

from analysis.contrasts.labels import kind_of, name_of
from analysis.data.trial_data import TrialData
from analysis.plan.analyse import Analysis
from analysis.plan.family import Adjusted, family_of
from analysis.report.compared import level_in_words
from analysis.report.estimates_tables import LARGEST_EXPONENT
from analysis.report.numbers import NONE, fixed, p_value
from analysis.report.tables import TextTable
from scenarios.design.analyses import LOG_ODDS_RATIO, LOG_RATE_RATIO
from scenarios.design.trial import AnalysisPlan

_DECIMALS = 2


def family_text(
    data: TrialData,
    plan: AnalysisPlan,
    analysis: Analysis,
    of_looks: Sequence[Adjusted] | None = None,
) -> TextTable:
    """Return estimates, adjusted P values and decisions; no rows where the plan adjusts nothing.

    Parameters
    ----------
    data, plan, analysis
        What was analysed, how, and what was found.
    of_looks
        The family as interim looks found it; None without them.
    """
    found = of_looks
    if found is None:
        found = family_of(analysis.estimates, analysis.joint, plan, data.arms, data.outcomes)
    title = f"Family of hypotheses, adjusted by {plan.multiplicity.procedure}"
    heads = ("", "Estimate", f"Simultaneous {level_in_words(plan)}", "P", "Adjusted P", "Decision")
    rows: list[tuple[str, ...]] = [
        (
            _called(data, each, found),
            *_numbers(each),
            p_value(each.p, plan.alpha),
            p_value(each.p_adjusted, plan.alpha),
            each.decision or NONE,
        )
        for each in found
    ]
    return TextTable(title, heads, rows)


def _called(data: TrialData, each: Adjusted, family: Sequence[Adjusted]) -> str:
    """Return the name of a hypothesis, with whatever of its estimate not all have in common."""
    _, outcome, visit, contrast = each.label
    told = [name_of(contrast)] if name_of(contrast) not in {"", each.hypothesis} else []
    if len({other.label[1] for other in family}) > 1:
        told.append(data.outcomes[outcome].label if outcome in data.outcomes else outcome)
    if len({other.label[2] for other in family}) > 1:
        told.append(visit)
    return f"{each.hypothesis} ({', '.join(told)})" if told else each.hypothesis


def _numbers(each: Adjusted) -> tuple[str, str]:
    """Return the estimate and its simultaneous limits, ratios of log ratios."""
    ratio = kind_of(each.label[3]) in {LOG_ODDS_RATIO, LOG_RATE_RATIO}

    def shown(value: float | None, side_of: float | None = None) -> str:
        if value is None:
            return NONE
        turned = float(np.exp(min(value, LARGEST_EXPONENT))) if ratio else value
        return fixed(turned, _DECIMALS, side_of=side_of)

    if each.lower is None or each.upper is None:
        return shown(each.estimate), NONE
    no_effect = 1.0 if ratio else 0.0
    return shown(each.estimate), f"{shown(each.lower, no_effect)} to {shown(each.upper, no_effect)}"
