"""How participants fare between the visits, with the mechanisms and without, on three seeds.

``python docs/studies/between_visits.py --jobs 2`` simulates, writes
``between_visits/figures.csv`` beside it and puts the table into
``docs/background/between_visits.md``. Figures are means over replicates of one trial each.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
from pathlib import Path

import joblib
import pandas as pd
from marks import insert

from analysis.report.markdown import markdown_table
from scenarios.loading.load import load_scenario
from scenarios.targets import load_published
from sim.replicates.between_visits import between_visits
from sim.simulate import simulate

STUDIES = Path(__file__).parent
RECORD = STUDIES / "between_visits" / "figures.csv"
SCENARIOS = {"without": "mechanisms_off", "with": "selfback_2021"}
SEEDS = (20210802, 1, 2)


def figures(scenario: str, seed: int, replicate: int) -> list[dict]:
    """Return the figures of one trial."""
    trial = simulate(load_scenario(SCENARIOS[scenario], [f"seed={seed}"]), replicate)
    return [
        {"figure": one.name, "mechanisms": scenario, "seed": seed, "value": float(one.value)}
        for one in between_visits(trial)
    ]


def recorded() -> pd.DataFrame:
    """Read the record: a row a figure, with its means by mechanisms and seed."""
    return pd.read_csv(RECORD)


def table(record: pd.DataFrame) -> str:
    """Return the Markdown table of the record beside the figures of other studies."""
    published = {
        target.select["figure"]: f"{target.value:g} ({target.study})"
        for target in load_published("independent").targets
    }
    means = record.pivot_table(
        index="figure", columns=["mechanisms", "seed"], values="value", sort=False
    )
    rows = (
        [str(figure), published.get(str(figure), "")]
        + [" ".join(f"{row[name, seed]:.2f}" for seed in SEEDS) for name in SCENARIOS]
        for figure, row in means.iterrows()
    )
    return markdown_table(
        ("figure", "other studies", "without the mechanisms", "with them"), list(rows)
    )


def main() -> None:
    """Simulate, record and fill the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=20, help="of each seed")
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    found = joblib.Parallel(n_jobs=given.jobs)(
        joblib.delayed(figures)(scenario, seed, replicate)
        for scenario in SCENARIOS
        for seed in SEEDS
        for replicate in range(given.replicates)
    )
    runs = pd.DataFrame([row for rows in found for row in rows])
    means = runs.groupby(["figure", "mechanisms", "seed"], sort=False)["value"].mean()
    RECORD.parent.mkdir(exist_ok=True)
    means.reset_index().round(4).to_csv(RECORD, index=False, lineterminator="\n")
    insert(STUDIES.parent / "background" / "between_visits.md", {"figures": table(recorded())})


if __name__ == "__main__":
    main()
