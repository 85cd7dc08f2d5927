import numpy as np
import pandas as pd
import pytest

from agents.care.contacts import had
from agents.symptoms import LEAD_IN
from analysis.replicates.targets import simulated_numbers
from analysis.replicates.validation import compare_targets
from scenarios.loading.load import load_scenario
from scenarios.targets import Target
from sim.replicates.between_visits import between_visits, recurred, within_person
from sim.replicates.compared import Compared
from sim.simulate import simulate_unasked
from sim.tables.app_tables import plans_table
from sim.tables.care_tables import care_table
from sim.tables.trial_tables import participants_table, trial_data
from sim.trial import Trial


def course(*pieces: tuple[float, int]) -> np.ndarray:
    return np.concatenate([np.full(days, pain) for pain, days in pieces])


def test_a_recurrence_is_a_day_of_pain_within_90_days_of_a_week_without():
    pain = np.array(
        [
            course((5.0, 20), (1.0, 7), (1.5, 40), (2.0, 1), (0.0, 132)),  # back
            course((5.0, 20), (0.0, 7), (1.9, 173)),  # some pain, never 2
            course((5.0, 20), (0.0, 97), (6.0, 83)),  # back on day 91
            course((5.0, 20), (0.0, 6), (5.0, 174)),  # six days are no recovery
            course((5.0, 150), (0.0, 7), (5.0, 43)),  # not followed for 90 days
        ]
    )
    assert recurred(pain).tolist() == [True, False, False]


def test_a_correlation_within_persons_knows_nothing_of_their_levels():
    generator = np.random.default_rng(2)
    own = generator.normal(0.0, 5.0, (400, 1))
    shared = generator.normal(size=(400, 10))
    one = own + shared + generator.normal(size=(400, 10))
    other = -own + shared + generator.normal(size=(400, 10))
    # Half of each variance is shared; 3,600 degrees of freedom.
    assert within_person(one, other) == pytest.approx(0.5, abs=4.5 * 0.75 / 60.0)


@pytest.fixture(scope="module")
def trial(small):
    return simulate_unasked(small, 0)


@pytest.fixture(scope="module")
def figures(trial):
    return {figure.name: figure for figure in between_visits(trial)}


def numbers(trial: Trial, arm: str) -> list[int]:
    """Return the numbers of an arm's participants."""
    people = participants_table(trial, trial_data(trial)).to_pandas()
    return people.loc[people["arm"] == arm, "participant"].tolist()


def test_figures_of_a_trial_have_their_names_and_numbers(figures, small):
    assert list(figures) == [
        "pain is back within 90 days of a recovery, usual care",
        "pain kept at 6 weeks, episodes of over 12 weeks, usual care",
        "pain with disability within persons, weekly",
        "worst pain above the mean, days of pain",
        "change of rmdq with change of pseq",
        "change of rmdq with change of fabq",
        "below 5,000 steps a day",
        "exercise sessions in 13 weeks, app",
        "band still worn 100 days after installation",
        "a flare after exercise, ever, app",
        "pain with opening the app within persons",
        "recovery without the app, adherent less others, SD",
        "plans with the exercises of the plan before",
        "imaging in 9 months, usual care",
        "on sick leave at baseline, of the employed",
        "employed full-time at 65 to 69 years",
    ]
    assert figures["below 5,000 steps a day"].n == small.trial.sample_size
    correlations = {name for name in figures if " with " in name and "plans" not in name}
    assert len(correlations) == 4
    unbounded = {
        "pain kept at 6 weeks, episodes of over 12 weeks, usual care",
        "exercise sessions in 13 weeks, app",
        "recovery without the app, adherent less others, SD",
    }
    for name, figure in figures.items():
        assert figure.n > 0, name
        if name not in unbounded:
            assert (-1.0 if name in correlations else 0.0) <= figure.value <= 1.0, name


def test_who_works_full_time_is_told_by_the_name_of_the_level():
    levels = '["full-time", "part-time", "other"]'
    scenario = load_scenario(
        "selfback_2021",
        [
            "trial.sample_size=40", "population.given={}", "app.never_installed=1.0",
            "population.margins.age.mean=67.0", "population.margins.age.sd=2.0",
            f"population.margins.employment.levels={levels}",
            "population.margins.employment.shares=[0.5, 0.3, 0.2]",
        ],
    )  # fmt: skip
    trial = simulate_unasked(scenario, 0)
    people = participants_table(trial, trial_data(trial)).to_pandas()
    old = people[(people["age"] >= 65.0) & (people["age"] < 70.0)]
    (found,) = (f for f in between_visits(trial) if f.name.startswith("employed full-time"))
    assert found.n == len(old) > 0
    assert found.value == pytest.approx((old["employment"] == "full-time").mean())


def test_pain_goes_with_opening_as_deviations_from_own_means_say(trial, figures):
    rows = trial.cohort.randomized[np.array(numbers(trial, "intervention")) - 1]
    days = pd.DataFrame(
        {
            "row": np.repeat(rows, 84),
            "pain": trial.daily_symptoms()["pain"][rows, LEAD_IN + 7 : LEAD_IN + 91].ravel(),
            "opened": trial.records.did("opened")[rows, LEAD_IN + 7 : LEAD_IN + 91].ravel(),
        }
    ).astype(float)
    own = days.groupby("row")
    days = days[own["opened"].transform("nunique") > 1]  # who never or always opens tells nothing
    from_own = days - days.groupby("row").transform("mean").assign(row=0.0)
    found = figures["pain with opening the app within persons"]
    assert found.value == pytest.approx(from_own["pain"].corr(from_own["opened"]), rel=1e-4)
    assert found.n == days["row"].nunique()


def test_adherent_participants_recover_by_themselves_as_the_course_says(trial, figures):
    app = numbers(trial, "intervention")
    plan = trial.scenario.analysis
    made = plans_table(trial).to_pandas()
    early = made[made["study_day"] < 7 * plan.adherence_weeks]
    plans = early.groupby("participant").size().reindex(app, fill_value=0)
    rows = trial.cohort.randomized[np.array(app) - 1]
    recovered = pd.Series(trial.trajectories.natural.pain_relief[rows, -1].astype(float), app)
    adherent = plans >= plan.adherence_plans
    assert 0 < adherent.sum() < len(app)
    gap = recovered[adherent].mean() - recovered[~adherent].mean()
    found = figures["recovery without the app, adherent less others, SD"]
    assert found.value == pytest.approx(gap / recovered.std(ddof=0), rel=1e-4)
    assert found.n == len(app)


def test_plans_are_compared_with_the_plan_before_of_the_same_person(trial, figures):
    plans = plans_table(trial).to_pandas().sort_values(["participant", "day"], kind="stable")
    before = plans.groupby("participant")["exercises"].shift()
    later = plans[before.notna()]
    same = later["exercises"] == before[before.notna()]
    found = figures["plans with the exercises of the plan before"]
    assert 0.0 < found.value < 1.0
    assert (found.value, found.n) == (same.mean(), len(same))


def test_lists_that_never_change_are_all_those_of_the_plan_before(small):
    same = simulate_unasked(
        small.model_copy(
            update={
                "recommender": small.recommender.model_copy(
                    update={"kind": "generic", "variety": 1}
                )
            }
        ),
        0,
    )
    found = {figure.name: figure.value for figure in between_visits(same)}
    assert found["plans with the exercises of the plan before"] == 1.0


def test_care_and_work_are_those_of_the_table(trial, figures):
    care = care_table(trial).to_pandas()
    control = numbers(trial, "control")
    imaged = care.loc[care["kind"] == "imaging", "participant"]
    found = figures["imaging in 9 months, usual care"]
    assert 0.0 < found.value < 1.0
    assert (found.value, found.n) == (np.isin(control, imaged).mean(), len(control))
    people = participants_table(trial, trial_data(trial)).to_pandas()
    away = care.loc[(care["kind"] == "sick_leave") & (care["day"] == 0), "participant"]
    employed = people.loc[people["employment"] == "full-time", "participant"]
    found = figures["on sick leave at baseline, of the employed"]
    assert 0.0 < found.value < 1.0
    assert (found.value, found.n) == (employed.isin(away).mean(), len(employed))


def test_imaging_after_the_last_visit_is_not_of_9_months():
    steady = ("care.imaging.per_week=0.05", "care.fading=1e6", "care.spread=0.0")
    scenario = load_scenario("selfback_2021", ["trial.sample_size=200", *steady])
    trial = simulate_unasked(scenario, 0)
    (figure,) = (each for each in between_visits(trial) if each.name.startswith("imaging"))
    contacts = trial.care().contacts
    last = LEAD_IN + scenario.trial.visits[-1].day
    control = trial.cohort.randomized[np.array(numbers(trial, "control")) - 1]
    assert figure.value == had(contacts[control, : last + 1], "imaging").any(axis=1).mean()
    assert figure.value < had(contacts[control], "imaging").any(axis=1).mean()


def test_a_scenario_without_care_has_no_figures_of_it(small):
    without = simulate_unasked(small.model_copy(update={"care": None}), 0)
    names = {figure.name for figure in between_visits(without)}
    assert len(names) == 14
    assert not any("imaging" in name or "sick leave" in name for name in names)


def test_where_nobody_is_counted_a_figure_is_missing():
    nobody = load_scenario("selfback_2021", ["trial.sample_size=30", "app.never_installed=1.0"])
    trial = simulate_unasked(nobody, 0)
    found = {figure.name: figure for figure in between_visits(trial)}
    missing = {
        "pain with opening the app within persons": 0,
        "recovery without the app, adherent less others, SD": len(numbers(trial, "intervention")),
        "plans with the exercises of the plan before": 0,
    }
    for name, n in missing.items():
        assert np.isnan(found[name].value)
        assert found[name].n == n
    one = load_scenario("selfback_2021", ["trial.sample_size=1"])
    found = {figure.name: figure for figure in between_visits(simulate_unasked(one, 0))}
    assert found["imaging in 9 months, usual care"].n == 0
    assert all(np.isnan(figure.value) for figure in found.values() if not figure.n)


def test_a_plain_course_has_nothing_between_the_visits():
    plain = load_scenario("planned_2018", ["trial.sample_size=20"])
    with pytest.raises(TypeError, match="nothing between the visits"):
        between_visits(simulate_unasked(plain, 0))


def test_figures_are_there_where_a_number_is_compared_with_them(small):
    number = Target(
        section="Activity", label="few steps", value=0.16, n=1000, study="a cohort", source="test",
        role="held-out", table="between_visits", select={"figure": "below 5,000 steps a day"},
    )  # fmt: skip
    tables = Compared.with_all_of((number,), diagnostics=False)(small, 3)
    _, values = simulated_numbers(tables, (number,))
    own = {figure.name: figure.value for figure in between_visits(simulate_unasked(small, 3))}
    assert values.tolist() == [[own["below 5,000 steps a day"]]]
    without = Compared.with_all_of((), diagnostics=False)(small, 3)
    assert np.isnan(simulated_numbers(without, (number,))[1]).all()
    (found,) = compare_targets(tables, (number,))
    assert found.inside == (abs(found.mean - 0.16) <= 1.96 * number.own_error)
    assert found.z is not None
