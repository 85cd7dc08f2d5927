import json

import numpy as np
import pandas as pd
import pytest

from analysis.interim import EFFICACY, FUTILITY, NOT_HELD
from scenarios.load import load_scenario
from sim import dataset
from sim.cli import call
from sim.costs import trial_costs
from sim.interim import conduct, hold_looks, look_days
from sim.replicate import PickedAnalyses, data_tables, run_trial
from sim.trial import simulate
from sim.truth import true_effects

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
    there, here = dataset.trial_data(whole, before=day), dataset.trial_data(ended)
    assert len(here) == len(there) > 0
    assert np.array_equal(here.arm, there.arm)
    assert np.array_equal(here.plans_made, there.plans_made)
    for outcome, scores in here.scores.items():
        assert np.array_equal(scores, there.scores[outcome], equal_nan=True)
    log = dataset.events_table(whole).to_pylist()
    assert dataset.events_table(ended).to_pylist() == [e for e in log if e["day"] < day]


@pytest.mark.parametrize("missingness", ["mar", "mnar"])
def test_a_stopped_trial_has_no_data_of_later_days(missingness):
    scenario = load_scenario("selfback_2021", [SIZE, f"followup.missingness={missingness}"])
    trial = simulate(scenario, 0, closes=150)
    entry = trial.cohort.entry[trial.cohort.randomized]
    data = dataset.trial_data(trial)
    tables = run_tables(trial, data)
    for name in ("symptoms", "steps"):
        day = entry[tables[name]["participant"] - 1] + tables[name]["day"]
        assert day.max() == 149
    assert (tables["plans"]["day"] < 150).all()
    visits = tables["missingness"]
    due = np.tile([visit.day for visit in scenario.trial.visits], len(entry))
    lived = np.repeat(trial.cohort.entered[trial.cohort.randomized], 4) + due < 150
    assert np.array_equal(visits["rmdq"].notna(), lived)
    left = tables["participants"]["withdrew_after_days"].dropna()
    assert (trial.cohort.entered[trial.cohort.randomized[left.index]] + left < 150).all()


def run_tables(trial, data):
    return {name: table.to_pandas() for name, table in data_tables(trial, data).items()}


def test_the_look_is_when_the_primary_visit_of_the_planned_share_is_over(whole):
    scenario = load_scenario("selfback_2021", [SIZE, "trial.interim.looks=[0.3, 0.6]"])
    trial = simulate(scenario, 0)
    entered = np.sort(trial.cohort.entered[trial.cohort.randomized])
    wait = 91 + scenario.followup.longest_answer
    for day, count in zip(look_days(trial), (24, 48), strict=True):
        over = entered + wait <= day
        assert over.sum() >= count
        assert (entered + wait <= day - 1).sum() < count
    # Looks move nobody's luck.
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
    assert looks.seen[-1].estimate == fixed
    assert looks.seen[-1].participants == 80


def test_a_stopped_trial_is_what_there_was_at_the_look(stopped):
    looks = stopped.looks
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
    flow = dataset.flow_counts(stopped.trial)
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
    trial = simulate(load_scenario("planned_2018", [*slowly, "trial.interim.looks=[0.05]"]), 0)
    looks = hold_looks(trial, "clda")
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
    assert "randomized and days are means over the trials" in capsys.readouterr().out
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
