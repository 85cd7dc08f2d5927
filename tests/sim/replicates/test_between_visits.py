import numpy as np
import pytest

from analysis.replicates.targets import simulated_numbers
from analysis.replicates.validation import compare_targets
from scenarios.loading.load import load_scenario
from scenarios.targets import Target
from sim.replicates.between_visits import between_visits, recurred, within_person
from sim.replicates.compared import Compared
from sim.simulate import simulate_unasked


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


def test_figures_of_a_trial_have_their_numbers(small):
    found = {figure.name: figure for figure in between_visits(simulate_unasked(small, 0))}
    assert len(found) == 10
    assert found["below 5,000 steps a day"].n == small.trial.sample_size
    shares = [figure.value for name, figure in found.items() if "rmdq" not in name]
    assert (np.isnan(shares) | (np.array(shares) >= -1.0)).all()


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
