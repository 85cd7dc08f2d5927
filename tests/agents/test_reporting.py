"""What expectation adds to answers: how much, for how long, and what the ends of scales leave."""

import numpy as np
import pytest

from agents.instruments import eq_5d
from agents.instruments.questionnaires import QUESTIONNAIRES, item_scale
from agents.reporting import expected_shift, latent_shift
from scenarios.loading.load import load_scenario

HOPES = (
    "reporting.expectation.intervention={rmdq=0.5, pseq=0.5}",
    "reporting.sd={rmdq=5.0, pseq=10.0}",
    "reporting.half_life=90",
)
CAUSES = ("disability", "pain", "depression", "stress")


@pytest.fixture(scope="module")
def scenario():
    return load_scenario("selfback_2021", HOPES)


def shift(scenario, outcome, arm, days):
    return expected_shift(
        scenario.reporting, scenario.arms, scenario.outcome(outcome), np.array(arm), np.array(days)
    )


def test_the_shift_is_towards_better_in_the_arm_that_hopes_and_in_no_other(scenario):
    assert shift(scenario, "rmdq", [0, 1, -1], [0, 0, 0]).tolist() == [0.0, -2.5, 0.0]
    assert shift(scenario, "pseq", [0, 1, -1], [0, 0, 0]).tolist() == [0.0, 5.0, 0.0]
    assert shift(scenario, "bipq", [0, 1], [0, 0]).tolist() == [0.0, 0.0]


def test_the_shift_halves_with_every_half_life(scenario):
    assert shift(scenario, "rmdq", 1, [0, 90, 180, 270]) == pytest.approx(
        [-2.5, -1.25, -0.625, -0.3125]
    )
    lasting = load_scenario("selfback_2021", HOPES[:2])
    assert shift(lasting, "rmdq", 1, [0, 270]).tolist() == [-2.5, -2.5]


def test_an_arm_that_is_like_another_expects_as_much():
    scenario = load_scenario("sham_app")
    assert shift(scenario, "rmdq", [0, 1], [42, 42]) == pytest.approx([-0.17 * 5.06] * 2)
    same = load_scenario("selfback_2021", [*HOPES, "arms[0].like='intervention'"])
    assert shift(same, "rmdq", [0, 1], [0, 0]).tolist() == [-2.5, -2.5]


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_totals_of_items_move_by_the_shift_and_stay_within_the_scale(scenario, name):
    scale = item_scale(name, getattr(scenario.mechanisms.instruments, name))
    low, high = scale.total_range
    rng, m, items = np.random.default_rng(3), 20_000, len(scale.difficulties)
    leaning, chance = rng.standard_normal((2, m, items))
    middle = np.full(m, 0.5 * (low + high))
    points = 0.1 * (high - low)
    usual = scale.score(scale.fill_in(middle, leaning, chance))
    better = scale.score(scale.fill_in(middle - points, leaning, chance))
    error = (usual - better).std() / np.sqrt(m)
    assert (usual - better).mean() == pytest.approx(points, abs=4.0 * error)
    # Near the end of the scale there is less to say, and nobody says more than there is.
    near = np.full(m, low + 0.03 * (high - low))
    usual, better = (
        scale.score(scale.fill_in(near - less, leaning, chance)) for less in (0.0, points)
    )
    assert better.min() == low
    assert 0.0 < (usual - better).mean() < 0.5 * points
    assert (better <= usual).all()


@pytest.mark.parametrize("points", [0.02, 0.05, -0.05])
def test_the_expected_eq_5d_index_moves_by_the_shift(scenario, points):
    parameters = scenario.mechanisms.instruments.eq_5d
    rng, m = np.random.default_rng(4), 40_000
    causes = dict(zip(CAUSES, (np.full(m, v) for v in (12.0, 5.0, 0.0, 0.0)), strict=True))
    leaning, chance = rng.standard_normal((2, m, 5))
    more = eq_5d.shift_of(parameters, causes, np.full(m, points))
    plain, moved = (
        eq_5d.index(eq_5d.answer_dimensions(parameters, causes, leaning, chance, by))
        for by in (None, more)
    )
    assert eq_5d.expected_index(parameters, causes, np.zeros(m))[0] == pytest.approx(
        plain.mean(), abs=4.0 * plain.std() / np.sqrt(m) + 5e-4
    )
    error = (moved - plain).std() / np.sqrt(m)
    assert (moved - plain).mean() == pytest.approx(points, abs=4.0 * error)


def test_nobody_is_healthier_than_full_health(scenario):
    parameters = scenario.mechanisms.instruments.eq_5d
    causes = {cause: np.zeros(3) for cause in CAUSES}
    more = eq_5d.shift_of(parameters, causes, np.array([0.5, 0.0, -0.1]))
    reached = eq_5d.expected_index(parameters, causes, more)
    assert reached[0] == pytest.approx(1.0, abs=1e-3)
    assert more[1] == 0.0
    assert more[0] < 0.0 < more[2]


def test_a_latent_shift_is_the_inverse_of_what_is_expected():
    slopes = np.array([2.0, -3.0])
    falling = latent_shift(lambda rows, more: slopes[1] * more + rows, np.array([3.0, 0.0, -6.0]))
    assert falling == pytest.approx([-1.0, 0.0, 2.0])
    rising = latent_shift(lambda rows, more: slopes[0] * more + rows, np.array([3.0]))
    assert rising == pytest.approx([1.5])
