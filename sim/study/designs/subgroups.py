"""A study of subgroups, summed up."""

from pathlib import Path

import pandas as pd

from analysis.replicates.performance import performance
from sim.study.store.reading import KeptStudy

GROUP = ["contrast", "trait", "subgroup"]


def summarize_subgroups(folder: Path) -> pd.DataFrame:
    """Return a row a subgroup and contrast of a study.

    Monte Carlo standard errors are in ``..._error``, the trials behind a measure in ``..._n``.

    Columns: ``contrast``, ``trait``, ``subgroup``, mean ``n``; true ``effect``; ``bias`` and
    ``coverage`` of the estimate of it, ``power`` in favour of the intervention and ``against`` it;
    ``worse`` and ``better``, see :class:`sim.replicates.subgroup_effects.SubgroupReplicate`.
    """
    table = KeptStudy(folder)["subgroups"].to_pandas()
    truth = table.groupby(GROUP)["effect"].transform("mean")
    measures = performance(table, truth, by=GROUP)
    rows = []
    for (contrast, trait, name), group in table.groupby(GROUP, sort=False):
        row = {"contrast": contrast, "trait": trait, "subgroup": name}
        mine = measures[
            (measures["contrast"] == contrast)
            & (measures["trait"] == trait)
            & (measures["subgroup"] == name)
        ]
        by_name = mine.set_index("measure")
        row["n"] = float(group["n"].mean())
        for column in ("effect", "worse", "better"):
            row |= {column: group[column].mean(), f"{column}_error": group[column].sem()}
        row["estimate"] = float(group["estimate"].mean())
        row["estimate_error"] = float(group["estimate"].sem())
        for measure in ("bias", "coverage", "power", "against"):
            row[measure] = float(by_name.loc[measure, "value"])
            row[f"{measure}_error"] = float(by_name.loc[measure, "mcse"])
            row[f"{measure}_n"] = int(by_name.loc[measure, "n"])
        rows.append(row)
    return pd.DataFrame(rows)
