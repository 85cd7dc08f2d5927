"""Small tables of which figures are drawn."""

import numpy as np
import pandas as pd
import pytest

from scenarios.design.outcomes import Outcome

DAYS = {"baseline": 0.0, "2 weeks": 14.0, "1 year": 365.0}
NAME = 'Blåbær <script>alert(1)</script> $x_1$ & "q" \x1b[31m'
"""A name that is text in every file, and nothing else."""


@pytest.fixture(scope="session")
def outcome():
    return Outcome(name="score", label="Score", unit="marks", direction="higher is better")


@pytest.fixture(scope="session")
def summaries():
    """Two trials of two arms: means of 1 and 3 more in the second arm, answers of 10 and 20."""
    rows = [
        (trial, quantity, "score", visit, arm, value + answers * (quantity == "answered"))
        for trial, value, answers in ((0, 1.0, 10.0), (1, 3.0, 20.0))
        for quantity in ("mean", "answered")
        for visit in DAYS
        for arm in ("all", "a", "b")
    ]
    columns = ["replicate", "quantity", "outcome", "visit", "arm", "value"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture(scope="session")
def intervals():
    """400 intervals of a normal estimate of 5, those of every tenth moved off the truth."""
    rng = np.random.default_rng(20260101)
    estimate = 5.0 + np.clip(rng.standard_normal(400), -1.5, 1.5)
    estimate[::10] += 6.0
    return pd.DataFrame(
        {"estimate": estimate, "se": 1.0, "lower": estimate - 1.96, "upper": estimate + 1.96}
    )
