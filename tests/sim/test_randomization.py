from itertools import islice

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.load import load_scenario
from sim.randomization import Randomizer, permuted_blocks
from sim.streams import Mechanism, Streams


@settings(derandomize=True, deadline=None, max_examples=50)
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


def test_both_orders_of_a_block_of_two_occur_equally_often():
    arms = np.array(
        list(islice(permuted_blocks((2,), (1, 1), np.random.default_rng(1)), 8000))
    ).reshape(-1, 2)
    assert (arms.sum(axis=1) == 1).all()
    first = arms[:, 0].mean()
    assert abs(first - 0.5) < 4 * 0.5 / np.sqrt(len(arms))


def test_strata_have_lists_of_their_own():
    design = load_scenario("selfback_2021").trial
    assert len(design.strata) == 7
    alone, among = (Randomizer(design, Streams(5, 0)) for _ in range(2))
    expected = [alone.allocate(2) for _ in range(40)]
    found = []
    for _ in range(40):
        among.allocate(0)
        found.append(among.allocate(2))
        among.allocate(6)
    assert found == expected


def test_block_sizes_are_drawn_from_the_allocation_stream():
    design = load_scenario("selfback_2021").trial
    generator = Streams(5, 0).generator(Mechanism.ALLOCATION, 0)
    by_hand = list(islice(permuted_blocks(design.block_sizes, (1, 1), generator), 60))
    randomizer = Randomizer(design, Streams(5, 0))
    assert [randomizer.allocate(0) for _ in range(60)] == by_hand
