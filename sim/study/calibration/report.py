"""What a calibration found, as tables: parameters, targets, and a summary."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.replicates.targets import published_on_scale, to_published_scale
from sim.study.calibration.calibrate import Calibration

IDENTIFIED, WEAK = 0.75, 0.1
"""Contractions from which a parameter is identified (its SD at least halved), and weakly so."""
CONFOUNDED = 0.9
"""Posterior correlation beyond which two parameters cannot be told apart."""
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
    """Return a row a parameter: prior, posterior, contraction, and the targets behind it."""
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
                "noise": float(posterior.noise[at]),
                "informed_by": "; ".join(behind),
                "confounded_with": "; ".join(partners),
                "source": parameter.source,
            }
        )
    return pd.DataFrame(rows)


def target_table(found: Calibration) -> pd.DataFrame:
    """Return a row a target: published, simulated at the prior mean and at the best point.

    ``z_before`` and ``z`` are (published - mean) / SD of one trial, on the scale of the estimate,
    NaN where all trials have the same number; ``predictive_z`` is that over trials each with its
    own draw from the posterior.
    """
    rows = []
    for at, target in enumerate(found.targets):
        value, low, high = published_on_scale(target)
        rounding = (high - low) / np.sqrt(12.0)

        def z(sample: np.ndarray, value: float = value, rounding: float = rounding) -> float:
            sd = float(np.hypot(sample.std(ddof=1), rounding))
            return (value - float(sample.mean())) / sd if sd > 0.0 else float("nan")

        before, after = found.before[:, at], found.after[:, at]
        drawn = found.check.statistics[:, at]
        lower, upper = to_published_scale(target, np.quantile(drawn, [0.025, 0.975]))
        rows.append(
            {
                "section": target.section,
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


def summary(found: Calibration, seconds: float) -> dict[str, Any]:
    """Return everything that a calibration found, ready for JSON."""
    return {
        "seconds": round(seconds, 1),
        "replicates_simulated": found.simulated,
        "replicates_failed": len(found.failures),
        "first_failure": found.failures[0] if found.failures else "",
        "converged": found.fit.converged,
        "distance_at_each_iteration": list(found.fit.distances),
        "distance_at_prior_mean": found.distances[0],
        "distance": found.distances[1],
        "targets_fitted": len(found.targets),
        "correlation_shrinkage": found.shrinkage,
        "laplace_check": {
            "draws": found.check.draws,
            "explained": found.check.explained,
            "remainder": found.check.remainder,
            "bias": found.check.bias,
        },
        "draws_refused": found.refused,
        "left_out": found.left_out,
        "parameters": parameter_table(found).to_dict("records"),
        "targets": target_table(found).to_dict("records"),
        "posterior_correlation": found.posterior.correlation.tolist(),
    }
