"""A plain course of scores, events and counts: as stated, and the same by events and arrays."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from analysis.plan.analyse import analyse
from scenarios.loading.load import load_scenario
from sim.batches.plain import trials_at_once
from sim.simulate import simulate
from sim.tables.recorded_course import recorded_course
from sim.tables.trial_tables import trial_data
from sim.tables.true_effects import true_effects

FILE = Path(__file__).parents[1] / "plain_trial.toml"
MANY = 4000


def scenario(*changes):
    return load_scenario(FILE, changes)


@pytest.fixture(scope="module")
def many():
    """Return a large trial in which everybody answers."""
    (data,) = trials_at_once(scenario(f"trial.sample_size={MANY}"), [0])
    return data


def test_means_risks_and_rates_are_those_of_each_arm(many):
    visits = list(many.visits)
    for each in recorded_course(scenario()):
        scores = many.scores[each.outcome.name][:, visits.index(each.visit)]
        for arm, expected in enumerate(each.arms):
            mine = scores[many.arm == arm]
            error = expected.sd / np.sqrt(len(mine))
            assert mine.mean() == pytest.approx(expected.mean, abs=4.5 * error)
            # Kurtosis of counts is high: the SD of an SD is generous here.
            assert mine.std() == pytest.approx(expected.sd, rel=0.12)


def test_scores_stay_on_their_scale(many):
    scores = many.scores["mood"]
    assert scores.min() == 0.0
    assert scores.max() <= 27.0
    assert np.array_equal(scores, np.round(scores))
    assert set(np.unique(many.scores["recovered"][:, 1:])) == {0.0, 1.0}
    assert np.isnan(many.scores["recovered"][:, 0]).all()


def test_covariates_explain_the_stated_share():
    loose = scenario(f"trial.sample_size={MANY}", "course.on_scale=false")
    (data,) = trials_at_once(loose, [0])
    own = loose.course
    visit = 1
    sd = np.where(data.arm == 1, own.intervention_sd[visit - 1], own.sd[visit])
    mean = own.means[visit] + data.arm * own.effect_size
    deviation = (data.scores["mood"][:, visit] - mean) / sd
    X = np.column_stack([np.ones(MANY), data.traits["age"], data.traits["sex"]])
    rest = deviation - X @ np.linalg.lstsq(X, deviation)[0]
    explained = 1.0 - rest.var() / deviation.var()
    error = np.sqrt(4 * 0.2 * 0.8**2 / MANY)
    assert explained == pytest.approx(0.2, abs=4 * error)
    assert deviation.std() == pytest.approx(1.0, abs=4 / np.sqrt(2 * MANY))


def test_correlations_are_those_of_the_pattern_and_between_outcomes():
    text = (
        "course.intervention_sd=[]", "course.on_scale=false", f"trial.sample_size={MANY}",
        "course.effect_size=0", "course.r2=0.0",
    )  # fmt: skip
    (data,) = trials_at_once(scenario(*text), [1])
    found = np.corrcoef(data.scores["mood"].T)
    lags = np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    np.testing.assert_allclose(found, 0.7**lags, atol=4.5 / np.sqrt(MANY))
    # Fewer scores go with recovery; -0.6 is the correlation of what is new in both at a visit. At
    # the first, recovery is all new, and of mood the part that baseline does not tell. Of what is
    # left, an event of this risk shows the part of Pearson's biserial correlation.
    mood, recovered = data.scores["mood"][:, 1], data.scores["recovered"][:, 1]
    risk = recovered.mean()
    expected = (
        -0.6
        * np.sqrt(1 - 0.7**2)
        * stats.norm.pdf(stats.norm.ppf(risk))
        / np.sqrt(risk * (1.0 - risk))
    )
    assert np.corrcoef(mood, recovered)[0, 1] == pytest.approx(expected, abs=4.5 / np.sqrt(MANY))


def test_by_events_and_in_arrays_the_same():
    small = scenario("trial.sample_size=40", "followup.missingness=mar", "followup.dropout=0.2")
    (batch,) = trials_at_once(small, [3])
    single = trial_data(simulate(small, 3))
    assert batch.scores.keys() == single.scores.keys()
    for name, scores in single.scores.items():
        assert scores.tobytes() == batch.scores[name].tobytes()


def test_another_outcome_moves_nobody_elses_draws():
    both = trials_at_once(scenario("trial.sample_size=40"), [0])[0]
    alone = scenario(
        "trial.sample_size=40", "course.further={}", "course.between={}", "analysis.binary=[]",
        "analysis.counts=[]",
    )  # fmt: skip
    (one,) = trials_at_once(alone, [0])
    assert one.scores["mood"].tobytes() == both.scores["mood"].tobytes()


@pytest.mark.parametrize("file", [FILE, FILE.parent / "arms" / "three_arms_plain.toml"])
def test_the_truth_is_the_effect_as_recorded(file):
    large = load_scenario(file, ["trial.sample_size=1500"])
    truth = true_effects(simulate(large, 0)).to_pandas()
    truth = truth.set_index(["population", "contrast", "outcome", "visit"])
    reference, *others = large.arm_names
    for each in recorded_course(large):
        if each.visit == "baseline":
            continue
        for code, arm in enumerate(others, start=1):
            key = "all randomized", f"{arm} - {reference}", each.outcome.name, each.visit
            # A person's gain varies less than the scores of either arm.
            error = max(arm.sd for arm in each.arms) / np.sqrt(1500)
            assert truth.loc[key, "effect"] == pytest.approx(each.effect(code), abs=3 * error)


@pytest.mark.parametrize(
    ("primary", "analysis", "contrast"),
    [
        ("recovered", "gee logistic", "log odds ratio"),
        ("recovered", "risk difference", "difference"),
        ("absence", "gee rates", "log rate ratio"),
        ("absence", "negative binomial", "log rate ratio"),
    ],
)
def test_each_kind_of_primary_outcome_has_its_analyses(many, primary, analysis, contrast):
    alternatives = [] if analysis.startswith("gee") else [analysis]
    plan = scenario(
        f'analysis.primary_outcome="{primary}"', f'analysis.primary_analysis="{analysis}"',
        f"analysis.alternatives={alternatives}", "analysis.covariates=[]",
    ).analysis  # fmt: skip
    found = analyse(many, plan, np.random.default_rng(0), [analysis]).estimates
    row = next(e for e in found if (e.outcome, e.visit) == (primary, plan.primary_visit))
    assert row.contrast == contrast
    means = [
        many.scores[primary][many.arm == arm, many.visits.index(row.visit)].mean() for arm in (0, 1)
    ]
    # Without covariates and with nothing missing all are functions of the arms' means.
    expected = {
        "difference": means[1] - means[0],
        "log odds ratio": np.log(means[1] / (1 - means[1]) / (means[0] / (1 - means[0]))),
        "log rate ratio": np.log(means[1] / means[0]),
    }[contrast]
    assert row.estimate == pytest.approx(expected, rel=1e-6)
    if contrast == "difference":
        sizes = [(many.arm == arm).sum() for arm in (0, 1)]
        variance = sum(m * (1 - m) / n for m, n in zip(means, sizes, strict=True))
        assert row.se == pytest.approx(np.sqrt(variance), rel=1e-6)


def test_answers_depend_on_the_primary_outcome_as_reported():
    """Who reports a high score answers less often, by a negative slope on the last one."""
    large = scenario(
        "trial.sample_size=1500", "followup.missingness=mar", "followup.slopes.last=-0.2",
        "followup.slopes.age=0", "followup.slopes.baseline=0", "followup.dropout=0",
        "followup.arms.control.response=[0.7, 0.7, 0.7, 0.7]",
        "followup.arms.intervention.response=[0.7, 0.7, 0.7, 0.7]",
    )  # fmt: skip
    (data,) = trials_at_once(large, [0])
    before, then = data.scores["mood"][:, 0], data.scores["mood"][:, 1]
    silent = np.isnan(then)
    assert silent.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 1500) + 0.01)
    assert before[silent].mean() > before[~silent].mean() + 2.0
    assert np.array_equal(silent, np.isnan(data.scores["recovered"][:, 1]))
