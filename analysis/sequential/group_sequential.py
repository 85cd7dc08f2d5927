"""Group sequential tests: boundaries of a test that is looked at before the trial is over.

After look k there is a Z statistic with information I_k, the inverse of the squared standard error.
The statistics of all looks are jointly normal with mean ``drift * sqrt(I_k / I_K)`` and correlation
``sqrt(I_j / I_k)``: the scores ``Z_k * sqrt(I_k)`` are a Brownian motion (Jennison and Turnbull,
Group Sequential Methods, 2000, section 3.1). Z is positive in favour of the intervention. A 2-sided
test stops for efficacy where Z reaches the look's boundary, and for harm where -Z does; a 1-sided
one has the upper boundary alone. What the chances of that are is found by the recursion of
Armitage, McPherson and Rowe (1969), Journal of the Royal Statistical Society A 132:235-244: the
density of the trials that go on is carried from look to look by numerical integration.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from scenarios.design.interim import Boundary

Sides = Literal[1, 2]
"""On how many sides a test can reject."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)
"""Gauss-Legendre rule of a panel of the integration."""
TAIL = 9.0
"""Standard deviations from the mean beyond which nothing is integrated: probability 1e-19."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """How a trial with looks ends.

    Attributes
    ----------
    upper, lower
        (K,) probability of stopping at each look on the upper, or lower, boundary.
    futile
        (K,) probability of stopping at each look for futility.
    """

    upper: np.ndarray
    lower: np.ndarray
    futile: np.ndarray

    @property
    def rejected(self) -> float:
        """Probability of reaching a boundary: power, or without drift the type I error."""
        return float(self.upper.sum() + self.lower.sum())


@dataclass(frozen=True, slots=True)
class _Path:
    """Trials that went on after a look: places of Z, the probability there, and information."""

    z: np.ndarray
    mass: np.ndarray
    information: float

    def above(self, information: float, bound: float, drift: float) -> float:
        """Return the probability that these trials have Z at or above a bound at a later look."""
        mean, sd = self._next(information, drift)
        return float((self.mass * special.ndtr((mean - bound) / sd)).sum())

    def carry(
        self, information: float, drift: float, kept: tuple[float, float], after: float
    ) -> "_Path":
        """Return the trials whose Z at a later look lies in the interval where they go on.

        Parameters
        ----------
        information, drift
            Of that look; the mean of Z per root of information.
        kept
            The interval.
        after
            Information of the look after it, which says how fine the integration must be.
        """
        mean, sd = self._next(information, drift)
        centre = drift * np.sqrt(information)
        # The density changes over the SD of the step to this look, and what is made of it over that
        # of the step to the next, in units of Z: a panel is as wide as the narrower of the two.
        step = min(sd, np.sqrt((after - information) / information), 1.0)
        low, high = max(kept[0], centre - TAIL), min(kept[1], centre + TAIL)
        if low >= high:
            return _Path(np.empty(0), np.empty(0), information)
        edges = np.linspace(low, high, int(np.ceil((high - low) / step)) + 1)
        half = np.diff(edges)[:, None] / 2.0
        place = (edges[:-1, None] + half * (NODES + 1.0)).ravel()
        standard = (place - mean[:, None]) / sd
        # Rows are places before, columns places now: the density is mixed over where Z was.
        density = (self.mass[:, None] * np.exp(-0.5 * standard**2)).sum(axis=0)
        density /= sd * np.sqrt(2.0 * np.pi)
        return _Path(place, density * (half * WEIGHTS).ravel(), information)

    def _next(self, information: float, drift: float) -> tuple[np.ndarray, float]:
        """Return mean and SD of Z at a later look, given Z now."""
        gain = information - self.information
        mean = self.z * np.sqrt(self.information) + drift * gain
        return mean / np.sqrt(information), float(np.sqrt(gain / information))


_START = _Path(np.zeros(1), np.ones(1), 0.0)


def crossing_probabilities(
    information: np.ndarray,
    bounds: np.ndarray,
    drift: float = 0.0,
    *,
    lower: np.ndarray | None = None,
    futile: np.ndarray | None = None,
) -> Crossing:
    """Return with which probability a trial stops at each look, and why.

    Parameters
    ----------
    information
        (K,) information at the looks, increasing, above 0; on any scale.
    bounds
        (K,) boundaries of Z from which a trial stops; infinite where a look cannot.
    drift
        Mean of Z at the last look.
    lower
        (K,) boundaries of Z down to which a trial stops on the other side, minus infinity for
        never; None for those of a 2-sided test, ``-bounds``.
    futile
        (K,) stop for futility where Z is below; minus infinity where it never does. None for never.

    Raises
    ------
    ValueError
        If information does not increase from above 0.
    """
    _check(information)
    looks = len(information)
    # Only ratios of information matter; with 1 at the end, drift is the mean of Z there.
    t = np.asarray(information, dtype=float) / information[-1]
    below = -np.asarray(bounds, dtype=float) if lower is None else lower
    edges = np.full(looks, -np.inf) if futile is None else futile
    found = np.zeros((3, looks))
    path = _START
    for k, (bound, low, edge) in enumerate(zip(bounds, below, edges, strict=True)):
        floor = min(max(low, edge), bound)
        rest = path.above(t[k], low, drift)
        found[0, k] = path.above(t[k], bound, drift)
        found[1, k] = path.mass.sum() - rest
        found[2, k] = rest - path.above(t[k], floor, drift) if floor > low else 0.0
        if k + 1 < looks:
            path = path.carry(t[k], drift, (floor, bound), t[k + 1])
    return Crossing(*found)


def alpha_spent(
    boundary: Boundary, fractions: Sequence[float], alpha: float, sides: Sides = 2
) -> np.ndarray:
    """Return the type I error spent up to each look.

    Parameters
    ----------
    boundary
        'obrien_fleming' and 'pocock' are the classical boundaries, proportional to
        ``1 / sqrt(fraction)`` and constant; 'obrien_fleming_spending' and 'pocock_spending' the
        spending functions like them (Lan and DeMets 1983, Biometrika 70:659-663), a 2-sided test
        spending half of alpha on either side.
    fractions
        K information fractions, increasing to 1.
    alpha, sides
        Significance level in all, and on how many sides the test can reject.

    Returns
    -------
    (K,) increasing to alpha.
    """
    t = np.asarray(fractions, dtype=float)
    if boundary == "obrien_fleming_spending":
        quantile = special.ndtri(alpha / (2.0 * sides))
        return np.asarray(2.0 * sides * special.ndtr(quantile / np.sqrt(t)))
    if boundary == "pocock_spending":
        return np.asarray(alpha * np.log1p((np.e - 1.0) * t))
    found = crossing_probabilities(t, classical_bounds(boundary, t, alpha, sides))
    spent = sides * np.cumsum(found.upper)
    spent[-1] = alpha  # exactly, not to the tolerance of the root
    return spent


def classical_bounds(
    boundary: Boundary, fractions: np.ndarray, alpha: float, sides: Sides = 2
) -> np.ndarray:
    """Return the boundaries of O'Brien and Fleming (1979) or Pocock (1977) at some fractions, (K,).

    For a 2-sided test at equally spaced looks the last one is the constant C_B or C_P of Jennison
    and Turnbull (2000), tables 2.3 and 2.1.
    """
    t = np.asarray(fractions, dtype=float)
    shape = np.ones(len(t)) if boundary == "pocock" else np.sqrt(t[-1] / t)

    def excess(constant: float) -> float:
        bounds = constant * shape
        return sides * float(_crossing(t, bounds, sides).upper.sum()) - alpha

    # With a single look the constant is the normal quantile; more looks need a larger one.
    least = -special.ndtri(alpha / sides) - 1e-9
    return np.asarray(shape * root(excess, least, TAIL))


def _crossing(information: np.ndarray, bounds: np.ndarray, sides: Sides) -> Crossing:
    """Return how a trial ends without an effect, and without stopping for futility."""
    lower = np.full(len(bounds), -np.inf) if sides == 1 else None
    return crossing_probabilities(information, bounds, lower=lower)


def root(
    function: Callable[[float], float], low: float, high: float, tolerance: float = 1e-12
) -> float:
    """Return where a function, of different signs at ``low`` and ``high``, is 0 (Brent 1973)."""
    from scipy import optimize  # noqa: PLC0415 - slow to import; few trials have looks

    return float(optimize.brentq(function, low, high, xtol=tolerance))


def efficacy_bounds(
    information: Sequence[float] | np.ndarray,
    spent: Sequence[float] | np.ndarray,
    sides: Sides = 2,
) -> np.ndarray:
    """Return the upper boundaries at looks with some information that spend what was planned.

    Spending what was planned beforehand, whatever the information turns out to be, keeps the type I
    error (Slud and Wei 1982, Journal of the American Statistical Association 77:862-868; Lan and
    DeMets 1989, Statistics in Medicine 8:1191-1198).

    Parameters
    ----------
    information
        Information at the looks up to now, increasing, above 0.
    spent
        Type I error spent up to each of them, on all sides.
    sides
        On how many the test can reject; the lower boundaries of a 2-sided one mirror the upper.

    Returns
    -------
    (looks,) boundaries; infinite where nothing is spent.

    Raises
    ------
    ValueError
        If information does not increase from above 0.
    """
    _check(information)
    path, before = _START, 0.0
    bounds: list[float] = []
    for k, (now, total) in enumerate(zip(information, spent, strict=True)):
        bound = _bound(path, now, (total - before) / sides)
        bounds.append(bound)
        if k + 1 < len(information):
            kept = (-bound if sides == 2 else -np.inf, bound)
            path = path.carry(now, 0.0, kept, information[k + 1])
        before = total
    return np.array(bounds)


def _check(information: Sequence[float] | np.ndarray) -> None:
    if not (np.diff(information, prepend=0.0) > 0.0).all():
        raise ValueError(f"information must increase from above 0, it is {list(information)}")


def _bound(path: _Path, information: float, spend: float) -> float:
    """Return the boundary above which trials that went on are with a probability."""

    def excess(bound: float) -> float:
        return path.above(information, bound, 0.0) - spend

    return root(excess, -TAIL, TAIL) if excess(TAIL) < 0.0 else np.inf


def conditional_power(z: float, fraction: float, critical: float) -> float:
    """Return the probability that the last look finds efficacy, if the trend so far is the truth.

    Parameters
    ----------
    z, fraction
        Z now, positive in favour of the intervention, and the information fraction, in (0, 1).
    critical
        Boundary of Z at the last look. Looks in between are left out of account (Lan and Wittes
        1988, Biometrics 44:579-585).
    """
    # The score at the end has mean z / sqrt(fraction) and variance 1 - fraction.
    return float(special.ndtr((z / np.sqrt(fraction) - critical) / np.sqrt(1.0 - fraction)))


def futility_bound(fraction: float, critical: float, least: float) -> float:
    """Return the Z below which conditional power is below what is asked.

    Parameters
    ----------
    fraction, critical
        As for :func:`conditional_power`, which this inverts.
    least
        Conditional power with which a trial goes on; 0: it always does.
    """
    rest = special.ndtri(least) * np.sqrt(1.0 - fraction)
    return float(np.sqrt(fraction) * (critical + rest))
