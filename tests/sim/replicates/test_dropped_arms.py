"""Interim looks in trials of several arms: each contrast for itself, and arms that are dropped."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.decision.rule import IN_FAVOUR
from analysis.sequential.looks import EFFICACY, FUTILITY, GO_ON, NOT_HELD, STOPS
from scenarios.errors import ScenarioError
from scenarios.loading.load import load_scenario
from sim.cli import call
from sim.enrolment.places import DroppedArm
from sim.replicates.analysed import PickedAnalyses, run_trial
from sim.replicates.interim import hold_looks
from sim.simulate import simulate
from sim.tables.trial_tables import events_table, trial_data

FILE = str(Path(__file__).parents[1] / "three_arms.toml")
LOOKS = (
    "trial.interim.looks=[0.33, 0.67]", "trial.interim.futility=0.1",
    "recruitment.interest_per_day=2.0", "analysis.multiplicity.procedure=bonferroni",
)  # fmt: skip
LOW, HIGH = 1, 2


def three_arms(*overrides):
    return load_scenario(FILE, [*LOOKS, *overrides])


def dose(low, high):
    overrides = ", ".join(
        f'{{name="{name}", label="{name}", like="control", overrides={{"course.effect_size"={x}}}}}'
        for name, x in (("low", low), ("high", high))
    )
    return f'arms=[{{name="control", label="Control"}}, {overrides}]'


@pytest.fixture(scope="module")
def futile():
    """A trial whose low dose is futile at the first look, long before recruitment ends."""
    found = run_trial(three_arms(dose(0.5, -2.0)), 0, diagnostics=False)
    low, high = found.looks.contrasts
    assert low.verdicts[0].decision == FUTILITY
    assert high.verdicts[0].decision == GO_ON
    return found


def test_a_dropped_arm_takes_nobody_from_that_day_on(futile):
    (dropped,) = futile.looks.dropped
    assert dropped == DroppedArm(LOW, futile.looks.contrasts[0].seen[0].day)
    cohort = futile.trial.cohort
    rows = cohort.randomized
    later = cohort.entered[rows] >= dropped.day
    assert later.sum() > 20
    assert (cohort.arm[rows][~later] == LOW).sum() > 50
    assert set(cohort.arm[rows][later]) == {0, HIGH}
    # Everybody would have come without the look too, some of them into the dropped arm.
    whole = futile.whole.cohort
    assert (whole.arm[whole.randomized][: len(rows)][later] == LOW).any()


def test_until_an_arm_is_dropped_the_trial_goes_as_it_would_without(futile):
    day = futile.looks.dropped[0].day
    there, here = trial_data(futile.whole, before=day), trial_data(futile.trial, before=day)
    assert np.array_equal(there.arm, here.arm)
    for outcome, scores in here.scores.items():
        assert np.array_equal(scores, there.scores[outcome], equal_nan=True)
    before = futile.trial.cohort.randomized
    assert np.array_equal(before, futile.whole.cohort.randomized[: len(before)])
    entered = futile.trial.cohort.entered[before]
    assert np.array_equal(entered, futile.whole.cohort.entered[before])


def test_those_of_a_dropped_arm_stay_in_follow_up(futile):
    (dropped,) = futile.looks.dropped
    cohort = futile.trial.cohort
    mine = np.flatnonzero(cohort.arm == LOW)
    answered = cohort.entered[mine, None] + cohort.answered[mine]
    assert (answered[:, 1:] > dropped.day).any()
    second = futile.looks.contrasts[1].seen[1]
    assert second.participants == len(trial_data(futile.trial, before=second.day))


def test_the_arms_that_are_left_keep_their_planned_numbers(futile):
    (dropped,) = futile.looks.dropped
    cohort = futile.trial.cohort
    rows = cohort.randomized
    before = int((cohort.entered[rows] < dropped.day).sum())
    assert len(rows) == before + int(np.ceil((351 - before) * 2 / 3))
    for arm in (0, HIGH):
        # A block is not full in each of the strata.
        assert (cohort.arm[rows] == arm).sum() == pytest.approx(117, abs=6)


def test_each_contrast_is_reported_as_the_look_found_it_that_decided_it(futile):
    found = {e.label: e for e in futile.analysis.estimates}
    table = futile.analysis_tables()["family"].to_pandas().set_index("hypothesis")
    for contrast in futile.looks.contrasts:
        seen = contrast.seen[contrast.last].estimate
        mine = found[seen.label]
        assert mine.estimate == seen.estimate
        assert mine.p_decision == pytest.approx(min(1.0, 2.0 * contrast.p_alone))
        row = table.loc[seen.contrast.removeprefix("difference: ")]
        assert (row["p"], row["p_adjusted"]) == (contrast.p_alone, mine.p_decision)
        assert (row["lower"], row["upper"]) == (mine.lower, mine.upper)
        assert row["decision"] == mine.decision


def test_a_decided_contrast_shows_the_trial_of_fixed_size_afterwards(futile):
    looks = futile.analysis_tables()["looks"].to_pandas()
    low = looks[looks["contrast"] == "difference: low - control"].set_index("look")
    assert low["decision"].tolist() == [FUTILITY, NOT_HELD, NOT_HELD]
    assert low.loc[3, "participants"] == low.loc[3, "fixed_participants"] == 351
    assert low.loc[3, "statistic"] == low.loc[3, "fixed_statistic"]
    high = looks[looks["contrast"] == "difference: high - control"].set_index("look")
    assert high.loc[3, "fixed_day"] == futile.whole.last_day
    fixed = run_trial(
        load_scenario(FILE, [dose(0.5, -2.0), "recruitment.interest_per_day=2.0"]), 0,
        diagnostics=False,
    )  # fmt: skip
    ends = {
        e.contrast: e.estimate / e.se
        for e in fixed.analysis.estimates
        if (e.analysis, e.visit) == ("clda", "3 months")
    }
    assert high.loc[3, "fixed_statistic"] == pytest.approx(
        -ends["difference: high - control"], rel=0.02
    )


def test_a_trial_stops_when_every_contrast_is_decided():
    found = run_trial(three_arms(dose(-6.0, -6.0)), 0, diagnostics=False)
    assert {c.verdicts[c.last].decision for c in found.looks.contrasts} == {EFFICACY}
    assert found.looks.stopped
    assert found.trial.last_day == found.looks.day < found.whole.last_day
    assert {e.decision for e in found.analysis.estimates if e.visit == "3 months"} == {IN_FAVOUR}
    first = found.looks.contrasts[1]
    assert first.last == 0
    # Ended at the first look: limits of the fit, with half of the error that all may have.
    fit = first.seen[0].estimate
    wide = stats.t.ppf(1.0 - 0.0125, fit.df) * fit.se if fit.df else stats.norm.ppf(0.9875) * fit.se
    assert first.estimate.upper - fit.estimate == pytest.approx(wide, rel=0.01)
    assert first.p_alone == pytest.approx(fit.p, rel=1e-6)


def test_an_arm_that_works_is_dropped_as_well_and_the_trial_then_stops_later():
    scenario = three_arms(dose(-8.0, -2.0))
    found = run_trial(scenario, 0, diagnostics=False)
    low, high = found.looks.contrasts
    assert low.verdicts[low.last].decision == EFFICACY
    assert high.last > low.last
    assert found.looks.dropped == (DroppedArm(LOW, low.seen[low.last].day),)
    flow = found.analysis_tables()["flow"].to_pandas().set_index("stage")["count"]
    assert flow["randomized"] == len(found.data)
    picked = PickedAnalyses(("clda",), costs=True)(scenario, 0)
    assert picked["flow"].to_pylist() == found.analysis_tables()["flow"].to_pylist()
    assert picked["family"].equals(found.analysis_tables()["family"])
    mine = {e.label: e for e in found.analysis.estimates}
    for row in picked["estimates"].to_pylist():
        label = tuple(row[key] for key in ("analysis", "outcome", "visit", "contrast"))
        assert row["estimate"] == mine[label].estimate


def test_arms_go_on_where_they_are_not_to_be_dropped():
    scenario = three_arms(dose(0.5, -2.0), "trial.interim.drop_arms=false")
    trial = simulate(scenario, 0)
    looks = hold_looks(trial, "clda")
    assert looks.contrasts[0].verdicts[0].decision == FUTILITY
    assert looks.dropped == ()
    assert looks.trial is trial
    assert set(trial.cohort.arm[trial.cohort.randomized][-20:]) == {0, LOW, HIGH}


def test_a_trial_that_is_full_is_not_simulated_again():
    scenario = three_arms(dose(0.5, -2.0), "recruitment.interest_per_day=30.0")
    trial = simulate(scenario, 0)
    looks = hold_looks(trial, "clda")
    assert looks.dropped
    assert looks.trial is trial


@pytest.mark.parametrize(
    "method",
    [
        '{kind="simple"}',
        '{kind="blocks", block_sizes=[3, 6]}',
        '{kind="minimization", factors=["age_group"], imbalance="range", probability=0.8}',
    ],
)
def test_every_method_of_randomization_can_drop_an_arm(method):
    if "minimization" in method:
        factor = next(iter(three_arms().trial.factors))
        method = method.replace("age_group", factor)
    scenario = three_arms(f"trial.randomization={method}")
    whole = simulate(scenario, 1)
    for code in (LOW, HIGH):
        trial = simulate(scenario, 1, dropped=[DroppedArm(code, 150.0)])
        rows = trial.cohort.randomized
        later = trial.cohort.entered[rows] >= 150.0
        own = whole.cohort.arm[rows]
        assert np.array_equal(trial.cohort.arm[rows][~later], own[~later])
        counts = np.bincount(trial.cohort.arm[rows][later], minlength=3)
        assert counts[code] == 0
        rest = np.delete(counts, code)
        # Two open arms of equal shares: binomial at most.
        assert abs(rest[0] - rest[1]) < 4.0 * np.sqrt(later.sum())
        if "simple" in method:
            kept = later & (own != code)
            assert np.array_equal(trial.cohort.arm[rows][kept], own[kept])


def test_the_truth_is_of_everybody_who_is_randomized_with_looks():
    found = run_trial(three_arms(dose(0.5, -2.0), "truth=true"), 0, diagnostics=False)
    assert found.looks.dropped
    truth = found.result_tables()["truth"].to_pandas()
    mine = truth[(truth["population"] == "all randomized") & (truth["visit"] == "3 months")]
    assert (mine["n"] == len(found.data)).all()
    effects = mine.set_index("contrast")["effect"]
    assert effects["low - control"] == pytest.approx(0.5)
    assert effects["high - control"] == pytest.approx(-2.0)
    kept = found.tables()["truth/potential_outcomes"].to_pandas()
    assert kept["participant"].nunique() == len(found.data)


def test_a_trial_with_an_app_goes_as_it_would_until_an_arm_is_dropped():
    arms = (
        'arms=[{name="control", label="Control", components=[]}, '
        '{name="intervention", label="A", components=["app", "wristband"]}, '
        '{name="other", label="B", like="intervention", components=["app", "wristband"]}]'
    )
    scenario = load_scenario(
        "selfback_2021",
        [arms, "trial.sample_size=90", "trial.randomization.block_sizes=[3, 6]"],
    )
    whole = simulate(scenario, 0)
    trial = simulate(scenario, 0, dropped=[DroppedArm(2, 60.0)])
    rows = trial.cohort.randomized
    assert len(rows) < 90
    before = [e for e in events_table(whole).to_pylist() if e["day"] < 60.0]
    assert [e for e in events_table(trial).to_pylist() if e["day"] < 60.0] == before
    assert not (trial.cohort.arm[rows][trial.cohort.entered[rows] >= 60.0] == 2).any()


TRIALS = 60


@pytest.fixture(scope="module")
def null():
    slowly = ("trial.sample_size=150", "recruitment.interest_per_day=0.6")
    scenario = three_arms(dose(0.0, 0.0), *slowly, "trial.interim.boundary=pocock")
    run = PickedAnalyses(("clda",))
    return [run(scenario, replicate) for replicate in range(TRIALS)]


@pytest.mark.slow
def test_the_family_wise_error_is_kept(null):
    wrong = sum(
        (t["family"].to_pandas()["decision"].isin([IN_FAVOUR, "against"])).any() for t in null
    )
    # At most alpha: more than this in 1 of 1,000 such runs.
    assert wrong <= stats.binom.ppf(0.999, TRIALS, 0.05)
    looks = pd.concat([t["looks"].to_pandas() for t in null])
    held = looks[looks["decision"] != NOT_HELD]
    assert held["decision"].isin(STOPS).any()
    # Arms were dropped while others were still recruited for.
    ends = held.groupby(["replicate", "contrast"])["look"].max().groupby("replicate")
    assert (ends.min() < ends.max()).sum() > 5
    assert (held.groupby("replicate")["participants"].max() < 150).mean() > 0.5


def test_what_is_rejected_has_an_adjusted_p_below_alpha(null):
    for tables in null:
        family = tables["family"].to_pandas()
        rejected = family["decision"] != "neither"
        assert ((family["p_adjusted"] < 0.05) == rejected).all()
        outside = (family["lower"] > 0.0) | (family["upper"] < 0.0)
        assert (outside == rejected).all()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("analysis.multiplicity.procedure=dunnett", "'dunnett' is not allowed with looks at 2"),
        ("analysis.multiplicity.procedure=none", "'none' is not allowed with looks at 2 contrasts"),
        (
            'analysis.multiplicity.hypotheses=[{name="a", contrast="low - control"}]',
            "are not allowed with looks, which test every contrast",
        ),
        (
            (
                'analysis.contrasts=[{name="a", weights={low=1, control=-1}}, '
                '{name="b", weights={low=0.5, high=0.5, control=-1}}]'
            ),
            "must be 1 of an arm and -1 of 'control'",
        ),
        (
            (
                'analysis.contrasts=[{name="a", weights={low=1, control=-1}}, '
                '{name="b", weights={control=1, high=-1}}]'
            ),
            "must be 1 of an arm and -1 of 'control'",
        ),
        (
            (
                'analysis.contrasts=[{name="a", weights={low=1, control=-1}}, '
                '{name="b", weights={low=1, control=-1}}]'
            ),
            "'low' has a contrast already",
        ),
        (
            'analysis.contrasts=[{name="a", weights={low=1, control=-1}}]',
            "looks are not allowed with 'bonferroni' and a single contrast",
        ),
    ],
)
def test_what_is_not_supported_is_one_line(change, told):
    with pytest.raises(ScenarioError) as caught:
        three_arms(change)
    assert told in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


SMALL = [
    word
    for change in (*LOOKS, "trial.sample_size=90", "recruitment.interest_per_day=0.6")
    for word in ("--set", change)
]


def test_power_counts_each_contrast_and_when_the_trial_ended(tmp_path):
    more = ["--replicates", "4", "--jobs", "1", "--out", str(tmp_path / "power"), "--no-null"]
    assert call(["power", FILE, *SMALL, *more]) == 0
    trials = pd.read_parquet(tmp_path / "power" / "trials.parquet")
    series = {"clda, low - control", "bonferroni, high - control", "bonferroni, any hypothesis"}
    assert series <= set(trials["analysis"])
    for name in ("day", "participants"):
        assert trials[name].notna().all()
        assert trials.groupby("replicate")[name].nunique().eq(1).all()


def test_a_study_says_what_the_looks_at_each_contrast_did(tmp_path, capsys):
    out = tmp_path / "study"
    assert call(["run", FILE, *SMALL, "--replicates", "6", "--jobs", "1", "--out", str(out)]) == 0
    summary = json.loads((out / "summary.json").read_text("utf-8"))["interim"]
    looks = pd.read_parquet(out / "looks.parquet")
    held = looks[looks["decision"] != NOT_HELD]
    critical = stats.norm.isf(0.05 / 4)
    rejected = []
    for found in summary["contrasts"]:
        mine = looks[looks["contrast"] == f"difference: {found['contrast']}"]
        for number, look in enumerate(found["looks"], start=1):
            here = mine[mine["look"] == number]
            assert look["futility"] == pytest.approx((here["decision"] == FUTILITY).mean())
        rejected.append((mine["fixed_statistic"].dropna() > critical).to_numpy())
        assert found["fixed"]["rejected"] == rejected[-1].mean()
        assert found["fixed"]["participants"] == 90
    assert summary["fixed"]["rejected"] == np.any(rejected, axis=0).mean()
    ends = held.groupby("replicate")[["day", "participants"]].max().mean()
    assert summary["with_looks"]["days"] == pytest.approx(ends["day"])
    assert summary["with_looks"]["participants"] == pytest.approx(ends["participants"])
    flow = pd.read_parquet(out / "flow.parquet").query("stage == 'randomized'")
    assert flow["count"].mean() == pytest.approx(ends["participants"])
    assert call(["performance", str(out)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "Interim looks, obrien_fleming, 2-sided: low - control" in printed
    assert "any contrast, with looks" in printed
    assert "Family-wise error" in printed
    assert call(["performance", str(out), "--json"]) == 0
    adjusted = [
        m for m in json.loads(capsys.readouterr().out)["measures"] if m["adjusted_for_looks"]
    ]
    assert {(m["analysis"], m["visit"], m["contrast"]) for m in adjusted} == {
        ("clda", "3 months", f"difference: {arm} - control") for arm in ("low", "high")
    }
    replicate = int(held.loc[held["decision"] == FUTILITY, "replicate"].iloc[0])
    figure = ["--figure", str(tmp_path / "a.png")]
    who = ["--replicate", str(replicate), "--participant", "3"]
    assert call(["replay", str(out), *who, *figure]) == 0


def test_one_trial_shows_the_looks_at_each_contrast(capsys):
    assert call(["trial", FILE, *SMALL]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "that allows for the looks and for the 2 contrasts" in printed
    assert "Family of hypotheses, adjusted by bonferroni" in printed
