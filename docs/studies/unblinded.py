"""Records how often trials of an app that does nothing find it better, for docs/guides/arms.md.

``python docs/studies/unblinded.py --jobs 2`` simulates trials of virtual patients without any
effect on their state: with usual care as reference and answers as they are (``null_effect``), with
users of the app who answer better (``unblinded_null``), and with a sham app whose users do so too
(``sham_app``, its app made to do nothing). The table goes to ``arms/unblinded.md`` and, between
two marks, into ``docs/guides/arms.md``.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from marks import insert

from analysis.decision.rule import AGAINST, IN_FAVOUR
from analysis.report.markdown import markdown_table
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from sim.replicates.analysed import PickedAnalyses

HERE = Path(__file__).parent
RECORD = HERE / "arms" / "unblinded.md"
ANALYSES = "clda", "ancova"
NOTHING = tuple(
    f"pathway.{key}=0.0"
    for key in (
        "capacity_per_session", "capacity_per_steps", "belief_per_message", "belief_per_tool",
        "flare_per_overload",
    )
)  # fmt: skip
"""As in null_effect."""
DESIGNS = {
    "usual care, answers as they are": ("null_effect", ()),
    "usual care, users of the app answer better": ("unblinded_null", ()),
    "sham app, both answer better": ("sham_app", NOTHING),
}


def scenario_of(name: str, sets: tuple[str, ...]) -> Scenario:
    """Return a design with both analyses."""
    return load_scenario(name, [*sets, 'analysis.alternatives=["ancova"]'])


def one(scenario: Scenario, number: int) -> pd.DataFrame:
    """Return the rows of the primary outcome at the primary visit of a trial."""
    plan = scenario.analysis
    rows = PickedAnalyses(ANALYSES)(scenario, number)["estimates"].to_pandas()
    here = (rows["outcome"] == plan.primary_outcome) & (rows["visit"] == plan.primary_visit)
    return rows[here & (rows["contrast"] == "difference")]


def main() -> None:
    """Simulate, and record the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    lines = []
    for label, (name, sets) in DESIGNS.items():
        scenario = scenario_of(name, sets)
        trials = joblib.Parallel(given.jobs)(
            joblib.delayed(one)(scenario, number) for number in range(given.replicates)
        )
        found = pd.concat(trials)
        for analysis in ANALYSES:
            mine = found[found["analysis"] == analysis]
            error = mine["estimate"].std() / np.sqrt(len(mine))
            lines.append(
                (
                    label,
                    analysis,
                    f"{mine['estimate'].mean():.2f} ({error:.2f})",
                    _percent(mine["decision"] == IN_FAVOUR),
                    _percent(mine["decision"] == AGAINST),
                )
            )
    heads = "reference and answers", "analysis", "difference", "app better", "app worse"
    text = markdown_table(heads, lines)
    command = f"`python docs/studies/unblinded.py --replicates {given.replicates}`"
    said = (
        f"{command}: RMDQ at 3 months; mean difference, and percentages of trials with P < .05 "
        "(Monte Carlo standard error)."
    )
    RECORD.write_text(f"{said}\n\n{text}\n", "utf-8")
    insert(HERE.parent / "guides" / "arms.md", {"unblinded": f"{said}\n\n{text}"})


def _percent(rejected: pd.Series) -> str:
    share = float(rejected.mean())
    error = np.sqrt(share * (1.0 - share) / len(rejected))
    return f"{100.0 * share:.1f} ({100.0 * error:.1f})"


if __name__ == "__main__":
    main()
