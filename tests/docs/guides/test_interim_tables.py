"""The tables of interim looks in docs/guides/designs.md are the recorded tables."""

import csv
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"
RECORDED = sorted(path.stem for path in (DOCS / "studies" / "interim").glob("*.csv"))


@pytest.mark.parametrize("scenario", RECORDED)
def test_the_page_quotes_the_recorded_table(scenario):
    rows = [
        line
        for line in (DOCS / "studies" / "interim" / f"{scenario}.md")
        .read_text("utf-8")
        .splitlines()
        if line.startswith("|")
    ]
    assert len(rows) == 2 + 6
    assert "\n".join(rows) in (DOCS / "guides" / "designs.md").read_text("utf-8")


def test_there_are_recorded_tables():
    assert "null_exchangeable" in RECORDED


def test_where_the_model_is_right_no_design_rejects_more_often_than_the_fixed_trial():
    with (DOCS / "studies" / "interim" / "null_exchangeable.csv").open(encoding="utf-8") as file:
        rows = {(r["design"], r["measure"]): float(r["value"]) for r in csv.DictReader(file)
                if r["part"] == "gap"}  # fmt: skip
    for design in {design for design, _ in rows}:
        excess, error = rows[design, "difference"], rows[design, "difference_error"]
        assert excess <= 3.0 * error


def test_the_script_records_every_design(script, tmp_path, monkeypatch):
    made = script("interim_studies")
    monkeypatch.setattr(made, "RECORDS", tmp_path)
    made.record("planned_2018", 3, 1)
    with (tmp_path / "planned_2018.csv").open(encoding="utf-8") as file:
        assert {row["design"] for row in csv.DictReader(file)} == set(made.DESIGNS)
