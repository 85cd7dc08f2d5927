"""Group sequential tests: boundaries of a test that is looked at before the trial is over.

After look k there is a Z statistic with information I_k, the inverse of the squared standard error.
The statistics of all looks are jointly normal with mean ``drift * sqrt(I_k / I_K)`` and correlation
``sqrt(I_j / I_k)``: the scores ``Z_k * sqrt(I_k)`` are a Brownian motion (Jennison and Turnbull,
Group Sequential Methods, 2000, section 3.1). The test is 2-sided: it stops where ``|Z_k|`` reaches
the look's boundary. What the chances of that are is found by the recursion of Armitage, McPherson
and Rowe (1969), Journal of the Royal Statistical Society A 132:235-244: the density of the trials
that go on is carried from look to look by numerical integration.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from scenarios.design.interim import Boundary

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
    inner
        (K,) probability of stopping at each look for futility.
    """

    upper: np.ndarray
    lower: np.ndarray
    inner: np.ndarray

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
        self, information: float, drift: float, kept: Sequence[tuple[float, float]], after: float
    ) -> "_Path":
        """Return the trials whose Z at a later look lies in the intervals where they go on.

        Parameters
        ----------
        information, drift
            Of that look; the mean of Z per root of information.
        kept
            The intervals.
        after
            Information of the look after it, which says how fine the integration must be.
        """
        mean, sd = self._next(information, drift)
        centre = drift * np.sqrt(information)
        # The density changes over the SD of the step to this look, and what is made of it over that
        # of the step to the next, in units of Z: a panel is as wide as the narrower of the two.
        step = min(sd, np.sqrt((after - information) / information), 1.0)
        z, weight = [np.empty(0)], [np.empty(0)]
        for lower, upper in kept:
            low, high = max(lower, centre - TAIL), min(upper, centre + TAIL)
            if low < high:
                edges = np.linspace(low, high, int(np.ceil((high - low) / step)) + 1)
                half = np.diff(edges)[:, None] / 2.0
                z.append((edges[:-1, None] + half * (NODES + 1.0)).ravel())
                weight.append((half * WEIGHTS).ravel())
        place = np.concatenate(z)
        standard = (place - mean[:, None]) / sd
        # Rows are places before, columns places now: the density is mixed over where Z was.
        density = (self.mass[:, None] * np.exp(-0.5 * standard**2)).sum(axis=0)
        density /= sd * np.sqrt(2.0 * np.pi)
        return _Path(place, density * np.concatenate(weight), information)

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
    inner: np.ndarray | None = None,
) -> Crossing:
    """Return with which probability a trial stops at each look, and why.

    Parameters
    ----------
    information
        (K,) information at the looks, increasing, above 0; on any scale.
    bounds
        (K,) boundaries of ``|Z|``, above 0; infinite where a look cannot reject.
    drift
        Mean of Z at the last look.
    inner
        (K,) stop for futility where ``|Z|`` is below; 0 where it never does. None for never.

    Raises
    ------
    ValueError
        If information does not increase from above 0.
    """
    _check(information)
    looks = len(information)
    # Only ratios of information matter; with 1 at the end, drift is the mean of Z there.
    t = np.asarray(information, dtype=float) / information[-1]
    futile = np.zeros(looks) if inner is None else np.asarray(inner, dtype=float)
    found = np.zeros((3, looks))
    path = _START
    for k, bound in enumerate(bounds):
        upper, lower = (path.above(t[k], sign * bound, drift) for sign in (1.0, -1.0))
        found[:2, k] = upper, path.mass.sum() - lower
        edge = min(futile[k], bound)
        if edge > 0.0:
            found[2, k] = path.above(t[k], -edge, drift) - path.above(t[k], edge, drift)
        if k + 1 < looks:
            kept = [(-bound, -edge), (edge, bound)] if edge > 0.0 else [(-bound, bound)]
            path = path.carry(t[k], drift, kept, t[k + 1])
    return Crossing(*found)


def alpha_spent(boundary: Boundary, fractions: Sequence[float], alpha: float) -> np.ndarray:
    """Return the type I error spent up to each look.

    Parameters
    ----------
    boundary
        'obrien_fleming' and 'pocock' are the classical boundaries, proportional to
        ``1 / sqrt(fraction)`` and constant; 'obrien_fleming_spending' and 'pocock_spending' the
        spending functions like them (Lan and DeMets 1983, Biometrika 70:659-663), each on half of
        alpha on either side.
    fractions
        K information fractions, increasing to 1.
    alpha
        2-sided significance level.

    Returns
    -------
    (K,) increasing to alpha.
    """
    t = np.asarray(fractions, dtype=float)
    if boundary == "obrien_fleming_spending":
        return np.asarray(4.0 * special.ndtr(special.ndtri(alpha / 4.0) / np.sqrt(t)))
    if boundary == "pocock_spending":
        return np.asarray(alpha * np.log1p((np.e - 1.0) * t))
    found = crossing_probabilities(t, classical_bounds(boundary, t, alpha))
    spent = np.cumsum(found.upper + found.lower)
    spent[-1] = alpha  # exactly, not to the tolerance of the root
    return spent


def classical_bounds(boundary: Boundary, fractions: np.ndarray, alpha: float) -> np.ndarray:
    """Return the boundaries of O'Brien and Fleming (1979) or Pocock (1977) at some fractions, (K,).

    For equally spaced looks the last one is the constant C_B or C_P of Jennison and Turnbull
    (2000), tables 2.3 and 2.1.
    """
    t = np.asarray(fractions, dtype=float)
    shape = np.ones(len(t)) if boundary == "pocock" else np.sqrt(t[-1] / t)

    def excess(constant: float) -> float:
        return crossing_probabilities(t, constant * shape).rejected - alpha

    # With a single look the constant is the normal quantile; more looks need a larger one.
    least = -special.ndtri(alpha / 2.0) - 1e-9
    return np.asarray(shape * root(excess, least, TAIL))


def root(
    function: Callable[[float], float], low: float, high: float, tolerance: float = 1e-12
) -> float:
    """Return where a function, of different signs at ``low`` and ``high``, is 0 (Brent 1973)."""
    from scipy import optimize  # noqa: PLC0415 - slow to import; few trials have looks

    return float(optimize.brentq(function, low, high, xtol=tolerance))


def efficacy_bounds(
    information: Sequence[float] | np.ndarray, spent: Sequence[float] | np.ndarray
) -> np.ndarray:
    """Return the boundaries of ``|Z|`` at looks with some information that spend what was planned.

    Spending what was planned beforehand, whatever the information turns out to be, keeps the type I
    error (Slud and Wei 1982, Journal of the American Statistical Association 77:862-868; Lan and
    DeMets 1989, Statistics in Medicine 8:1191-1198).

    Parameters
    ----------
    information
        Information at the looks up to now, increasing, above 0.
    spent
        Type I error spent up to each of them.

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
        bound = _bound(path, now, total - before)
        bounds.append(bound)
        if k + 1 < len(information):
            path = path.carry(now, 0.0, [(-bound, bound)], information[k + 1])
        before = total
    return np.array(bounds)


def _check(information: Sequence[float] | np.ndarray) -> None:
    if not (np.diff(information, prepend=0.0) > 0.0).all():
        raise ValueError(f"information must increase from above 0, it is {list(information)}")


def _bound(path: _Path, information: float, spend: float) -> float:
    """Return the boundary at which trials that went on reject with a probability."""

    def excess(bound: float) -> float:
        return 2.0 * path.above(information, bound, 0.0) - spend

    return root(excess, 0.0, TAIL) if excess(TAIL) < 0.0 else np.inf


def conditional_power(z: float, fraction: float, critical: float) -> float:
    """Return the probability that the last look rejects, if the trend so far is the truth.

    Parameters
    ----------
    z, fraction
        Z now, and the information fraction, in (0, 1).
    critical
        Boundary of ``|Z|`` at the last look. Either side counts. Looks in between are left out of
        account (Lan and Wittes 1988, Biometrics 44:579-585).
    """
    # The score at the end has mean z / sqrt(fraction) and variance 1 - fraction.
    mean, sd = z / np.sqrt(fraction), np.sqrt(1.0 - fraction)
    return float(special.ndtr((mean - critical) / sd) + special.ndtr((-mean - critical) / sd))


def futility_bound(fraction: float, critical: float, least: float) -> float:
    """Return the ``|Z|`` below which conditional power is below what is asked; 0 if it never is.

    Parameters
    ----------
    fraction, critical
        As for :func:`conditional_power`.
    least
        Conditional power with which a trial goes on.
    """

    def excess(z: float) -> float:
        return conditional_power(z, fraction, critical) - least

    return root(excess, 0.0, critical + TAIL, 2e-12) if excess(0.0) < 0.0 else 0.0
