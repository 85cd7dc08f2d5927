import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.streams import BLOCK, Mechanism, Streams, normals_by_name, uniforms_by_name


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


NAMES = st.lists(st.text(min_size=1), unique=True, min_size=1, max_size=8)


@settings(max_examples=30)
@given(names=NAMES, more=NAMES, few=st.integers(1, 20), further=st.integers(0, 300), seed=st.data())
def test_what_a_name_draws_depends_on_no_other_name_nor_person(names, more, few, further, seed):
    streams = Streams(7, 0)
    together = seed.draw(st.permutations([*names, *(name for name in more if name not in names)]))
    for draw in (normals_by_name, uniforms_by_name):
        alone = draw(streams.generator(Mechanism.TRAITS, 1), names, few)
        whole = draw(streams.generator(Mechanism.TRAITS, 1), together, few + further)
        assert np.array_equal(alone, whole[[together.index(name) for name in names], :few])


def test_names_occasions_and_mechanisms_draw_independently():
    streams, persons = Streams(3, 0), 4000
    names = [f"item {number}" for number in range(30)]
    draws = np.concatenate(
        [
            normals_by_name(streams.generator(mechanism, day), names, persons, np.float32)
            for mechanism in (Mechanism.ITEM_CHANCE, Mechanism.INSTRUMENT)
            for day in (0, 42)
        ]
    )
    assert len(np.unique(draws[:, 0])) == len(draws)
    found = np.corrcoef(draws)[np.triu_indices(len(draws), 1)]
    # 7,140 correlations of standard error 1 / sqrt(n), whose squares sum to about their number.
    assert np.abs(found).max() < 5 / np.sqrt(persons)
    assert abs((found**2).mean() * persons - 1.0) < 5 * np.sqrt(2 / len(found))
    assert np.abs(draws.mean(axis=1)).max() < 5 / np.sqrt(persons)
    assert np.abs(draws.std(axis=1) - 1.0).max() < 5 / np.sqrt(2 * persons)


def test_parts_by_name_are_streams_of_their_own():
    streams = Streams(7, 0)
    weeks = [streams.uniforms(Mechanism.PAUSE, 3, 40, part) for part in ("start", "length", 0)]
    assert len(np.unique(weeks)) > 0.99 * np.size(weeks)


def test_only_a_generator_that_can_be_sent_to_a_place_draws_by_name():
    other = np.random.Generator(np.random.MT19937(1))
    with pytest.raises(TypeError, match="need PCG64, not MT19937"):
        normals_by_name(other, ["age"], 1)


def test_what_a_name_draws_never_changes():
    generator = Streams(20210802, 0).generator(Mechanism.TRAITS, 0)
    assert normals_by_name(generator, ["age"], 2).tolist() == [
        [-0.18431610433129303, -0.25754919752880845]
    ]


def test_numbers_of_mechanisms_never_change():
    # Renumbering would change every published result: a new mechanism gets a new number.
    assert {m.name: m.value for m in Mechanism}["INTEREST"] == 1
    assert Mechanism.NORMAL_SCORES == 28
    assert len({m.value for m in Mechanism}) == len(Mechanism)
    first = Streams(20210802, 0).generator(Mechanism.COURSE).random(2)
    assert first.tolist() == [0.4463287934227379, 0.6710070632953951]
