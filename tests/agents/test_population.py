import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from agents.correlation import correlate
from agents.population import NEED_NAMES, draw_patients
from scenarios.loading.load import load_scenario
from scenarios.people.patients import Bounded, Categories, LogNormal
from scenarios.people.quantiles import values_from_scores

N = 20_000


@pytest.fixture(scope="module")
def patients():
    scenario = load_scenario("selfback_2021")
    generator = np.random.default_rng(1)
    normals = generator.standard_normal((len(scenario.population.margins), N))
    return scenario, draw_patients(
        scenario.population, scenario.needs, normals, generator.standard_normal((4, N))
    )


def test_margins_have_their_means_sds_and_shares(patients):
    scenario, people = patients
    for name, margin in scenario.population.margins.items():
        values = people.values[name]
        if isinstance(margin, Categories):
            for code, share in enumerate(margin.shares):
                error = np.sqrt(share * (1 - share) / N)
                assert abs((values == code).mean() - share) < 5 * error
        elif isinstance(margin, Bounded | LogNormal):
            assert abs(values.mean() - margin.mean) < 5 * margin.sd / np.sqrt(N)
            assert values.std() == pytest.approx(margin.sd, rel=0.04)


def test_normal_scores_have_the_stated_correlations(patients):
    scenario, people = patients
    # Levels given by another trait depend on it beyond their correlation.
    order = [name for name in scenario.population.margins if name not in scenario.population.given]
    everybody = list(scenario.population.margins)
    found = np.corrcoef(np.column_stack([people.scores[name] for name in order]).T)
    place = [everybody.index(name) for name in order]
    stated = scenario.population.correlation_matrix()[np.ix_(place, place)]
    # The standard error of a correlation of normals is (1 - r^2) / sqrt(n).
    assert np.abs(found - stated).max() < 5 / np.sqrt(N)


def test_nobody_of_the_shipped_population_contradicts_himself(patients):
    scenario, people = patients
    levels = scenario.levels

    def at(trait, *named):
        return np.isin(people.values[trait], [levels[trait].index(name) for name in named])

    age = people.values["age"]
    short = at("lbp_days", "1-7 days", "8-30 days")
    assert not (short & at("duration", "5-12 weeks", ">12 weeks")).any()
    assert not (at("lbp_days", "1-7 days") & ~at("duration", "<1 week")).any()
    assert not (at("lbp_days", "daily") & ~at("duration", ">12 weeks")).any()
    assert not (at("education", ">12 years") & (age < 20.0)).any()
    full_time = at("employment", "full-time")
    for old, most in ((age >= 70.0, 0.05), ((age >= 65.0) & (age < 70.0), 0.16)):
        assert full_time[old].mean() < most + 4.5 * np.sqrt(most * (1 - most) / old.sum())
    middle = (age >= 25.0) & (age < 60.0)
    assert full_time[middle].mean() > 0.65
    efficacy = people.values["self_efficacy"]
    well, ill = at("comorbidities", "none"), at("comorbidities", "two or more")
    assert efficacy[well].mean() > efficacy[ill].mean() + 1.0


def test_without_levels_given_by_others_values_are_those_of_the_copula_to_the_last_bit():
    scenario = load_scenario("selfback_2021", ["population.given={}"])
    people, generator = scenario.population, np.random.default_rng(2)
    normals = generator.standard_normal((len(people.margins), 300))
    found = draw_patients(people, scenario.needs, normals, generator.standard_normal((4, 300)))
    scores = correlate(people.correlation_matrix(), normals)
    for (name, margin), own in zip(people.margins.items(), scores, strict=True):
        assert np.array_equal(found.scores[name], own)
        assert np.array_equal(found.values[name], values_from_scores(margin, own))


def test_needs_are_uniform_between_0_and_1(patients):
    _, people = patients
    for column in range(len(NEED_NAMES)):
        assert stats.kstest(people.needs[:, column], "uniform").pvalue > 1e-4


@settings(max_examples=60)
@given(
    low=st.floats(-50, 50),
    width=st.floats(1, 100),
    place=st.floats(0.1, 0.9),
    relative=st.floats(0.1, 0.9),
)
def test_a_bounded_margin_stays_in_its_bounds_and_rises_with_the_score(low, width, place, relative):
    high, mean = low + width, low + width * place
    sd = relative * np.sqrt((mean - low) * (high - mean))
    margin = Bounded(kind="bounded", mean=mean, sd=sd, low=low, high=high)
    values = values_from_scores(margin, np.linspace(-6, 6, 200))
    assert values.min() >= low - 1e-9
    assert values.max() <= high + 1e-9
    assert (np.diff(values) >= 0).all()


def test_a_bounded_margin_is_a_beta_distribution_in_closed_form():
    margin = Bounded(kind="bounded", mean=8.0, sd=4.0, low=0.0, high=24.0)
    scores = np.array([-2.0, -0.5, 0.0, 1.3])
    m, s = 8 / 24, 4 / 24
    k = m * (1 - m) / s**2 - 1
    exact = 24 * stats.beta(m * k, (1 - m) * k).ppf(stats.norm.cdf(scores))
    assert values_from_scores(margin, scores) == pytest.approx(exact, abs=1e-4)
