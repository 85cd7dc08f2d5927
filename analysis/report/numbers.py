"""How numbers are printed: the one place that rounds them.

Halves are rounded away from zero, as readers do, and not to even digits. A number that stands for a
side of something (a P value of alpha, a limit of no effect) has as many decimals as it takes to see
the side.
"""

import math
from decimal import ROUND_HALF_UP, Decimal

NONE = "-"
"""Printed where there is no number: a group of nobody, a model without an estimate."""
_SIGNIFICANT = 12
"""Digits that are kept before rounding: what is behind them is noise of floating point."""
_MOST_DECIMALS = 15


def fixed(value: float | None, decimals: int, *, side_of: float | None = None) -> str:
    """Return a number with some decimals, without a negative zero.

    Parameters
    ----------
    value
        The number; None and what is not finite are printed as ``-``, infinity as ``inf``.
    decimals
        At least; more where rounding would hide on which side of `side_of` the number lies.
    side_of
        No effect, for a confidence limit: 0 of a difference, 1 of a ratio.

    Examples
    --------
    >>> fixed(0.125, 2), fixed(-0.001, 2), fixed(-0.001, 2, side_of=0.0)
    ('0.13', '0.00', '-0.001')
    >>> fixed(float("nan"), 2)
    '-'
    """
    if value is None or math.isnan(value):
        return NONE
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if side_of is not None and value != side_of:
        for more in range(decimals, _MOST_DECIMALS):
            if _rounded(value, more) != _rounded(side_of, more):
                return _plain(_rounded(value, more))
    return _plain(_rounded(value, decimals))


def signed(value: float | None, decimals: int) -> str:
    """Return a number that has always a sign, 0 too."""
    text = fixed(value, decimals)
    return text if text.startswith("-") else f"+{text}"


def significant(value: float | None, digits: int) -> str:
    """Return a number to some significant figures, without zeros at the end of its decimals.

    Examples
    --------
    >>> significant(0.12345, 3), significant(1234.5, 3), significant(0.5, 3), significant(0.0, 3)
    ('0.123', '1235', '0.5', '0')
    """
    if value is None or not math.isfinite(value) or value == 0.0:
        return fixed(value, 0)
    decimals = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    text = fixed(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def figures(value: float | None) -> str:
    """Return a number of a table to about three figures.

    Examples
    --------
    >>> figures(9.25), figures(0.125), figures(None)
    ('9.3', '0.13', '-')
    """
    small = value is not None and abs(value) < 1.0
    return fixed(value, 2 if small else 1)


def p_value(p: float | None, alpha: float = 0.05) -> str:
    """Return a P value, with the decimals that tell on which side of alpha it lies.

    Two decimals, three below .01, never 0 and never 1 (AMA Manual of Style, 11th ed., 19.5).

    Parameters
    ----------
    p
        The P value, 0 to 1; None or NaN where there is none.
    alpha
        Significance level, above 0 and below 1.

    Examples
    --------
    >>> [p_value(p) for p in (0.0496, 0.0504, 0.05, 0.047, 0.31, 0.004, 0.00004, 0.9972)]
    ['.0496', '.0504', '.05', '.047', '.31', '.004', '<.001', '>.99']
    """
    if p is None or math.isnan(p):
        return NONE
    fewest = max(3, math.ceil(-math.log10(alpha)) + 1)
    if p < 10.0**-fewest:
        return f"<{_no_zero(Decimal(1).scaleb(-fewest))}"
    if p > 0.99 and _rounded(p, 2) == 1:
        return ">.99"
    level = Decimal(str(alpha))
    decimals = 2 if p >= 0.01 else 3
    while decimals < _MOST_DECIMALS:
        shown = _rounded(p, decimals)
        if p == alpha or (shown not in (0, level) and (shown < level) == (p < alpha)):
            break
        decimals += 1
    return _no_zero(_rounded(p, decimals))


def interval(
    estimate: float, lower: float, upper: float, decimals: int = 2, *,
    no_effect: float | tuple[float, float] = 0.0,
) -> str:  # fmt: skip
    """Return an estimate with its confidence limits, which show their side of no effect.

    Parameters
    ----------
    estimate, lower, upper
        The numbers.
    decimals
        At least.
    no_effect
        What limits show their side of: one number, or one for each, such as margins.

    Examples
    --------
    >>> interval(-2.8565, -5.708, -0.0049)
    '-2.86 (-5.71 to -0.005)'
    """
    sides = no_effect if isinstance(no_effect, tuple) else (no_effect, no_effect)
    low, high = (
        fixed(limit, decimals, side_of=side)
        for limit, side in zip((lower, upper), sides, strict=True)
    )
    return f"{fixed(estimate, decimals)} ({low} to {high})"


def percent(count: int, total: int, decimals: int = 0) -> str:
    """Return a count as a percentage of a total, ``-`` of nobody.

    Examples
    --------
    >>> percent(29, 200), percent(0, 0)
    ('15', '-')
    """
    if total == 0:
        return NONE
    return _plain(_quantized(Decimal(100 * int(count)) / Decimal(int(total)), decimals))


def share(count: int, total: int, decimals: int = 3) -> str:
    """Return a share of replicates with Wilson's 95% interval, ``-`` of none.

    The interval has a width where all or none are counted (Wilson, J Am Stat Assoc 1927;22:209).

    Examples
    --------
    >>> share(2, 2)
    '1.000 (0.342 to 1.000)'
    >>> share(0, 0)
    '-'
    """
    if total == 0:
        return NONE
    return interval(count / total, *_wilson(count, total), decimals)


def share_percent(count: int, total: int, decimals: int = 1) -> str:
    """Return the same in per cent.

    Examples
    --------
    >>> share_percent(0, 2)
    '0.0% (0.0 to 65.8)'
    """
    if total == 0:
        return NONE
    low, high = (fixed(100.0 * limit, decimals) for limit in _wilson(count, total))
    return f"{percent(count, total, decimals)}% ({low} to {high})"


def _wilson(count: int, total: int) -> tuple[float, float]:
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415 - slow to import

    lower, upper = proportion_confint(count, total, alpha=0.05, method="wilson")
    return float(lower), float(upper)


def _rounded(value: float, decimals: int) -> Decimal:
    return _quantized(Decimal(f"{value:.{_SIGNIFICANT}g}"), decimals)


def _quantized(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _plain(value: Decimal) -> str:
    return f"{abs(value) if value == 0 else value:f}"


def _no_zero(value: Decimal) -> str:
    return _plain(value).removeprefix("0")
