from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.loading.load import load_scenario
from sim.core.streams import Mechanism, Streams
from sim.enrolment.randomization import SimpleRandomization, allocator, permuted_blocks
from sim.simulate import counterfactual, simulate


@settings(max_examples=50)
@given(
    control=st.integers(1, 3),
    intervention=st.integers(1, 3),
    factors=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    seed=st.integers(0, 1000),
)
def test_every_block_has_the_allocation_ratio(control, intervention, factors, seed):
    unit = control + intervention
    sizes = tuple(unit * factor for factor in factors)
    arms = list(
        islice(permuted_blocks(sizes, (control, intervention), np.random.default_rng(seed)), 500)
    )
    # Within a block the imbalance is at most what one block can hold of an arm.
    weighted = np.cumsum(np.where(np.array(arms) == 1, control, -intervention))
    assert np.abs(weighted).max() <= control * intervention * max(factors)
    if len(set(factors)) == 1:
        assert (weighted[sizes[0] - 1 :: sizes[0]] == 0).all()


@settings(max_examples=30)
@given(
    ratio=st.lists(st.integers(1, 3), min_size=3, max_size=5),
    factor=st.integers(1, 4),
    seed=st.integers(0, 1000),
)
def test_every_block_of_several_arms_holds_their_shares(ratio, factor, seed):
    size = factor * sum(ratio)
    blocks = permuted_blocks((size,), tuple(ratio), np.random.default_rng(seed))
    for block in np.array(list(islice(blocks, 10 * size))).reshape(-1, size):
        assert np.bincount(block, minlength=len(ratio)).tolist() == [factor * s for s in ratio]


def test_both_orders_of_a_block_of_two_occur_equally_often():
    arms = np.array(
        list(islice(permuted_blocks((2,), (1, 1), np.random.default_rng(1)), 8000))
    ).reshape(-1, 2)
    assert (arms.sum(axis=1) == 1).all()
    first = arms[:, 0].mean()
    assert abs(first - 0.5) < 4 * 0.5 / np.sqrt(len(arms))


def allocator_of(*overrides: str, replicate: int = 0):
    scenario = load_scenario("selfback_2021", overrides)
    cohort = simulate(load_scenario("selfback_2021", ["trial.sample_size=150"]), replicate).cohort
    return allocator(scenario, Streams(5, replicate), cohort), cohort


def test_strata_have_lists_of_their_own():
    alone, cohort = allocator_of()
    among, _ = allocator_of()
    mine = np.flatnonzero(cohort.stratum == 2)
    expected = [alone(row) for row in mine]
    assert len(mine) > 10
    found = {row: among(row) for row in range(len(cohort.stratum))}
    assert [found[row] for row in mine] == expected


def test_block_sizes_are_drawn_from_the_allocation_stream():
    allocate, cohort = allocator_of()
    sizes = load_scenario("selfback_2021").trial.randomization.block_sizes
    generator = Streams(5, 0).generator(Mechanism.ALLOCATION, 0)
    mine = np.flatnonzero(cohort.stratum == 0)
    by_hand = list(islice(permuted_blocks(sizes, (1, 1), generator), len(mine)))
    assert [allocate(row) for row in mine] == by_hand


def test_without_strata_there_is_one_list():
    allocate, cohort = allocator_of(
        "trial.randomization.kind=blocks", "trial.randomization.block_sizes=[4]"
    )
    arms = np.array([allocate(row) for row in range(len(cohort.stratum) // 4 * 4)])
    assert (arms.reshape(-1, 4).sum(axis=1) == 2).all()


@pytest.mark.parametrize("ratio", [(1, 1), (1, 2), (3, 1)])
def test_simple_randomization_is_binomial(ratio):
    share = ratio[1] / sum(ratio)
    n, trials = 200, 400
    coins = np.random.default_rng(3).random((trials, n))
    made = np.empty(trials)
    for trial, row in enumerate(coins):
        allocate = SimpleRandomization(ratio, row)
        made[trial] = sum(allocate(person) for person in range(n))
    variance = n * share * (1 - share)
    assert abs(made.mean() - n * share) < 4 * np.sqrt(variance / trials)
    # The variance of a sample variance of nearly normal counts is 2 variance^2 / (trials - 1).
    assert abs(made.var(ddof=1) / variance - 1) < 4 * np.sqrt(2 / (trials - 1))


def test_simple_randomization_of_three_arms_has_their_shares():
    found = SimpleRandomization((1, 2, 1), np.random.default_rng(4).random(20_000))
    shares = np.bincount(found.in_turn(np.arange(20_000))) / 20_000
    assert np.abs(shares - [0.25, 0.5, 0.25]).max() < 4 * 0.5 / np.sqrt(20_000)


def test_a_coin_belongs_to_the_person_whatever_the_order():
    forward, cohort = allocator_of("trial.randomization.kind=simple")
    backward, _ = allocator_of("trial.randomization.kind=simple")
    rows = list(range(len(cohort.stratum)))
    assert [forward(row) for row in rows] == [backward(row) for row in rows[::-1]][::-1]


METHODS = {
    "simple": ["trial.randomization.kind=simple"],
    "blocks": ["trial.randomization.kind=blocks", "trial.randomization.block_sizes=[4]"],
    "minimization": [
        (
            'trial.randomization={kind="minimization", factors=["country", "sex"], '
            'imbalance="range", probability=0.8}'
        )
    ],
}


@pytest.mark.parametrize("method", METHODS)
def test_everybody_has_the_other_arm_in_the_trials_other_half(method):
    scenario = load_scenario("planned_2018", ["trial.sample_size=80", *METHODS[method]])
    trial = simulate(scenario, 0)
    own, other = trial.cohort, counterfactual(trial).cohort
    rows = own.randomized
    assert np.array_equal(rows, other.randomized)
    assert np.array_equal(own.arm[rows], 1 - other.arm[rows])


@pytest.mark.parametrize("method", METHODS)
def test_a_smaller_trial_allocates_its_participants_as_a_larger_one(method):
    few, many = (
        simulate(load_scenario("planned_2018", [f"trial.sample_size={size}", *METHODS[method]]), 2)
        for size in (40, 400)
    )
    rows = few.cohort.randomized
    assert np.array_equal(rows, many.cohort.randomized[:40])
    assert np.array_equal(few.cohort.arm[rows], many.cohort.arm[rows])
