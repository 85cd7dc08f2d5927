"""The clinics section of guides/designs.md quotes the recorded studies, which agree with theory."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from scenarios.loading.load import load_scenario
from sim.simulate import simulate
from sim.tables.trial_tables import trial_data

DOCS = Path(__file__).parents[3] / "docs"
VISITS = ("6 weeks", "3 months", "6 months", "9 months")
ICC = {"t-test on change": 0.05 / (2 * 0.45), "ancova": 0.05 / (1 - 0.55**2)}


def recorded(name, measure):
    with (DOCS / "studies" / "performance" / f"{name}.csv").open(encoding="utf-8") as file:
        return {
            (row["analysis"], row["visit"]): (float(row["value"]), float(row["mcse"]))
            for row in csv.DictReader(file)
            if row["measure"] == measure
        }


def section():
    page = (DOCS / "guides" / "designs.md").read_text("utf-8")
    return page.split("## Clinics randomized instead of participants\n")[1].split("\n## ")[0]


def test_quoted_type_one_errors_are_the_recorded_ones_and_nominal_over_clinics():
    power = recorded("null_clusters", "rejected")
    rows = re.findall(r"^\| [^|]*\(`([^`]+)`\) \| (.*) \|$", section(), re.MULTILINE)
    assert [name for name, _ in rows] == ["clda ignoring clinics", "clda", "mmrm"]
    for name, cells in rows:
        for visit, cell in zip(VISITS, cells.split(" | "), strict=True):
            rate = power[name, visit][0]
            assert f"{100 * rate:.1f}" == cell
            error = np.sqrt(0.05 * 0.95 / 2000)
            if name == "clda ignoring clinics":
                assert rate > 0.05 + 10 * error
            else:
                assert abs(rate - 0.05) < 3.5 * error


@pytest.fixture(scope="module")
def clinics():
    """Mean size and squared coefficient of variation of clinics among those who answered."""
    sizes = []
    for replicate in range(100):
        data = trial_data(simulate(load_scenario("null_clusters"), replicate))
        seen = ~np.isnan(data.scores["rmdq"][:, 2])
        sizes.append(np.unique(data.clinic[seen], return_counts=True)[1])
    mean = np.mean([size.mean() for size in sizes])
    return mean, np.mean([size.var() / size.mean() ** 2 for size in sizes])


@pytest.mark.slow
def test_simulated_design_effects_are_those_of_the_formula(clinics):
    mean, squared_cv = clinics
    text = section()
    stated = re.search(r"m = (\d+\.\d) a clinic on average,\s*c = (\d\.\d\d)", text)
    assert float(stated[1]) == pytest.approx(mean, abs=0.06)
    assert float(stated[2]) == pytest.approx(np.sqrt(squared_cv), abs=0.01)
    by_clinic = recorded("null_clusters", "empirical_se")
    by_person = recorded("null_clinics_not_randomized", "empirical_se")
    rows = re.findall(
        r"^\| `([^`]+)` \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \(([\d.]+)\) \|$", text, re.MULTILINE
    )
    assert [row[0] for row in rows] == ["t-test on change", "ancova", "clda"]
    for name, icc, formula, simulated, error in rows:
        r = ICC.get(name, ICC["ancova"])
        expected = 1 + ((squared_cv + 1) * mean - 1) * r
        (one, one_error), (other, other_error) = (
            study[name, "3 months"] for study in (by_clinic, by_person)
        )
        ratio = (one / other) ** 2
        spread = 2 * ratio * np.hypot(one_error / one, other_error / other)
        assert float(icc) == pytest.approx(r, abs=0.0006)
        assert float(formula) == pytest.approx(expected, abs=0.012)
        assert (simulated, error) == (f"{ratio:.2f}", f"{spread:.2f}")
        assert abs(ratio - expected) < 3.5 * spread
