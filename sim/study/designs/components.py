"""A study of components, summed up: parts of the effect, and what designs would find of them."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from sim.replicates.component_effects import WHOLE
from sim.study.store.reading import KeptStudy

DESIGNS = ("first", "last", "main")
"""Effects that a trial could estimate: of a component added to the reference, left out of the arm,
and crossed with all others."""


def summarize_components(folder: Path, participants: int, alpha: float) -> pd.DataFrame:
    """Return a row a component of a study, that of all of them last.

    Parameters
    ----------
    folder
        Of the study.
    participants, alpha
        Of a trial and its 2-sided test, for which power is worked out.

    Returns
    -------
    ``component``; ``part``, its Shapley value, and its ``share`` of the whole effect; what it adds
    ``first``, ``last`` and on average, ``main``; each with the Monte Carlo standard error over
    replicates in ``..._error``; and the power, ``..._power``, to find the latter three with so many
    participants, half with the component and half without, who all answer and are adjusted for
    their baseline, from the non-central t distribution.
    """
    table = KeptStudy(folder)["components"].to_pandas()
    whole = table[table["component"] == WHOLE].set_index("replicate")["part"]
    sd = float(np.sqrt((table.groupby("replicate")["sd"].first() ** 2).mean()))
    rows = []
    for name, group in table.groupby("component", sort=False):
        part = group.set_index("replicate")["part"]
        share = float(part.mean() / whole.mean()) if whole.mean() else float("nan")
        # A ratio of means: its error by the delta method.
        error = float((part - share * whole).sem() / abs(whole.mean()))
        row: dict[str, float | str] = {
            "component": str(name),
            "part": float(part.mean()),
            "part_error": float(part.sem()),
            "share": share,
            "share_error": error,
        }
        for design in DESIGNS:
            effect = float(group[design].mean())
            row |= {
                design: effect,
                f"{design}_error": float(group[design].sem()),
                f"{design}_power": power_of_halves(effect, sd, participants, alpha),
            }
        rows.append(row)
    return pd.DataFrame(rows)


def power_of_halves(effect: float, sd: float, participants: int, alpha: float) -> float:
    """Return the power of a 2-sided t test of two halves of the participants.

    >>> round(power_of_halves(3.0, 10.0, 300, 0.05), 3)
    0.736
    """
    freedom = participants - 2
    shift = effect / sd * np.sqrt(participants) / 2.0
    bound = stats.t.isf(alpha / 2.0, freedom)
    return float(stats.nct.sf(bound, freedom, shift) + stats.nct.cdf(-bound, freedom, shift))
