"""What a plain course cannot be is told in one line: the key, the value, what is allowed."""

from pathlib import Path

import pytest

from scenarios.errors import ScenarioError
from scenarios.loading.load import load_scenario

FILE = Path(__file__).parents[1] / "sim" / "plain_trial.toml"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("course.effect=[-1, -1]", "course.effect: 2 given, must be 4, one for each visit"),
        ("course.r2=1.0", "course.r2 = 1.0 is not allowed: must be below 1"),
        ("course.r2=0.95", "course.r2: 0.95 leaves nothing of the deviations"),
        ("course.prognosis.agee=1.0", "'agee' has no margin in population.margins: did you mean"),
        (
            "course.further.recovered.means=[0.2, 1.2, 0.3, 0.4]",
            "recovered.means: 1.2 is not allowed for recovered: a risk must be above 0 and below 1",
        ),
        ("course.correlation=[[1.2]]", "course.correlation: the matrix is not positive definite"),
        ("course.means=[14, 11, 10, 30, 9]", "course.means: 30 is not allowed for mood: must"),
        ("course.effect_size=-13", "course.effect_size: makes -1.5 of mood in the interv"),
        (
            'course.further.absence.effect_measure="odds ratio"',
            "'odds ratio' is not allowed for a count: must be 'difference' or 'ratio'",
        ),
        ("course.further.recovered.sd=[1, 1, 1, 1]", "is not allowed for a binary outcome"),
        ("course.between.mood.recover=0.2", "course.between: 'recover' is not one of mood,"),
        ("course.further.absence.dispersion=-1", "must be at least 0"),
        ('analysis.primary_outcome="recovered"', "must be one of gee logistic, risk difference"),
        ('analysis.continuous=["mood", "recovered"]', "is binary: must be in analysis.binary"),
        ('analysis.counts=["absences"]', "analysis.counts: 'absences' is not declared"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(change, told):
    with pytest.raises(ScenarioError) as error:
        load_scenario(FILE, [change])
    assert told in error.value.problems[0]


def test_an_effect_is_stated_once_and_the_last_layer_says_how():
    by_visit = "course.effect=[-1, -1, -1, -1]"
    found = load_scenario(FILE, [by_visit]).course
    assert (found.effect, found.effect_size) == ((-1.0, -1.0, -1.0, -1.0), None)
    with pytest.raises(ScenarioError) as error:
        load_scenario(FILE, [by_visit, "course.effect_size=-1"])
    assert "course.effect and course.effect_size: state the effect once" in error.value.problems[0]


def test_effects_are_differences_ratios_or_odds_ratios():
    course = load_scenario(FILE).course
    odds = course.further["recovered"].treated_means(4)
    assert odds[0] == pytest.approx(0.25 * 1.6 / (1 + 0.25 * 1.6))
    counts = course.further["absence"]
    assert counts.treated_means(4).tolist() == [5.0, 3.6, 3.0, 2.8, 2.5]
    assert counts.effects(4)[0] == pytest.approx(-0.4)
    assert course.treated_means(4).tolist() == [14.0, 9.5, 8.5, 8.0, 3.0]
    assert set(course.without_effect) == {
        "course.effect_size=0.0", "course.further.recovered.effect_size=1.0",
        "course.further.absence.effect_size=0.0",
    }  # fmt: skip
