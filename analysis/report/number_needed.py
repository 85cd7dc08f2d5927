"""The number needed to treat, with an interval that may pass through infinity (Altman 1998)."""

from analysis.data.estimates import Estimate
from analysis.report.numbers import NONE, fixed


def number_needed_to_treat(difference: Estimate, *, harm: bool = False) -> str:
    """Return the inverted risk difference with its interval.

    Parameters
    ----------
    difference
        Of risks, intervention minus control.
    harm
        Whether they are risks of something that is better avoided.

    Notes
    -----
    Where the difference's interval contains 0, the number's interval passes through infinity: it
    runs from the smallest number needed to treat for one to benefit (NNTB), through infinity, to
    the smallest for one to be harmed (NNTH) (Altman, BMJ 1998;317:1309-1312).

    Examples
    --------
    >>> from analysis.data.estimates import normal_estimate
    >>> label = ("gee poisson", "rmdq improved by 4", "3 months", "risk difference")
    >>> number_needed_to_treat(normal_estimate(label, 0.14, 0.05, 399, 0.95))
    'NNTB 7.1 (4.2 to 23.8)'
    >>> number_needed_to_treat(normal_estimate(label, 0.05, 0.05, 399, 0.95))
    'NNTB 20.0 (NNTB 6.8 to inf to NNTH 20.8)'
    """
    if difference.estimate is None or difference.lower is None or difference.upper is None:
        return NONE
    sign = -1.0 if harm else 1.0
    value = sign * difference.estimate
    lower, upper = sorted((sign * difference.lower, sign * difference.upper))
    point = f"{_side(value)} {_inverse(value)}"
    if lower < 0.0 < upper:
        return f"{point} (NNTB {_inverse(upper)} to inf to NNTH {_inverse(lower)})"
    ends = sorted((abs(lower), abs(upper)), reverse=True)
    return f"{point} ({_inverse(ends[0])} to {_inverse(ends[1])})"


def _side(difference: float) -> str:
    return "NNTB" if difference >= 0.0 else "NNTH"


def _inverse(difference: float) -> str:
    return "inf" if difference == 0.0 else fixed(1.0 / abs(difference), 1)
