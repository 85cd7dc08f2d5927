"""The tables of docs/background/performance.md quote the recorded studies, figure for figure."""

import csv
import re
from pathlib import Path

import pytest

from scenarios.loading.load import load_scenario

DOCS = Path(__file__).parents[3] / "docs"
ROW = re.compile(
    r"^\| (?:`(?P<scenario>\w+)`)? ?\| .*\(`(?P<analysis>[^`]+)`\) \| (?P<cells>.*) \|$"
)


def recorded(scenario):
    with (DOCS / "studies" / "performance" / f"{scenario}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def quoted():
    scenario = ""
    for line in (DOCS / "background" / "performance.md").read_text("utf-8").splitlines():
        found = ROW.match(line)
        if found:
            scenario = found["scenario"] or scenario
            yield scenario, found["analysis"], [float(c) for c in found["cells"].split(" | ")]


def test_quoted_rejections_are_the_recorded_ones():
    rows = list(quoted())
    assert len(rows) == 6
    for scenario, analysis, cells in rows:
        visits = [visit.name for visit in load_scenario(scenario).trial.visits]
        found = {
            row["visit"]: 100 * float(row["value"])
            for row in recorded(scenario)
            if row["analysis"] == analysis and row["measure"] == "rejected"
        }
        assert [round(found[visit], 1) for visit in visits] == pytest.approx(cells, abs=0.051)


PATIENTS = re.compile(r"^\| (?P<outcome>[\w ]+), `(?P<analysis>[^`]+)` \| (?P<cells>.*) \|$")
OUTCOMES = {"average pain": "nrs_average"}


@pytest.mark.parametrize(
    ("heading", "scenario", "measure", "quoted"),
    [
        ("Type I error in virtual patients", "null_effect", "rejected", 9),
        ("Coverage in virtual patients", "selfback_2021", "coverage", 9),
    ],
)
def test_quoted_figures_of_virtual_patients_are_the_recorded_ones(
    heading, scenario, measure, quoted
):
    page = (DOCS / "background" / "performance.md").read_text("utf-8")
    section = page.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [found for line in section.splitlines() if (found := PATIENTS.match(line))]
    assert len(rows) == quoted
    visits = [visit.name for visit in load_scenario(scenario).trial.visits]
    for row in rows:
        outcome = OUTCOMES.get(row["outcome"], row["outcome"].replace("RMDQ", "rmdq").lower())
        found = {
            line["visit"]: 100 * float(line["value"])
            for line in recorded(scenario)
            if (line["analysis"], line["outcome"]) == (row["analysis"], outcome)
            and line["measure"] == measure
        }
        cells = [float(cell) for cell in row["cells"].split(" | ")]
        assert [round(found[visit], 1) for visit in visits] == pytest.approx(cells, abs=0.051)


@pytest.mark.parametrize("record", ["honest_errors", "withdrawn_effects"])
def test_tables_of_other_scripts_stand_on_the_page_as_they_are_recorded(record):
    page = (DOCS / "background" / "performance.md").read_text("utf-8")
    recorded_lines = (
        (DOCS / "studies" / "performance" / f"{record}.md").read_text("utf-8").splitlines()
    )
    rows = [line for line in recorded_lines if line.startswith("| ")]
    assert len(rows) >= 4
    assert [row for row in rows if row not in page] == []


def test_robust_errors_keep_five_per_cent_at_all_visits():
    power = [
        row
        for row in recorded("honest_errors")
        if row["measure"] == "rejected" and row["analysis"] == "clda robust"
    ]
    assert len(power) == 8
    assert {row["n"] for row in power} == {"2000"}
    assert all(0.035 <= float(row["value"]) <= 0.065 for row in power)


@pytest.mark.parametrize("scenario", ["null_exchangeable", "null_ar1", "null_random_slopes"])
def test_every_recorded_study_has_2000_trials_and_its_unstructured_model_keeps_five_per_cent(
    scenario,
):
    power = [row for row in recorded(scenario) if row["measure"] == "rejected"]
    assert {row["n"] for row in power} == {"2000"}
    for row in power:
        if row["analysis"].startswith("mmrm"):  # four visits: 3.5 standard errors each
            assert abs(float(row["value"]) - 0.05) < 3.5 * (0.05 * 0.95 / 2000) ** 0.5
