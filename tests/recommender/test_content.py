import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from recommender.catalogue import EVERYBODY, LOADS, load_catalogue
from recommender.content import LONGEST, EducationChoice, ExerciseChoice
from recommender.protocol import ATTRIBUTES, EXERCISES, FEATURES, MESSAGES, TOOLS
from scenarios.loading.load import load_scenario

CATALOGUE = load_catalogue()
EXERCISE, EDUCATION = ExerciseChoice(CATALOGUE), EducationChoice(CATALOGUE)
SHORTEST = min(load_scenario("selfback_2021").limits.minutes.choices)
unit = st.floats(0.0, 1.0)


def plan_of(load=0.5, strength=0.5, reassurance=0.5) -> np.ndarray:
    return np.array([[load, strength, reassurance, 0.5]])


def chosen(load=0.5, strength=0.5, banned=0, minutes=20, turn=0) -> list:
    positions, _ = EXERCISE(
        plan_of(load, strength), np.array([banned]), np.array([minutes]), np.array([turn])
    )
    return [CATALOGUE.exercises[p] for p in positions[0] if p >= 0]


def test_the_catalogue_is_complete():
    assert len(CATALOGUE.exercises) == 26
    assert len(CATALOGUE.messages) == 56
    assert len(CATALOGUE.tools) == 4
    for items in (CATALOGUE.exercises, CATALOGUE.messages, CATALOGUE.tools):
        assert len({item.code for item in items}) == len({item.label for item in items})
        assert len({item.code for item in items}) == len(items)
    for exercise in CATALOGUE.exercises:
        assert exercise.type in {"strength", "flexibility"}
        assert 1 <= exercise.level <= 4
        assert set(exercise.loads) <= set(LOADS)
    audiences = {EVERYBODY, *CATALOGUE.audiences}
    for item in (*CATALOGUE.messages, *CATALOGUE.tools):
        assert item.audience in audiences
    for audience in CATALOGUE.audiences.values():
        assert audience.feature in FEATURES


@examples(max_examples=200)
@given(load=unit, strength=unit, banned=st.integers(0, (1 << len(LOADS)) - 1),
       minutes=st.integers(SHORTEST, LONGEST))  # fmt: skip
def test_exercises_are_not_contraindicated_and_fit_the_available_time(
    load, strength, banned, minutes
):
    exercises = chosen(load, strength, banned, minutes)
    assert exercises
    assert len(set(exercises)) == len(exercises) <= EXERCISES
    assert not any(exercise.load_bits & banned for exercise in exercises)
    assert sum(exercise.minutes for exercise in exercises) <= minutes


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_exercises_follow_the_share_of_strength(strength):
    exercises = chosen(0.5, strength, minutes=60)
    strong = np.mean([exercise.type == "strength" for exercise in exercises])
    assert strong == pytest.approx(strength, abs=0.5 / len(exercises))


def test_more_load_asks_for_harder_exercises():
    levels = [np.mean([e.level for e in chosen(load, 0.5)]) for load in (0.0, 0.5, 1.0)]
    assert levels[0] < levels[1] < levels[2]


def test_only_relevant_contraindications_are_reported():
    knee = 1 << LOADS.index("knee")
    plans = np.repeat(plan_of(0.0, 1.0), 2, axis=0)
    asked, avoided = EXERCISE(plans, np.array([0, knee]), np.full(2, 30), np.zeros(2, dtype=int))
    assert avoided.tolist() == [0, 1]
    assert asked[0].tolist() != asked[1].tolist()
    bends = np.array([1 << LOADS.index("flexion")])
    _, avoided = EXERCISE(plan_of(0.0, 1.0), bends, np.array([10]), np.array([0]))
    assert avoided.tolist() == [0]


@examples(max_examples=100)
@given(reassurance=unit, week=st.integers(0, 60), seed=st.integers(0, 1000))
def test_education_is_in_proportion_and_for_the_patient(reassurance, week, seed):
    features = np.random.default_rng(seed).random((1, len(FEATURES))) * [
        90, 10, 24, 4, 40, 60, 24, 2, 3, 3, 15_000, 7,
    ]  # fmt: skip
    messages, tools = EDUCATION(plan_of(reassurance=reassurance), features, np.array([week]))
    told = [CATALOGUE.messages[p] for p in messages[0]]
    assert len(set(told)) == MESSAGES
    share = np.mean([message.theme == "reassurance" for message in told])
    assert share == pytest.approx(reassurance, abs=0.5 / MESSAGES + 0.5 / 4)
    suggested = [CATALOGUE.tools[p] for p in tools[0] if p >= 0]
    assert 1 <= len(suggested) <= TOOLS
    for item in (*told, *suggested):
        if item.audience != EVERYBODY:
            audience = CATALOGUE.audiences[item.audience]
            value = features[0, FEATURES.index(audience.feature)]
            assert audience.at_least <= value <= audience.at_most


def test_messages_alternate():
    features = np.full((1, len(FEATURES)), np.nan)
    weeks = [
        tuple(EDUCATION(plan_of(reassurance=0.0), features, np.array([week]))[0][0])
        for week in range(4)
    ]
    assert len(set(weeks)) > 1


def test_requests_in_a_batch_get_the_same_content_as_single_requests():
    generator = np.random.default_rng(3)
    plans = generator.random((20, len(ATTRIBUTES)))
    banned, minutes = generator.integers(0, 32, 20), generator.integers(10, 40, 20)
    turns = generator.integers(0, 3, 20)
    together, _ = EXERCISE(plans, banned, minutes, turns)
    fresh = ExerciseChoice(CATALOGUE)
    for row in range(20):
        alone, _ = fresh(*(each[row : row + 1] for each in (plans, banned, minutes, turns)))
        assert np.array_equal(alone[0], together[row])


def test_lists_that_take_turns_differ_and_suit_alike():
    lists = [chosen(0.5, 0.5, turn=turn) for turn in range(3)]
    assert len({tuple(e.code for e in exercises) for exercises in lists}) == 3
    minutes = [sum(e.minutes for e in exercises) for exercises in lists]
    assert max(minutes) <= 20
    levels = [np.mean([e.level for e in exercises]) for exercises in lists]
    assert np.ptp(levels) < 1.0
