"""Which way is better: the one place that asks for it."""

from agents.instruments import SCALES
from analysis.plan.longitudinal import DIFFERENCE
from analysis.plan.response import LOG_ODDS_RATIO, RISK_DIFFERENCE

BETTER, WORSE = 1.0, -1.0


def better(outcome: str) -> float:
    """Return 1 where a higher value of an outcome is better, -1 where a lower one is."""
    return BETTER if SCALES[outcome].higher_is_better else WORSE


def better_contrast(outcome: str, contrast: str) -> float | None:
    """Return 1 where a higher contrast favours the intervention, -1 where a lower one does.

    None where it is not between the arms, or of an outcome whose direction is not known.
    """
    if outcome in SCALES:
        return better(outcome) if contrast == DIFFERENCE else None
    # Response is an improvement, whichever way its outcome improves.
    return BETTER if contrast in {LOG_ODDS_RATIO, RISK_DIFFERENCE} else None
