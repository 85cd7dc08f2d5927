"""Levels that depend on another trait: the table that is asked for, margins as stated."""

import numpy as np
import pytest
from scipy import special, stats

from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from scenarios.people.given import given_scores, joint_levels
from scenarios.people.patients import Bounded, Categories, Given, Population
from scenarios.people.quantiles import score_of, values_from_scores

N = 50_000
MARGINS = {
    "age": Bounded(kind="bounded", mean=47.5, sd=14.7, low=18.0, high=90.0),
    "duration": Categories(
        kind="categories", levels=("short", "middle", "long"), shares=(0.2, 0.2, 0.6)
    ),
    "days": Categories(kind="categories", levels=("few", "many", "all"), shares=(0.15, 0.4, 0.45)),
    "work": Categories(kind="categories", levels=("other", "full-time"), shares=(0.4, 0.6)),
}
DAYS = Given(by="duration", weights=((1.0, 1.0, 0.0), (0.0, 1.0, 0.0), (0.0, 1.0, 1.0)))
WORK = Given(by="age", cuts=(25.0, 65.0), weights=((1.0, 0.3), (1.0, 1.0), (1.0, 0.05)))


def population(**given):
    correlations = {"duration": {"days": 0.5}, "age": {"work": -0.2}}
    return Population(margins=MARGINS, correlations=correlations, given=given)


def drawn(people):
    matrix = people.correlation_matrix()
    scores = np.random.default_rng(1).multivariate_normal(np.zeros(len(matrix)), matrix, N).T
    return dict(zip(people.margins, scores, strict=True))


def test_without_weights_of_its_own_the_table_is_that_of_the_copula():
    even = Given(by="duration", weights=((1.0, 1.0, 1.0),) * 3)
    table = joint_levels(population(days=even), "days").joint
    edges = [
        np.concatenate([[-9.0], special.ndtri(np.cumsum(MARGINS[name].shares)[:-1]), [9.0]])
        for name in ("duration", "days")
    ]
    normal = stats.multivariate_normal([0.0, 0.0], [[1.0, 0.5], [0.5, 1.0]])
    below = np.array([[normal.cdf([a, b]) for b in edges[1]] for a in edges[0]])
    assert table == pytest.approx(np.diff(np.diff(below, axis=0), axis=1), abs=2e-5)


def test_weights_multiply_the_odds_ratios_and_leave_the_margins():
    plain = Given(by="age", cuts=WORK.cuts, weights=((1.0, 1.0),) * 3)
    before, after = (joint_levels(population(work=g), "work").joint for g in (plain, WORK))

    def ratios(table):
        return (table[:, 1] / table[:, 0]) / (table[1, 1] / table[1, 0])

    assert ratios(after) / ratios(before) == pytest.approx([0.3, 1.0, 0.05])
    assert after.sum(axis=0) == pytest.approx([0.4, 0.6])
    assert after.sum(axis=1) == pytest.approx(before.sum(axis=1))


def test_people_are_as_the_table_says_and_none_where_it_says_none():
    people = population(days=DAYS, work=WORK)
    scores = drawn(people)
    moved = given_scores(people, scores)
    values = {
        name: values_from_scores(margin, moved.get(name, scores[name]))
        for name, margin in MARGINS.items()
    }
    group = {
        "days": values["duration"].astype(int),
        "work": np.digitize(values["age"], WORK.cuts),
    }
    for name, codes in group.items():
        table = joint_levels(people, name).joint
        found = np.zeros(table.shape)
        np.add.at(found, (codes, values[name].astype(int)), 1.0 / N)
        assert (found[table == 0.0] == 0.0).all()
        assert (np.abs(found - table) <= 4.5 * np.sqrt(table * (1 - table) / N)).all()


def test_scores_stay_standard_normal_and_keep_their_order_within_a_group():
    people = population(days=DAYS, work=WORK)
    scores = drawn(people)
    for name, moved in given_scores(people, scores).items():
        assert stats.kstest(moved, "norm").pvalue > 1e-3
        code = values_from_scores(MARGINS["duration"], scores["duration"])
        if name == "days":
            for level in range(3):
                order = np.argsort(scores[name][code == level])
                assert (np.diff(moved[code == level][order]) >= 0.0).all()


def test_nothing_depends_on_anything_unless_it_is_stated():
    assert given_scores(population(), drawn(population())) == {}


def test_scores_of_values_are_those_the_values_come_from():
    for margin in load_scenario("selfback_2021").population.margins.values():
        if not isinstance(margin, Categories):
            values = values_from_scores(margin, np.array([-1.5, 0.2, 2.0]))
            assert [score_of(margin, value) for value in values] == pytest.approx([-1.5, 0.2, 2.0])


AGED = "population.given.sex={{by='age',cuts={},weights={}}}"


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("population.given.ag={by='age',cuts=[50.0],weights=[[1.0],[1.0]]}", "mean 'age'"),
        ("population.given.bmi={by='sex',weights=[[1.0],[1.0]]}", "bmi is a number"),
        ("population.given.sex={by='ages',weights=[[1.0],[1.0]]}", "did you mean 'age'"),
        ("population.given.sex={by='sex',weights=[[1.0],[1.0]]}", "depends on no other"),
        ("population.given.sex={by='duration',cuts=[1.0],weights=[[1.0]]}", "at least 2"),
        (AGED.format("[50.0, 40.0]", "[[1.0, 1.0], [1.0, 1.0]]"), "must rise"),
        (AGED.format("[10.0]", "[[1.0, 1.0], [1.0, 1.0]]"), "between 18 and 90"),
        (AGED.format("[50.0]", "[[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]"), "2 groups of age"),
        (AGED.format("[50.0]", "[[1.0, 1.0], [1.0, 1.0, 1.0]]"), "2 levels of sex"),
        (AGED.format("[50.0]", "[[1.0, 1.0], [0.0, 0.0]]"), "one must be above 0"),
        (AGED.format("[50.0]", "[[1.0, 0.0], [0.0, 1.0]]"), "too many are 0"),
    ],
)
def test_tables_that_cannot_be_are_refused(override, told):
    with pytest.raises(InputError, match=told):
        load_scenario("selfback_2021", [override])


def test_a_normal_course_has_a_copula_alone():
    weights = "population.given.sex={by='age',cuts=[50.0],weights=[[1.0, 0.0], [0.0, 1.0]]}"
    plain = load_scenario("planned_2018", ["population.given={}"])
    given = load_scenario("planned_2018", [weights])
    assert given.population.given
    assert given.people == plain.population
