"""Published numbers beside their simulated distributions, and how well they agree."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import hypot, pi, sqrt
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.replicates.targets import published_on_scale, simulated_numbers, to_published_scale
from scenarios.targets import Anchor, Role, Target

PERFECT_MEAN_Z = sqrt(2.0 / pi)
"""Mean |z| of a model that is right: the mean of a standard half-normal, 0.80."""
ROLES: tuple[Role, ...] = ("calibration", "held-out", "implied")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One published number beside its simulated distribution.

    Attributes
    ----------
    section, label, source
        The target; its source is '' where nothing was published.
    published, rounding
        As published, and half the width of what the printed number may stand for; None without.
    role
        Whether it was fitted to, held out, or implied by others; '' without a target.
    mean, mean_error
        Mean over replicates and its Monte Carlo standard error.
    lower, upper
        2.5% and 97.5% quantiles over replicates: where one trial's number would fall.
    z
        (published - mean) / SD, on the scale of the estimate (a logarithm for an odds ratio). The
        SD is that over replicates together with that of the rounding, its width / sqrt(12). None
        without a target, or where all replicates have the same number. A number of another study
        has the SD of that study instead, its standard error: its people are others.
    replicates
        How many replicates have the number.
    study, interval
        Another study that it is from, '' for the trial; and that study's 95% interval.
    """

    section: str
    label: str
    source: str
    published: float | None
    rounding: float
    role: str
    mean: float
    mean_error: float
    lower: float
    upper: float
    z: float | None
    replicates: int
    study: str = ""
    interval: tuple[float, float] | None = None

    @property
    def inside(self) -> bool | None:
        """Whether what was published may lie in the simulated range; None without it.

        Of a number of another study: whether the simulated mean lies in that study's interval.
        """
        if self.published is None or self.replicates == 0:
            return None
        if self.interval is not None:
            return self.interval[0] <= self.mean <= self.interval[1]
        low, high = self.published - self.rounding, self.published + self.rounding
        return self.lower <= high and low <= self.upper


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the targets of one role agree with the simulation.

    Attributes
    ----------
    role
        Of the targets.
    targets
        How many are simulated.
    inside
        How many lie in their 95% range.
    mean_z
        Mean |z| of those that vary between replicates; :data:`PERFECT_MEAN_Z` if the model is
        right, with less spread the more targets there are and the less they depend on each other.
    """

    role: str
    targets: int
    inside: int
    mean_z: float


@dataclass(frozen=True, slots=True)
class Validation:
    """All targets of a scenario beside its simulated trials.

    Attributes
    ----------
    draws
        Draws of the posterior that the trials take in turn; 0 at the point estimate.
    anchors
        Published differences for a comparison of several simulated trials: told, not compared.
    """

    scenario: str
    title: str
    seed: int
    replicates: int
    failed_replicates: int
    comparisons: tuple[Comparison, ...]
    missing: tuple[str, ...]
    draws: int = 0
    anchors: tuple[Anchor, ...] = ()

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """Agreement of each role that has targets."""
        found = (agreement(self.comparisons, role) for role in ROLES)
        return tuple(each for each in found if each.targets)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return {
            "scenario": self.scenario,
            "title": self.title,
            "seed": self.seed,
            "replicates": self.replicates,
            "failed_replicates": self.failed_replicates,
            "posterior_draws": self.draws,
            "perfect_mean_z": PERFECT_MEAN_Z,
            "agreement": [asdict(each) for each in self.agreements],
            "not_simulated": list(self.missing),
            "targets": self.table().to_dict("records"),
            "anchors": [each.model_dump(mode="json") for each in self.anchors],
        }

    def table(self) -> pd.DataFrame:
        """Return a row a target."""
        rows = [{**asdict(c), "inside": c.inside} for c in self.comparisons]
        return pd.DataFrame(rows)


def compare_targets(
    tables: Mapping[str, pa.Table], targets: Sequence[Target]
) -> tuple[Comparison, ...]:
    """Put each target beside what the replicates found."""
    _, values = simulated_numbers(tables, targets)
    return tuple(compare(target, values[:, at]) for at, target in enumerate(targets))


def compare(target: Target, values: np.ndarray) -> Comparison:
    """Put one target beside what each replicate found, on the scale it was estimated on."""
    known = values[np.isfinite(values)]
    sd = float(known.std(ddof=1)) if len(known) > 1 else 0.0
    published, low, high = published_on_scale(target)
    z, interval = None, None
    if target.own_error is not None:
        sd, reach = target.own_error, 1.96 * target.own_error
        ends = to_published_scale(target, np.array([low - reach, high + reach]))
        interval = (float(ends[0]), float(ends[1]))
    if sd > 0.0 and len(known):
        # A number rounded to a width has the variance width^2 / 12 besides, as a uniform.
        z = (published - float(known.mean())) / hypot(sd, (high - low) / sqrt(12.0))
    shown = to_published_scale(target, known)
    return comparison(
        target.section, target.label, shown,
        source=target.source, published=target.value, rounding=target.rounding,
        role=target.role, z=z, study=target.study, interval=interval,
    )  # fmt: skip


def comparison(
    section: str,
    label: str,
    values: np.ndarray,
    *,
    source: str = "",
    published: float | None = None,
    rounding: float = 0.0,
    role: str = "",
    z: float | None = None,
    study: str = "",
    interval: tuple[float, float] | None = None,
) -> Comparison:
    """Describe a result's finite values over replicates, with a published number or without."""
    values = values[np.isfinite(values)]
    n = len(values)
    lower, upper = np.quantile(values, [0.025, 0.975]) if n else (np.nan, np.nan)
    return Comparison(
        section=section,
        label=label,
        source=source,
        published=published,
        rounding=rounding,
        role=role,
        mean=float(values.mean()) if n else np.nan,
        mean_error=float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan,
        lower=float(lower),
        upper=float(upper),
        z=z,
        replicates=n,
        study=study,
        interval=interval,
    )


def agreement(comparisons: Sequence[Comparison], role: str) -> Agreement:
    """Count the targets of one role that lie inside, and average their |z|."""
    mine = [c for c in comparisons if c.role == role and c.replicates > 0]
    z = [abs(c.z) for c in mine if c.z is not None]
    return Agreement(
        role, len(mine), sum(c.inside is True for c in mine), float(np.mean(z)) if z else np.nan
    )
