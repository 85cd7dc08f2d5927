"""The R script beside an export finds what the project found."""

import pandas as pd
import pytest

import selfback as sb

DIGITS = 5e-6
"""Of a standard error, by which numbers may differ: half of its 6th digit. P values may differ by
as many times their own size, and twice."""
PLAIN = {
    "trial__sample_size": 100, "followup__missingness": "mcar", "followup__slopes": {},
    "analysis__responder_points": [], "analysis__sensitivity": [],
    "analysis__secondary_level": {}, "analysis__small_sample": "none",
}  # fmt: skip
REMISSION = {**PLAIN, "analysis__primary_outcome": "remission"}
SICK_DAYS = {**PLAIN, "analysis__primary_outcome": "sick_days"}


def _primary(name: str, *, alternative: bool = True) -> dict[str, object]:
    more = {"analysis__alternatives": [name]} if alternative else {"analysis__alternatives": []}
    return {"analysis__primary_analysis": name, **more}


CASES = [
    ("selfback_2021", "csv", {"trial__sample_size": 100}),
    ("planned_2018", "csv", {"trial__sample_size": 60, **_primary("ancova")}),
    ("knee_koos", "dta", {"trial__sample_size": 60}),
    ("depression_phq9", "csv", {**REMISSION, **_primary("gee logistic", alternative=False)}),
]  # fmt: skip
MORE = [
    ("selfback_2021", "adam", {"trial__sample_size": 100}),
    ("three_arms", "dta", {"trial__sample_size": 90}),
    ("planned_2018", "xpt", {"trial__sample_size": 60, **_primary("t-test on change")}),
    ("knee_koos", "csv", {"trial__sample_size": 60, **_primary("ancova")}),
    ("depression_phq9", "adam", {"trial__sample_size": 80}),
    ("depression_phq9", "csv", {**REMISSION, **_primary("risk difference")}),
    ("depression_phq9", "xpt", {**SICK_DAYS, **_primary("gee rates", alternative=False)}),
    ("depression_phq9", "csv", {**SICK_DAYS, **_primary("negative binomial")}),
    ("knee_koos", "csv", {
        "trial__sample_size": 60, **_primary("clda reml"),
        "analysis__covariate_effects": "by visit",
    }),
    ("knee_koos", "csv", {
        "trial__sample_size": 60, **_primary("mmrm constrained"), "analysis__small_sample": "none",
    }),
]  # fmt: skip


@pytest.mark.parametrize(("name", "form", "changes"), CASES)
def test_r_finds_the_same(exported, run_r, tmp_path, name, form, changes):
    found, folder = exported(name, form, **changes)
    run_r(folder, "analysis.R", str(tmp_path / "found.csv"))
    _compare(found, tmp_path / "found.csv")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "form", "changes"), MORE)
def test_r_finds_the_same_in_other_trials(exported, run_r, tmp_path, name, form, changes):
    test_r_finds_the_same(exported, run_r, tmp_path, name, form, changes)


@pytest.mark.slow
def test_r_reads_awkward_levels(awkward, run_r, tmp_path):
    for form in ("csv", "dta", "xpt", "adam"):
        found = sb.trial(awkward.scenario, out=tmp_path / form, export=form)
        assert awkward.long in found.scenario.analysis.covariates
        run_r(tmp_path / form, "analysis.R", str(tmp_path / "found.csv"))
        _compare(found, tmp_path / "found.csv")


def _compare(found, file):
    plan, estimates = found.scenario.analysis, found.tables["estimates"]
    mine = estimates[
        (estimates["analysis"] == plan.primary_analysis)
        & (estimates["outcome"] == plan.primary_outcome)
        & ~estimates["contrast"].str.contains(" at the first visit")
    ]
    theirs = pd.read_csv(file)
    both = theirs.merge(mine, on=["visit", "contrast"], suffixes=("", "_mine"))
    assert len(both) == len(mine) == len(theirs) > 0
    for column in ("estimate", "se", "lower", "upper"):
        apart = (both[column] - both[f"{column}_mine"]).abs() / both["se_mine"]
        assert apart.max() < DIGITS, column
    assert ((both["p"] - both["p_mine"]).abs() / both["p_mine"]).max() < 2 * DIGITS
    degrees = both["df_mine"].astype(float)
    assert (both["df"].isin([float("inf")]) == degrees.isna()).all()


def test_an_analysis_without_a_standard_call_says_so(exported):
    _, folder = exported(
        "depression_phq9", "csv", **REMISSION, **_primary("gee logistic", alternative=False),
        analysis__penalty="firth",
    )  # fmt: skip
    script = (folder / "analysis.R").read_text("utf-8")
    assert "no standard call" in script
    assert all(line.startswith("#") for line in script.splitlines())


@pytest.mark.slow
def test_errors_robust_to_clinics_are_said_to_differ(exported, run_r, tmp_path):
    found, folder = exported("cluster_by_clinic", "csv", trial__sample_size=200)
    script = (folder / "analysis.R").read_text("utf-8")
    assert "robust to the clinic" in script.replace("\n# ", " ")
    run_r(folder, "analysis.R", str(tmp_path / "found.csv"))
    mine = found.tables["estimates"]
    mine = mine[(mine["analysis"] == "clda") & (mine["outcome"] == "rmdq")]
    theirs = pd.read_csv(tmp_path / "found.csv")
    assert theirs["estimate"].tolist() == pytest.approx(mine["estimate"].tolist(), rel=1e-6)
