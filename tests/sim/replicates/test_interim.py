import json
import shutil

import numpy as np
import pandas as pd
import pytest

from analysis.sequential.looks import EFFICACY, FUTILITY, NOT_HELD
from scenarios.loading.load import load_scenario
from sim.cli import call
from sim.replicates.analysed import PickedAnalyses, data_tables, run_trial
from sim.replicates.interim import conduct, hold_looks, look_days
from sim.simulate import simulate
from sim.tables import trial_tables
from sim.tables.costs import trial_costs
from sim.tables.true_effects import true_effects
from sim.tables.truth_tables import TRUTH, truth_tables

SIZE = "trial.sample_size=80"
LOOK = "trial.interim.looks=[0.5]"
EFFECT = "course.effect=[-6, -6, -6, -6]"
"""So large that a trial stops at its first look."""


def stopping(*overrides):
    return load_scenario("planned_2018", [SIZE, LOOK, EFFECT, *overrides])


@pytest.fixture(scope="module")
def whole():
    return simulate(load_scenario("selfback_2021", [SIZE]), 0)


@pytest.fixture(scope="module")
def stopped():
    return run_trial(stopping("truth=true"), 0)


@pytest.mark.parametrize("day", [40, 75, 150, 260])
def test_until_it_is_stopped_a_trial_goes_as_it_would_without(whole, day):
    ended = simulate(whole.scenario, 0, closes=day)
    there, here = trial_tables.trial_data(whole, before=day), trial_tables.trial_data(ended)
    assert len(here) == len(there) > 0
    assert np.array_equal(here.arm, there.arm)
    assert np.array_equal(here.plans_made, there.plans_made)
    for outcome, scores in here.scores.items():
        assert np.array_equal(scores, there.scores[outcome], equal_nan=True)
    log = trial_tables.events_table(whole).to_pylist()
    assert trial_tables.events_table(ended).to_pylist() == [e for e in log if e["day"] < day]


@pytest.mark.parametrize("missingness", ["mar", "mnar"])
def test_a_stopped_trial_has_no_data_of_later_days(missingness):
    scenario = load_scenario("selfback_2021", [SIZE, f"followup.missingness={missingness}"])
    trial = simulate(scenario, 0, closes=150)
    entry = trial.cohort.entry[trial.cohort.randomized]
    data = trial_tables.trial_data(trial)
    tables = run_tables(trial, data)
    for name in ("truth/symptoms", "steps", "truth/steps"):
        day = entry[tables[name]["participant"] - 1] + tables[name]["day"]
        assert day.max() == 149
    assert (tables["plans"]["day"] < 150).all()
    visits = tables["truth/missingness"]
    due = np.tile([visit.day for visit in scenario.trial.visits], len(entry))
    lived = np.repeat(trial.cohort.entered[trial.cohort.randomized], 4) + due < 150
    assert np.array_equal(visits["rmdq"].notna(), lived)
    left = tables["participants"]["withdrew_after_days"].dropna()
    assert (trial.cohort.entered[trial.cohort.randomized[left.index]] + left < 150).all()


def run_tables(trial, data):
    truth = {f"{TRUTH}{name}": table for name, table in truth_tables(trial).items()}
    return {name: t.to_pandas() for name, t in {**data_tables(trial, data), **truth}.items()}


def test_the_look_is_when_the_primary_visit_of_the_planned_share_is_over(whole):
    scenario = load_scenario("selfback_2021", [SIZE, "trial.interim.looks=[0.3, 0.6]"])
    trial = simulate(scenario, 0)
    entered = np.sort(trial.cohort.entered[trial.cohort.randomized])
    wait = 91 + scenario.followup.longest_answer
    for day, count in zip(look_days(trial), (24, 48), strict=True):
        over = entered + wait <= day
        assert over.sum() >= count
        assert (entered + wait <= day - 1).sum() < count
    # Looks move nobody's draws.
    for outcome, scores in trial.scores.items():
        assert np.array_equal(scores, whole.scores[outcome], equal_nan=True)


def test_the_end_of_a_trial_with_looks_is_the_fixed_trial():
    plain = load_scenario("planned_2018", [SIZE])
    looks = hold_looks(simulate(load_scenario("planned_2018", [SIZE, LOOK]), 0), "clda")
    assert hold_looks(simulate(plain, 0), "clda") is None
    fixed = next(
        e for e in run_trial(plain, 0).analysis.estimates
        if (e.analysis, e.visit) == ("clda", "3 months")
    )  # fmt: skip
    (only,) = looks.contrasts
    assert only.seen[-1].estimate == fixed
    assert only.seen[-1].participants == 80


def test_a_stopped_trial_is_what_there_was_at_the_look(stopped):
    (looks,) = stopped.looks.contrasts
    assert looks.verdicts[0].decision == EFFICACY
    first, end = looks.seen
    assert stopped.trial.last_day == first.day < end.day == stopped.whole.last_day
    assert len(stopped.data) == first.participants
    primary = [e for e in stopped.analysis.estimates if e.analysis == "clda"]
    assert looks.estimate in primary
    assert first.estimate.estimate == looks.estimate.estimate
    costs, fixed = trial_costs(stopped.trial), trial_costs(stopped.whole)
    assert costs["participants"] == first.participants
    assert costs["trial days"] == first.day
    for name in ("participant-months", "questionnaires", "trial days"):
        assert costs[name] < fixed[name]
    flow = trial_tables.flow_counts(stopped.trial)
    assert flow["randomized"] == first.participants
    answered = flow["control: answered at 3 months"] + flow["intervention: answered at 3 months"]
    assert answered == first.answered


def test_visits_that_nobody_reached_have_no_estimates():
    wide = ("trial.sample_size=60", "recruitment.interest_per_day=20")
    result = run_trial(stopping(*wide), 0)
    assert result.looks.stopped
    assert result.data.visits == ("baseline", "6 weeks", "3 months")
    assert {e.visit for e in result.analysis.estimates} == {"6 weeks", "3 months"}
    assert all(e.converged for e in result.analysis.estimates if e.analysis == "clda")


def test_the_truth_is_of_those_randomized_before_the_stop():
    scenario = load_scenario("selfback_2021", [SIZE])
    trial = simulate(scenario, 0)
    some = true_effects(trial, 50).to_pandas()
    assert (some.loc[some["population"] == "all randomized", "n"] == 50).all()
    assert not some.equals(true_effects(trial).to_pandas())


def test_the_truth_of_a_stopped_trial_is_the_effect_that_was_set(stopped):
    truth = stopped.result_tables()["truth"].to_pandas()
    everybody = truth[truth["population"] == "all randomized"]
    assert everybody["effect"].to_numpy() == pytest.approx(-6.0)
    assert (everybody["n"] == len(stopped.data)).all()


def test_each_picked_analysis_decides_for_itself():
    scenario = load_scenario(
        "planned_2018",
        [SIZE, LOOK, 'analysis.alternatives=["ancova", "t-test on change"]',
         "trial.interim.boundary=pocock"],
    )  # fmt: skip
    names = ("clda", "ancova", "t-test on change")
    ends = set()
    for replicate in range(6):
        tables = PickedAnalyses(names)(scenario, replicate)
        assert "flow" not in tables
        looks = tables["looks"].to_pandas()
        ends |= {tuple(looks.loc[looks["look"] == 2, "decision"] == NOT_HELD)}
        estimates = tables["estimates"].to_pandas().query("visit == '3 months'")
        last = looks[looks["decision"] != NOT_HELD].groupby("analysis").last()
        found = estimates.set_index("analysis")
        assert found.loc[list(names), "estimate"].tolist() == pytest.approx(
            last.loc[list(names), "estimate"].tolist()
        )
        rejected = last["decision"] == EFFICACY
        assert ((found["p"] < 0.05) == rejected.reindex(found.index)).all()
    assert len(ends) > 1


def test_the_shipped_scenario_is_the_trial_with_a_look():
    shipped = load_scenario("interim_obrien_fleming").model_dump()
    plain = load_scenario("selfback_2021").model_dump()
    assert shipped["trial"].pop("interim")["looks"] == (0.5,)
    assert plain["trial"].pop("interim")["looks"] == ()
    for key in ("name", "title", "published"):
        del shipped[key], plain[key]
    assert shipped == plain


def test_a_trial_that_no_look_stops_is_left_alone():
    scenario = load_scenario("planned_2018", [SIZE, LOOK])
    trial = simulate(scenario, 1)
    looks = hold_looks(trial, "clda")
    assert not looks.stopped
    assert conduct(trial, looks) is trial
    assert conduct(trial, None) is trial


def test_an_arm_that_has_no_answer_yet_is_a_failed_look():
    slowly = ["trial.sample_size=20", "recruitment.interest_per_day=0.02"]
    # A replicate whose second arm begins long after the first participant has answered.
    trial = simulate(load_scenario("planned_2018", [*slowly, "trial.interim.looks=[0.05]"]), 1)
    first, second = (min(trial.cohort.entered[trial.cohort.arm == arm]) for arm in (1, 0))
    assert second > first + 300
    (looks,) = hold_looks(trial, "clda").contrasts
    assert looks.verdicts[0].decision == "no estimate"
    assert looks.seen[0].estimate.failure
    assert looks.verdicts[1].boundary == pytest.approx(1.96, abs=0.0005)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    out = tmp_path_factory.mktemp("interim") / "study"
    assert (
        call(
            ["run", "planned_2018", "--set", SIZE, "--set", LOOK, "--set", EFFECT, "--replicates",
             "6", "--jobs", "1", "--out", str(out), "--set", "trial.interim.futility=0.1"],
        )
        == 0
    )  # fmt: skip
    return out


def test_a_study_says_what_the_looks_did(study, capsys):
    summary = json.loads((study / "summary.json").read_text("utf-8"))["interim"]
    looks = pd.read_parquet(study / "looks.parquet")
    assert len(looks) == 12
    stops = looks[(looks["look"] == 1) & looks["decision"].isin([EFFICACY, FUTILITY])]
    first = summary["looks"][0]
    assert first["efficacy"] + first["futility"] == pytest.approx(len(stops) / 6)
    assert first["efficacy"] > 0.0
    ends = looks[looks["decision"] != NOT_HELD].groupby("replicate").last()
    assert summary["with_looks"]["days"] == pytest.approx(ends["day"].mean())
    assert summary["with_looks"]["rejected"] == (ends["decision"] == EFFICACY).mean()
    last = looks[looks["look"] == 2]
    assert summary["fixed"]["rejected"] == (last["p"] < 0.05).mean()
    assert summary["fixed"]["days"] == pytest.approx(last["day"].mean())
    assert call(["performance", str(study)]) == 0
    printed = capsys.readouterr().out
    assert "Interim looks, obrien_fleming" in printed
    assert "fixed size" in printed


def test_a_study_of_stopped_trials_can_be_replayed(study, tmp_path):
    arguments = ["replay", str(study), "--replicate", "0", "--participant", "3"]
    assert call([*arguments, "--figure", str(tmp_path / "a.png")]) == 0


def test_power_counts_by_the_boundaries_and_tells_what_is_saved(tmp_path, capsys):
    out = tmp_path / "power"
    arguments = ["power", "planned_2018", "--set", SIZE, "--set", EFFECT, "--vary"]
    looks = "trial.interim.futility=0.0,0.2"
    more = ["--set", LOOK, "--no-null", "--replicates", "6", "--jobs", "1", "--out", str(out)]
    assert call([*arguments, looks, *more]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "randomized and days are means over the trials" in shown
    cells = json.loads((out / "power.json").read_text("utf-8"))["cells"]
    trials = pd.read_parquet(out / "trials.parquet")
    for number, cell in enumerate(cells):
        mine = trials[trials["cell"] == number]
        assert cell["days"] == pytest.approx(mine["day"].mean())
        assert cell["power"]["rejected"] == (mine["p"] < 0.05).sum()


def test_one_trial_shows_its_looks(capsys):
    assert call(["trial", "planned_2018", "--set", SIZE, "--set", LOOK, "--set", EFFECT]) == 0
    printed = capsys.readouterr().out
    assert "Looks at the primary outcome" in printed
    assert EFFICACY in printed


OTHER = ['analysis.alternatives=["ancova", "t-test on change"]', "analysis.primary_analysis=ancova"]
"""A primary analysis that is not the constrained longitudinal one."""


def settings_of(*changes):
    return [word for change in changes for word in ("--set", change)]


@pytest.fixture(scope="module")
def judged_by_another(tmp_path_factory):
    out = tmp_path_factory.mktemp("another")
    common = [*settings_of(SIZE, LOOK, EFFECT, *OTHER), "--replicates", "3", "--jobs", "1"]
    assert call(["run", "planned_2018", *common, "--out", str(out / "run")]) == 0
    both = ["planned_2018", "planned_2018", "--set-b", "followup.dropout=0.1"]
    assert call(["compare", *both, *common, "--out", str(out / "compare")]) == 0
    return out


def test_the_primary_analysis_decides_at_looks():
    result = run_trial(stopping(*OTHER), 0)
    (looks,) = result.looks.contrasts
    assert {seen.estimate.analysis for seen in looks.seen} == {"ancova"}
    assert looks.stopped
    assert looks.estimate in result.analysis.estimates


@pytest.mark.parametrize("folder", ["run", "compare/A", "compare/B"])
def test_looks_of_another_primary_analysis_are_summarized(judged_by_another, folder, capsys):
    study = judged_by_another / folder
    looks = pd.read_parquet(study / "looks.parquet")
    assert set(looks["analysis"]) == {"ancova"}
    assert looks["decision"].eq(EFFICACY).any()
    estimates = pd.read_parquet(study / "estimates.parquet")
    mine = estimates.query("analysis == 'ancova'").set_index("replicate")["p"]
    ends = looks[looks["decision"] != NOT_HELD].groupby("replicate").last()
    assert ((mine < 0.05) == (ends["decision"] == EFFICACY)).all()
    assert call(["performance", str(study)]) == 0
    printed = capsys.readouterr().out
    assert "Interim looks, obrien_fleming" in printed
    assert "ancova, difference *" not in printed
    if folder == "run":
        summary = json.loads((study / "summary.json").read_text("utf-8"))
        assert summary["interim"]["analysis"] == summary["power"]["analysis"] == "ancova"
        assert summary["interim"]["with_looks"]["rejected"] == summary["power"]["rejected"]


@pytest.mark.parametrize("folder", ["run", "compare/A", "compare/B"])
def test_a_study_with_another_primary_analysis_can_be_replayed(judged_by_another, folder, tmp_path):
    figure = ["--figure", str(tmp_path / "a.png")]
    for replicate in ("0", "2"):
        who = ["--replicate", replicate, "--participant", "3"]
        assert call(["replay", str(judged_by_another / folder), *who, *figure]) == 0


def test_performance_marks_what_does_not_allow_for_the_looks(judged_by_another, capsys):
    study = str(judged_by_another / "run")
    assert call(["performance", study]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "t-test on change, difference *" in printed
    assert "* P values and intervals are not adjusted for the looks." in printed
    assert call(["performance", study, "--json"]) == 0
    adjusted = [
        m for m in json.loads(capsys.readouterr().out)["measures"] if m["adjusted_for_looks"]
    ]
    assert {(m["analysis"], m["visit"]) for m in adjusted} == {("ancova", "3 months")}


def test_performance_counts_the_trials_that_reached_a_visit(tmp_path, capsys):
    out = tmp_path / "study"
    wide = settings_of(
        "trial.sample_size=60", "recruitment.interest_per_day=20", LOOK,
        "trial.interim.futility=0.1", "course.effect=[-1.5, -1.5, -1.5, -1.5]",
    )  # fmt: skip
    few = ["--replicates", "5", "--jobs", "1", "--out", str(out)]
    assert call(["run", "planned_2018", *wide, *few]) == 0
    estimates = pd.read_parquet(out / "estimates.parquet").query("analysis == 'clda'")
    reached = estimates[estimates["outcome"] == "rmdq"].groupby("visit")["replicate"].nunique()
    assert 0 < reached["9 months"] < reached["3 months"] == 5
    capsys.readouterr()
    assert call(["performance", str(out)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert f"At 9 months, {reached['9 months']} of 5 trials" in printed
    assert "At 3 months, " not in printed
    assert (
        "At visits that stopped trials did not reach, all numbers are of the other trials."
        in printed
    )


def test_the_export_of_a_stopped_trial_can_be_analysed(tmp_path, capsys):
    plan = tmp_path / "plan.toml"
    plan.write_text(
        'extends = "planned_2018"\nname = "plan"\n'
        "[trial]\nsample_size = 60\n[trial.interim]\nlooks = [0.5]\n"
        "[recruitment]\ninterest_per_day = 20.0\n[course]\neffect = [-6.0, -6.0, -6.0, -6.0]\n"
    )
    out = tmp_path / "trial"
    assert call(["trial", str(plan), "--out", str(out), "--export", "csv"]) == 0
    tables = [str(out / f"{name}.csv") for name in ("participants", "visits")]
    capsys.readouterr()
    assert call(["analyse", *tables, "--plan", str(plan), "--json"]) == 0
    shown = capsys.readouterr()
    assert "has interim looks: these P values do not allow for them" in shown.err
    found = {
        (e["analysis"], e["visit"], e["contrast"]): e for e in json.loads(shown.out)["estimates"]
    }
    made = pd.read_csv(out / "estimates.csv")
    assert len(found) == len(made)
    assert set(made["visit"]) == {"6 weeks", "3 months"}
    for row in made[made["converged"]].to_dict("records"):
        mine = found[row["analysis"], row["visit"], row["contrast"]]
        assert mine["estimate"] == pytest.approx(row["estimate"], rel=1e-12)
    early = pd.read_csv(tables[1])
    early.loc[early["visit"] == "3 months", "rmdq"] = float("nan")
    tables = [str(shutil.copy(tables[0], tmp_path)), str(tmp_path / "visits.csv")]
    early.to_csv(tables[1], index=False)
    assert call(["analyse", *tables, "--plan", str(plan)]) == 2
    error = capsys.readouterr().err
    assert "an arm has no answer at the primary visit, 3 months" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("looks=[0.5, 0.4]", "looks: 0.4 after 0.5 is not allowed: each look must be at least"),
        ("looks=[0.5, 0.505]", "0.505 after 0.5 is not allowed"),
        ("looks=[1.2]", "trial.interim.looks[0] = 1.2 is not allowed: must be below 1"),
        ("looks=[0.0]", "trial.interim.looks[0] = 0.0 is not allowed: must be above 0"),
        ("looks=0.5", "trial.interim.looks = 0.5 is not allowed: must be a list"),
        ("boundary=haybittle", 'boundary = "haybittle" is not allowed: must be'),
        ("futility=0.9", "trial.interim.futility = 0.9 is not allowed: must be at most 0.5"),
        ("futilty=0.1", "did you mean trial.interim.futility?"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_one_line(value, told, capsys):
    assert call(["trial", "planned_2018", "--set", f"trial.interim.{value}"]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_trials_too_small_for_any_estimate_are_told_all_the_same(tmp_path, capsys):
    out = tmp_path / "tiny"
    tiny = ["--set", "trial.sample_size=4", "--set", "followup.missingness=mcar"]
    arguments = ["run", "interim_obrien_fleming", *tiny, "--replicates", "2", "--jobs", "1"]
    assert call([*arguments, "--out", str(out)]) == 0
    assert "Looks without an estimate" in capsys.readouterr().out
    assert "NaN" not in (out / "summary.json").read_text("utf-8")
