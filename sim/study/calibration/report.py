"""What a calibration found, as tables: parameters, targets, and a summary."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.replicates.targets import published_on_scale, to_published_scale
from sim.study.calibration.calibrate import Calibration

IDENTIFIED, WEAK = 0.75, 0.1
"""Contractions from which a parameter is identified (its SD at least halved), and weakly so."""
CONFOUNDED = 0.9
"""Posterior correlation beyond which two parameters cannot be told apart."""
MOVED = 0.1
"""Variance that the priors of the free parameters give a target, as a share of that of a trial,
from which they move it."""
SHOWN = 3
"""Targets named for each parameter."""


def label(contraction: float) -> str:
    """Say in words how far the targets identify a parameter.

    >>> label(0.8), label(0.4), label(0.01)
    ('identified', 'weakly identified', 'not identified')
    """
    if contraction >= IDENTIFIED:
        return "identified"
    return "weakly identified" if contraction >= WEAK else "not identified"


def parameter_table(found: Calibration) -> pd.DataFrame:
    """Return a row a parameter: prior, posterior, contraction, and the targets behind it.

    ``coverage`` is the share of pseudo-trials whose 95% interval holds the parameter, and
    ``uniformity`` the P value of a test that it has uniform quantiles in their posteriors.
    """
    posterior, space = found.posterior, found.space
    reach = 1.96 * posterior.sd
    columns = {
        "fitted": space.values(posterior.point.tolist()),
        "lower": space.values((posterior.point - reach).tolist()),
        "upper": space.values((posterior.point + reach).tolist()),
        "prior": space.values([0.0] * len(space)),
        "prior_lower": space.values([-1.96] * len(space)),
        "prior_upper": space.values([1.96] * len(space)),
    }
    pseudo = {"prior": found.from_prior, "last_wave": found.from_last}
    coverage = {name: each.coverage(0.95) for name, each in pseudo.items()}
    uniform = {name: each.uniformity() for name, each in pseudo.items()}
    rows = []
    for at, parameter in enumerate(space.parameters):
        gain = posterior.gain[at]
        order = np.argsort(-np.abs(gain), kind="stable")[:SHOWN]
        behind = [f"{found.targets[j].label} ({gain[j]:+.2f})" for j in order if gain[j] != 0.0]
        partners = [
            f"{space.keys[other]} ({posterior.correlation[at, other]:+.2f})"
            for other in range(len(space))
            if other != at and abs(posterior.correlation[at, other]) > CONFOUNDED
        ]
        contraction = float(posterior.contraction[at])
        rows.append(
            {
                "key": parameter.key,
                "transform": parameter.transform,
                **{name: values[at] for name, values in columns.items()},
                "moved": float(posterior.point[at]),
                "prior_sd": parameter.sd,
                "posterior_sd": float(parameter.sd * posterior.sd[at]),
                "contraction": contraction,
                "identification": label(contraction),
                "held": bool(posterior.held[at]),
                **{f"coverage_{name}": each[at] for name, each in coverage.items()},
                **{f"uniformity_{name}": each[at] for name, each in uniform.items()},
                "informed_by": "; ".join(behind),
                "confounded_with": "; ".join(partners),
                "source": parameter.source,
            }
        )
    return pd.DataFrame(rows)


def pseudo_table(found: Calibration) -> pd.DataFrame:
    """Return where in its posterior each known parameter of each pseudo-trial lies, a row each.

    ``parameters`` says what the known ones were drawn from, ``trial`` counts from 1, and
    ``quantile`` is 0 to 1.
    """
    parts = []
    for name, each in (
        ("parameters from the prior", found.from_prior),
        ("around the best point", found.from_last),
    ):
        wide = pd.DataFrame(each.quantiles, columns=found.space.keys)
        wide.insert(0, "trial", np.arange(1, len(wide) + 1))
        long = wide.melt("trial", var_name="key", value_name="quantile")
        long.insert(0, "parameters", name)
        parts.append(long)
    return pd.concat(parts, ignore_index=True)


def target_table(found: Calibration) -> pd.DataFrame:
    """Return a row a target: published, simulated at the prior mean and at the best point.

    ``z_before`` and ``z`` are (published - mean) / SD of one trial, on the scale of the estimate,
    NaN where all trials have the same number; ``predictive_z`` is that over trials each with its
    own draw from the posterior. Of a number of another study the SD is its standard error.
    """
    rows = []
    for at, target in enumerate(found.targets):
        value, low, high = published_on_scale(target)
        rounding, own = (high - low) / np.sqrt(12.0), target.own_error

        def z(
            sample: np.ndarray,
            value: float = value,
            rounding: float = rounding,
            own: float | None = own,
        ) -> float:
            sd = float(np.hypot(sample.std(ddof=1) if own is None else own, rounding))
            return (value - float(sample.mean())) / sd if sd > 0.0 else float("nan")

        before, after = found.before[:, at], found.after[:, at]
        drawn = found.check.statistics[:, at]
        lower, upper = to_published_scale(target, np.quantile(drawn, [0.025, 0.975]))
        rows.append(
            {
                "section": target.section,
                "study": target.study,
                "label": target.label,
                "published": target.value,
                "before": float(to_published_scale(target, before).mean()),
                "fitted": float(to_published_scale(target, after).mean()),
                "sd": float(after.std(ddof=1)),
                "z_before": z(before),
                "z": z(after),
                "predictive_z": z(drawn),
                "predictive_lower": float(lower),
                "predictive_upper": float(upper),
            }
        )
    return pd.DataFrame(rows)


def distance_table(found: Calibration) -> pd.DataFrame:
    """Return a row a section: its targets, and the mean square of their z at the best point.

    A mean square far below 1 says that these numbers vary less than simulated trials do, or were
    known when the model was made; far above 1, that the model cannot give them.
    """
    table = target_table(found)
    square = table["z"] ** 2
    grouped = square.groupby(table["section"], sort=False)
    return pd.DataFrame({"targets": grouped.size(), "mean_square_z": grouped.mean()}).reset_index()


def entered(found: Calibration) -> dict[str, float]:
    """Return how many targets no free parameter moves, and the mean square z of both kinds.

    Such a target cannot be fitted to. Its z is near 0 where the published number itself stands in
    the scenario as a parameter: a share, a rate, a reason. Then it adds to the number of targets,
    but not to the distance.
    """
    posterior = found.posterior
    moved = (posterior.slopes**2).sum(axis=1) / np.diag(posterior.weights.covariance) >= MOVED
    square = target_table(found)["z"].to_numpy(float) ** 2
    return {
        "moved": int(moved.sum()),
        "moved_mean_square_z": _mean(square[moved]),
        "unmoved": int((~moved).sum()),
        "unmoved_mean_square_z": _mean(square[~moved]),
    }


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def effective_number(found: Calibration) -> float:
    """Return how many uncorrelated numbers vary as much as the targets do, 1 to t.

    The participation ratio of the eigenvalues of their correlation matrix: (sum)^2 / sum of
    squares.
    """
    covariance = found.posterior.weights.covariance
    sd = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(sd, sd)
    return float(len(sd) ** 2 / np.sum(correlation**2))


def expected_distance(found: Calibration) -> dict[str, float]:
    """Return what the least distance would be if the model and its prior were right.

    It is then chi-squared with as many degrees of freedom as targets: of the prior predictive,
    since parameters are free to follow within their prior. Pseudo-trials show it in simulated
    trials, which are not normal. The part of the prior is u'u, the rest that of the targets.
    """
    t = len(found.targets)
    prior = float(found.posterior.point @ found.posterior.point)
    low, high = np.quantile(found.from_last.distances, [0.025, 0.975])
    return {
        "expected": float(t),
        "sd": float(np.sqrt(2.0 * t)),
        "p_lower": float(stats.chi2.cdf(found.distances[1], t)),
        "pseudo_trials": float(found.from_last.distances.mean()),
        "pseudo_trials_lower": float(low),
        "pseudo_trials_upper": float(high),
        "pseudo_trials_below": float(np.mean(found.from_last.distances <= found.distances[1])),
        "of_targets": found.distances[1] - prior,
        "of_targets_expected": t - float(found.posterior.contraction.sum()),
        "of_prior": prior,
        "of_prior_expected": float(found.posterior.contraction.sum()),
        "effective_number": effective_number(found),
    }


def summary(found: Calibration, seconds: float) -> dict[str, Any]:
    """Return everything that a calibration found, ready for JSON."""
    return {
        "seconds": round(seconds, 1),
        "replicates_simulated": found.simulated,
        "replicates_failed": len(found.failures),
        "first_failure": found.failures[0] if found.failures else "",
        "seed": found.seed,
        "converged": found.converged,
        "waves": [asdict(each) for each in found.rounds],
        "distance_at_prior_mean": found.distances[0],
        "distance": found.distances[1],
        "targets_fitted": len(found.targets),
        "correlation_shrinkage": found.shrinkage,
        "expected_distance": expected_distance(found),
        "targets_moved": entered(found),
        "distance_by_section": distance_table(found).to_dict("records"),
        "emulator_apart": found.check.apart,
        "posterior_predictive_p": found.check.p,
        "pseudo_trials": {
            name: {
                "trials": len(each.distances),
                "coverage_50": float(each.coverage(0.5).mean()),
                "coverage_95": float(each.coverage(0.95).mean()),
            }
            for name, each in (("prior", found.from_prior), ("last_wave", found.from_last))
        },
        "draws_refused": found.refused,
        "left_out": found.left_out,
        "parameters": parameter_table(found).to_dict("records"),
        "targets": target_table(found).to_dict("records"),
        "posterior_correlation": found.posterior.correlation.tolist(),
    }
