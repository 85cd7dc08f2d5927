"""What docs/guides/exports.md says of formats, names and scripts holds."""

import re
import tomllib
from pathlib import Path

import selfback as sb
from scenarios.analyses.register import REGISTER
from sim.export.formats import FORMATS
from sim.export.names import sas_names

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "guides" / "exports.md").read_text("utf-8")


def test_the_page_has_every_format():
    rows = re.findall(r"^\| `(\w+)` \| .* \|$", PAGE, re.MULTILINE)
    assert tuple(rows[: len(FORMATS)]) == FORMATS


def test_the_names_of_the_page_are_those_of_the_code():
    assert sas_names(["case_similarities", "case_similar"]) == {
        "case_similarities": "CASE_SIM", "case_similar": "CASE_SI2",
    }  # fmt: skip


def test_every_analysis_that_can_decide_is_on_the_page():
    section = PAGE.partition("| primary analysis |")[2]
    variants = {"clda robust", "mmrm robust", "mmrm constrained robust"}
    for entry in REGISTER:
        if entry.decides and entry.name not in variants:
            assert f"`{entry.name}`" in section, entry.name


def test_the_r_block_of_the_page_runs(tmp_path, run_r):
    scenario = sb.scenario("planned_2018", {"trial.sample_size": 40})
    trial = sb.trial(scenario, out=tmp_path / "x", export="dta")
    (block,) = re.findall(r"```r\n(.*?)```", PAGE, re.DOTALL)
    printed = run_r(tmp_path / "x", "-e", block)
    counts = [int(each) for each in printed.split()[-5:]]
    visits = trial.tables["visits"]["visit"]
    assert counts == visits.value_counts(sort=False).tolist()


def test_the_recorded_check_is_of_the_rules_that_there_are():
    record = (DOCS / "studies/export/check_adam.txt").read_text("utf-8")
    rules = tomllib.loads((DOCS / "studies/export/adam_rules.toml").read_text("utf-8"))["rules"]
    trials = re.findall(r"^(\w+)$", record, re.MULTILINE)
    assert trials == ["selfback_2021", "knee_koos", "depression_phq9", "three_arms"]
    for rule in rules:
        line = f"{rule['dataset']}: {rule['says']}"
        assert record.count(line) == len(trials), line
        assert f"  passed   {line}\n" in record, line
    assert "FAILED" not in record
    assert record.rstrip().endswith("no failures")
