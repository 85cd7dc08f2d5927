"""The codebook: every column of every table is described, once, and pages agree with it."""

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import selfback as sb
from scenarios.loading.load import load_scenario
from sim.cli import call
from sim.study.tables import STUDY_TABLES
from sim.tables.codebook import codebook, describe, tables_page

ROOT = Path(__file__).parents[3]
ODD = "| and ¦"


def read(folder: Path) -> list[dict[str, str]]:
    with (folder / "codebook.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_column_of_a_study_is_described():
    scenario = load_scenario("planned_2018")
    schemas = {name: table.schema.names for name, table in STUDY_TABLES.items()}
    entries = codebook(schemas, scenario)
    assert [(e.table, e.column) for e in entries] == [
        (name, column) for name, columns in schemas.items() for column in columns
    ]
    for entry in entries:
        assert entry.meaning
        assert entry.row_is


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("selfback_2021", {"followup.missingness": "mcar"}),
        ("cluster_by_clinic", {"followup.missingness": "mcar"}),
        ("interim_obrien_fleming", {"followup.missingness": "mcar"}),
        ("planned_2018", {}),
        ("knee_koos", {}),
        ("depression_phq9", {}),
    ],
)
def test_every_column_of_a_trial_is_described_and_has_a_day_0_where_it_has_days(name, more):
    scenario = sb.scenario(name, {"trial.sample_size": 60, "truth": True, **more})
    tables = {n: list(table.columns) for n, table in sb.trial(scenario).tables.items()}
    entries = codebook(tables, scenario)
    assert len(entries) == sum(map(len, tables.values()))
    for entry in entries:
        assert entry.meaning, entry
        if entry.column.endswith("day") and not entry.column.startswith("most"):
            assert entry.day_0, entry
    primary = next(e for e in entries if e.column == scenario.analysis.primary_outcome)
    assert primary.meaning.startswith(scenario.primary_outcome.label)


def test_values_are_among_the_codes_that_the_codebook_states():
    scenario = sb.scenario(
        "selfback_2021",
        {"trial.sample_size": 60, "truth": True, "followup.missingness": "mcar",
         "safety.rates": {"control": 0.1, "intervention": 0.1}},
    )  # fmt: skip
    trial = sb.trial(scenario)
    tables = {n: list(table.columns) for n, table in trial.tables.items()}
    checked = 0
    for entry in codebook(tables, scenario):
        column = trial.tables[entry.table][entry.column].dropna()
        separator = "; " if "; " in entry.codes else ", "
        codes = entry.codes.split(separator)
        if len(codes) < 2 or column.empty or entry.codes.startswith(("0 no", "in favour")):
            continue
        values = {str(v).lower() if v is True or v is False else str(v) for v in column}
        if entry.column == "revised":
            values = {one for value in values for one in value.split("; ")}
        assert values - {""} <= set(codes), entry
        checked += 1
    assert checked > 20


def test_the_page_about_the_model_has_the_tables_of_the_codebook():
    assert tables_page() in (ROOT / "docs" / "background" / "model.md").read_text("utf-8")


def test_it_is_written_beside_the_data_of_a_trial(tmp_path):
    scenario = sb.scenario("planned_2018", {"trial.sample_size": 20, "title": ODD})
    found = sb.trial(scenario, out=tmp_path / "trial", export="csv")
    rows = read(tmp_path / "trial")
    assert {row["table"] for row in rows} == set(found.tables)
    interest = next(row for row in rows if row["column"] == "interest_day")
    assert interest["day_0"] == f"opening of the trial, {scenario.trial.opens}"
    arm = next(row for row in rows if row["column"] == "arm")
    assert arm["codes"] == "control, intervention"
    page = (tmp_path / "trial" / "codebook.md").read_text("utf-8")
    assert page.startswith(f"# Codebook: {ODD}")
    assert "\n## visits\n\nA row is a participant and visit" in page
    assert "codebook" not in (tmp_path / "trial" / "manifest.json").read_text("utf-8")


def test_it_is_written_beside_the_tables_of_studies_and_their_parts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ["--set", "trial.sample_size=20", "--replicates=2", "--jobs=1"]
    assert call(["run", "planned_2018", *small, "--out", "study"]) == 0
    assert call(["compare", "planned_2018", "null_exchangeable", *small, "--out", "both"]) == 0
    folders = {path.parent for path in tmp_path.rglob("flow.parquet")}
    assert len(folders) == 3
    for folder in folders:
        rows = read(folder)
        there = {path.stem for path in folder.glob("*.parquet")}
        assert {row["table"] for row in rows} == there & set(STUDY_TABLES)
        for name in there & set(STUDY_TABLES):
            columns = [row["column"] for row in rows if row["table"] == name]
            assert columns == pq.read_schema(folder / f"{name}.parquet").names


def test_a_table_that_nobody_described_is_an_error():
    with pytest.raises(KeyError, match="none"):
        describe("none")
    with pytest.raises(KeyError, match="colour"):
        codebook({"visits": ["colour"]}, load_scenario("planned_2018"))


def test_no_column_is_described_twice_in_a_table():
    for name in STUDY_TABLES:
        names = [column.name for column in describe(name).columns]
        assert len(names) == len(set(names))
