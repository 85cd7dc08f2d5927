import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.streams import BLOCK, Mechanism, Streams


def test_a_stream_gives_the_same_draws_whenever_it_is_asked():
    streams = Streams(1, 2)
    first = streams.generator(Mechanism.FLARE, 3).random(5)
    streams.generator(Mechanism.TRAITS).random(100)
    assert np.array_equal(first, streams.generator(Mechanism.FLARE, 3).random(5))


def test_streams_differ_by_seed_replicate_mechanism_and_occurrence():
    draws = [
        Streams(seed, replicate).generator(mechanism, occurrence).random()
        for seed in (1, 2)
        for replicate in (0, 1)
        for mechanism in (Mechanism.FLARE, Mechanism.STEPS)
        for occurrence in (0, 1)
    ]
    assert len(set(draws)) == 16


@settings(max_examples=20)
@given(few=st.integers(1, 30), more=st.integers(0, 30), days=st.integers(1, 3 * BLOCK))
def test_a_cohort_is_the_beginning_of_a_larger_cohort(few, more, days):
    streams = Streams(7, 0)
    for draw in (streams.normals, streams.uniforms):
        small = draw(Mechanism.PAIN_DAY, few, days)
        large = draw(Mechanism.PAIN_DAY, few + more, days + more)
        assert np.array_equal(small, large[:few, :days])


def test_numbers_of_mechanisms_never_change():
    # Renumbering would change every published result: a new mechanism gets a new number.
    assert {m.name: m.value for m in Mechanism}["INTEREST"] == 1
    assert Mechanism.NORMAL_SCORES == 28
    assert len({m.value for m in Mechanism}) == len(Mechanism)
    first = Streams(20210802, 0).generator(Mechanism.COURSE).random(2)
    assert first.tolist() == [0.4463287934227379, 0.6710070632953951]
