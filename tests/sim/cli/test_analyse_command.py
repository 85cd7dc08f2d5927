import json
import os
import re

import pandas as pd
import pytest

from sim.cli import call

SMALL = ["--set", "trial.sample_size=150"]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    out = tmp_path_factory.mktemp("export") / "trial"
    assert call(["trial", "selfback_2021", *SMALL, "--out", str(out), "--export", "csv"]) == 0
    return out


@pytest.fixture
def tables(exported):
    return (
        pd.read_csv(exported / "participants.csv"),
        pd.read_csv(exported / "visits.csv"),
    )


def analysed(tmp_path, people, answers, *options):
    people.to_csv(tmp_path / "p.csv", index=False)
    answers.to_csv(tmp_path / "v.csv", index=False)
    return call(["analyse", str(tmp_path / "p.csv"), str(tmp_path / "v.csv"), *options])


@pytest.mark.parametrize("name", ["selfback_2021", "null_ar1", "null_clusters"])
def test_an_exported_trial_gives_the_very_estimates_it_had(name, tmp_path, capsys):
    out = tmp_path / "trial"
    assert call(["trial", name, *SMALL, "--out", str(out), "--export", "csv"]) == 0
    capsys.readouterr()
    tables = [str(out / f"{table}.csv") for table in ("participants", "visits")]
    assert call(["analyse", *tables, "--plan", name, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["estimates"]
    made = pd.read_csv(out / "estimates.csv", keep_default_na=False, na_values=[""])
    assert len(found) == len(made)
    assert made["estimate"].notna().mean() > 0.9
    for mine, row in zip(found, made.to_dict("records"), strict=True):
        for key in ("analysis", "outcome", "visit", "contrast", "n"):
            assert mine[key] == row[key]
        for key in ("estimate", "se", "lower", "upper", "p"):
            if pd.isna(row[key]):  # a fit that failed fails again, for the same reason
                assert (mine[key], mine["failure"]) == (None, row["failure"])
            else:
                assert mine[key] == pytest.approx(row[key], rel=1e-12, abs=1e-14)


def test_the_order_of_rows_does_not_matter(tmp_path, tables, capsys):
    people, answers = tables
    options = ("--json", "--outcomes", "rmdq", "--analyses", "clda")
    assert analysed(tmp_path, people, answers, *options) == 0
    first = json.loads(capsys.readouterr().out)["estimates"]
    assert analysed(
        tmp_path, people.sample(frac=1, random_state=1), answers.sample(frac=1, random_state=2),
        *options,
    ) == 0  # fmt: skip
    for one, other in zip(first, json.loads(capsys.readouterr().out)["estimates"], strict=True):
        assert one["estimate"] == pytest.approx(other["estimate"], rel=1e-9)


def test_a_mapping_renames_their_columns(tmp_path, tables, capsys):
    people, answers = tables
    mapping = tmp_path / "names.toml"
    mapping.write_text('[participants]\nage = "alder"\n[visits]\nrmdq = "rm"\n')
    code = analysed(
        tmp_path, people.rename(columns={"age": "alder"}), answers.rename(columns={"rmdq": "rm"}),
        "--mapping", str(mapping),
    )  # fmt: skip
    assert code == 0
    assert "Table 3" in capsys.readouterr().out


def test_tables_are_printed_for_whatever_was_picked(tmp_path, tables, capsys):
    assert analysed(tmp_path, *tables, "--outcomes", "rmdq,pseq", "--analyses", "gee logistic") == 0
    printed = capsys.readouterr().out
    assert "Table 2" in printed
    assert "Table 3" in printed


def test_what_is_not_picked_is_not_run(tmp_path, tables, capsys, monkeypatch):
    def never(*args, **kwargs):
        raise AssertionError("this was not picked")

    for name in ("impute_normal", "longitudinal"):
        monkeypatch.setattr(f"analysis.plan.sensitivity.{name}", never)
    monkeypatch.setattr("analysis.plan.longitudinal.longitudinal", never)
    monkeypatch.setattr("analysis.plan.responses.ratios.risk_differences", never)
    assert analysed(tmp_path, *tables, "--json", "--analyses", "gee logistic") == 0
    names = {row["analysis"] for row in json.loads(capsys.readouterr().out)["estimates"]}
    assert names == {"gee logistic"}


def test_outcomes_that_are_analysed_by_level_alone_can_be_picked(tmp_path, tables, capsys):
    people, answers = tables
    few = answers[["participant", "visit", "nrs_average", "sgpals"]]
    assert analysed(tmp_path, people, few, "--json", "--outcomes", "sgpals") == 0
    outcomes = {row["outcome"] for row in json.loads(capsys.readouterr().out)["estimates"]}
    assert outcomes == {"sgpals at least 3"}
    assert analysed(tmp_path, people, few, "--outcomes", "sgpals") == 0
    assert "level 4" in capsys.readouterr().out


def spoil_rmdq(people, answers):
    answers.loc[4, "rmdq"] = 25


def spoil_visit(people, answers):
    answers.loc[1, "visit"] = "6 week"


def repeat_visit(people, answers):
    answers.loc[2, "visit"] = answers.loc[1, "visit"]


def both_arms(people, answers):
    people.loc[1, "participant"] = people.loc[0, "participant"]
    people.loc[0, "arm"], people.loc[1, "arm"] = "control", "intervention"


def one_arm(people, answers):
    people["arm"] = "control"


def stranger(people, answers):
    answers.loc[0, "participant"] = 99_999


def no_age(people, answers):
    del people["age"]


def text_for_a_number(people, answers):
    answers["pseq"] = answers["pseq"].astype(object)
    answers.loc[7, "pseq"] = "many"


def other_level(people, answers):
    people.loc[3, "education"] = "some"


def infinite_age(people, answers):
    people.loc[6, "age"] = float("inf")


def fewer_than_no_plans(people, answers):
    people.loc[2, "plans_made"] = -1


def no_baseline_pain(people, answers):
    answers.loc[answers["visit"] == "baseline", "nrs_average"] = float("nan")


def no_sgpals(people, answers):
    del answers["sgpals"]


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (spoil_rmdq, "v.csv, line 6: rmdq = 25.0 is not allowed: must be 0 to 24"),
        (spoil_visit, "v.csv, line 3: visit = 6 week is not allowed: must be one of baseline"),
        (repeat_visit, "v.csv, line 4: visit = 6 weeks is not allowed"),
        (both_arms, "a participant cannot be in both arms"),
        (one_arm, "no participant is in the intervention arm"),
        (stranger, "v.csv, line 2: participant = 99999 is not allowed: must be among"),
        (no_age, "p.csv has no column age"),
        (text_for_a_number, "v.csv, line 9: pseq = many is not allowed: must be a number"),
        (infinite_age, "p.csv, line 8: age = inf is not allowed: must be a number"),
        (fewer_than_no_plans, "p.csv, line 4: plans_made = -1 is not allowed: must be at least 0"),
        (no_baseline_pain, "v.csv: nrs_average is missing at baseline for all participants"),
        (no_sgpals, "v.csv has no column sgpals"),
        (other_level, "p.csv, line 5: education = some is not allowed: must be one of <10 years"),
    ],
)
def test_bad_data_are_refused_by_row_and_column(tmp_path, tables, capsys, spoil, line):
    people, answers = tables
    spoil(people, answers)
    assert analysed(tmp_path, people, answers) == 2
    printed = capsys.readouterr()
    assert line in printed.err
    assert printed.err.count("\n") == 1
    assert not printed.out


def test_an_empty_table_is_refused(tmp_path, tables, capsys):
    people, answers = tables
    assert analysed(tmp_path, people, answers.head(0)) == 2
    assert "v.csv has no rows" in capsys.readouterr().err


def test_unknown_outcomes_and_files_are_refused(tmp_path, tables, capsys):
    assert analysed(tmp_path, *tables, "--outcomes", "rmd") == 2
    assert "did you mean rmdq?" in capsys.readouterr().err
    assert analysed(tmp_path, *tables, "--analyses", "gee posson") == 2
    assert "did you mean gee poisson?" in capsys.readouterr().err
    assert call(["analyse", str(tmp_path / "none.csv"), str(tmp_path / "none.csv")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def without_some_ages(people, answers):
    people.loc[:39, "age"] = float("nan")
    people["education"] = people["education"].astype(object)
    people.loc[30:49, "education"] = None


def test_who_is_left_out_is_said_and_counted_in_the_tables(tmp_path, tables, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    people, answers = (table.copy() for table in tables)
    without_some_ages(people, answers)
    options = ("--outcomes", "rmdq", "--analyses", "clda,clda unadjusted")
    assert analysed(tmp_path, people, answers, *options) == 0
    printed = capsys.readouterr()
    assert "age is missing for 40 of 150 participants, who are left out" in printed.err
    assert "education is missing for 20 of 150 participants" in printed.err
    assert "in all, 50 of 150 participants lack a covariate" in printed.err
    assert re.search(r"Age, years.*\n +missing, No. +40 ", printed.out)
    assert re.search(r">12 years.*\n +missing, No. +20 ", printed.out)
    seen = answers[(answers["visit"] == "3 months") & answers["rmdq"].notna()]
    by_arm = seen.merge(people, on="participant")["arm"].value_counts()
    counts = rf"\[{by_arm['control']}\] .*\[{by_arm['intervention']}\]"
    assert re.search(r"RMDQ \(disability\): clda, n = 100\n", printed.out)
    assert "Table 2. Outcomes, mean (SD) [number who answered]" in printed.out
    assert re.search(rf"3 months +[^\n]*{counts}", printed.out)
    assert analysed(tmp_path, people, answers, *options, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["remarks"]) >= 3
    assert {row["n"] for row in told["estimates"] if row["analysis"] == "clda"} == {100}


def test_words_of_traits_that_the_plan_does_not_use_do_not_matter(tmp_path, tables, capsys):
    people, answers = (table.copy() for table in tables)
    options = (
        "--json",
        "--outcomes",
        "rmdq",
        "--analyses",
        "clda",
        "--set",
        "analysis.covariates=[]",
    )
    assert analysed(tmp_path, people, answers, *options) == 0
    first = json.loads(capsys.readouterr().out)
    people["country"], people["sex"], people["age"] = "netherlands", "F", 999
    assert analysed(tmp_path, people, answers, *options) == 0
    other = json.loads(capsys.readouterr().out)
    assert other["estimates"] == first["estimates"]
    assert sum("the plan does not use it" in remark for remark in other["remarks"]) == 3


def test_a_pipe_is_refused(tmp_path, tables, capsys):
    tables[1].to_csv(tmp_path / "v.csv", index=False)
    os.mkfifo(tmp_path / "p")
    assert call(["analyse", str(tmp_path / "p"), str(tmp_path / "v.csv")]) == 2
    assert "it is a pipe or a device" in capsys.readouterr().err
