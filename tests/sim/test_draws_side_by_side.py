"""What is declared beside something moves none of its draws: all else is the same to the bit."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass

import numpy as np
import pytest

from agents.exercise_constraints import LOADS
from agents.instruments import ITEMS, LEANINGS, RATINGS
from scenarios.loading.load import load_scenario
from scenarios.people.patients import Bounded
from scenarios.schema import Scenario
from sim.app.draws import QUESTIONS
from sim.core.streams import Streams
from sim.enrolment.exercise_constraints import patient_constraints
from sim.simulate import simulate
from sim.trial import Trial

BELIEFS = ("pseq", "fabq", "bipq")
# Answers and reasons need no reference trial here, and nobody's plan is what others live to see.
ALONE = (
    "trial.sample_size=60", "followup.missingness=mcar", "followup.reasons={}",
    "recommender.retain=never",
)  # fmt: skip


def scenario_of(*overrides: str) -> Scenario:
    return load_scenario("selfback_2021", [*ALONE, *overrides])


def arrays_in(part: object, name: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Yield everything that a part of a trial holds, by name."""
    if isinstance(part, Scenario | Streams):
        return
    if is_dataclass(part):
        inside = {field.name: getattr(part, field.name) for field in fields(part)}
    elif isinstance(part, list | tuple):
        inside = dict(enumerate(part))
    elif isinstance(part, dict):
        inside = part
    elif hasattr(part, "__dict__"):
        inside = vars(part)
    else:
        yield name, np.asarray(part)
        return
    for key, value in inside.items():
        yield from arrays_in(value, f"{name}.{key}")


def assert_same(one: Trial, other: Trial, *, but: Callable[[str], bool] = lambda _: False) -> None:
    mine, theirs = dict(arrays_in(one)), dict(arrays_in(other))
    compared = {name for name in mine if not but(name)}
    assert len(compared) > 100
    assert compared <= set(theirs)
    for name in sorted(compared):
        assert same(mine[name], theirs[name]), name


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


@pytest.fixture(scope="module")
def base() -> Trial:
    return simulate(scenario_of(), 0)


def test_the_comparison_sees_a_difference(base):
    with pytest.raises(AssertionError, match="cohort"):
        assert_same(base, simulate(scenario_of("seed=1"), 0))


def declare(monkeypatch, declared: dict, **changed: tuple[str, ...]) -> None:
    """Put what is changed first, so that all that was declared before comes later."""
    before = dict(declared)
    for name in before:
        monkeypatch.delitem(declared, name)
    for name, items in (
        changed | {key: before[key] for key in before if key not in changed}
    ).items():
        monkeypatch.setitem(declared, name, items)


def test_an_item_in_the_middle_of_a_questionnaire(base, monkeypatch):
    scenario = scenario_of()
    old, pseq = ITEMS["pseq"], scenario.instruments.pseq
    longer = (*old[:3], "pseq_03b", *old[3:])
    declare(monkeypatch, ITEMS, pseq=longer)
    declare(monkeypatch, LEANINGS, pseq=longer)
    hard = (*pseq.difficulties[:3], 0.5, *pseq.difficulties[3:])
    instruments = scenario.instruments.model_copy(
        update={"pseq": pseq.model_copy(update={"difficulties": hard})}
    )
    trial = simulate(scenario.model_copy(update={"instruments": instruments}), 0)
    assert_same(base, trial, but=lambda name: "pseq" in name)
    assert not same(base.scores["pseq"], trial.scores["pseq"])
    leaning = trial.cohort.leaning["pseq"]
    assert same(base.cohort.leaning["pseq"], np.delete(leaning, 3, axis=0))


def test_a_questionnaire(base, monkeypatch):
    declare(monkeypatch, ITEMS, hads=("hads_01", "hads_02"))
    declare(monkeypatch, LEANINGS, hads=("hads_01", "hads_02"))
    trial = simulate(scenario_of(), 0)
    assert trial.cohort.leaning["hads"].shape == (2, len(trial.cohort.patients))
    assert_same(base, trial)


def test_a_rating(base, monkeypatch):
    monkeypatch.setattr("sim.followup.answers.RATINGS", ("nrs_night", *RATINGS))
    assert_same(base, simulate(scenario_of(), 0))


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_trait(base, place):
    scenario = scenario_of()
    margins, correlations = scenario.population.margins, scenario.population.correlations
    spare = {"sitting": Bounded(kind="bounded", mean=8.0, sd=2.0, low=0.0, high=16.0)}
    if place == "last":
        correlations = correlations | {"sitting": {"age": 0.3, "pain": 0.2}}
    population = scenario.population.model_copy(
        update={
            "margins": spare | margins if place == "first" else margins | spare,
            "correlations": correlations,
        }
    )
    trial = simulate(scenario.model_copy(update={"population": population}), 0)
    assert trial.cohort.patients.values["sitting"].std() > 1.0
    assert_same(base, trial)


def test_a_load(base, monkeypatch):
    for module in ("agents.exercise_constraints", "sim.enrolment.exercise_constraints"):
        monkeypatch.setattr(f"{module}.LOADS", ("neck", *LOADS))
    patients = base.cohort.patients
    more = patient_constraints(scenario_of(), Streams(20210802, 0), patients)
    monkeypatch.undo()
    limits = patient_constraints(scenario_of(), Streams(20210802, 0), patients)
    assert limits.contraindications.any()
    assert same(limits.contraindications << 1, more.contraindications)
    assert same(limits.minutes, more.minutes)


def test_a_question_of_the_session(base, monkeypatch):
    monkeypatch.setattr("sim.app.draws.QUESTIONS", (*QUESTIONS, "mood"))
    trial = simulate(scenario_of(), 0)
    assert_same(base, trial, but=lambda name: "plan_log" in name and name.endswith(".answered"))
    asked = np.concatenate([plans.answered for plans in base.plan_log])
    asked_more = np.concatenate([plans.answered for plans in trial.plan_log])
    assert same(asked, asked_more & (1 << len(QUESTIONS)) - 1)
    assert (asked_more >> len(QUESTIONS)).any()


@pytest.mark.parametrize(("day", "place"), [(60, 1), (365, 4)])
def test_a_visit(day, place):
    nobody = [f"followup.arms.{arm}.withdrawal=[0, 0, 0, 0]" for arm in ("control", "intervention")]
    scenario = scenario_of(*nobody)
    base = simulate(scenario, 0)
    visits, follow = list(scenario.trial.visits), scenario.followup
    visits.insert(place, visits[0].model_copy(update={"name": "further", "day": day}))

    def further(arm: str) -> object:
        response = list(follow.arms[arm].response)
        response.insert(place, 0.7)
        return follow.arms[arm].model_copy(
            update={"response": tuple(response), "withdrawal": (0.0,) * 5}
        )

    update = {
        "trial": scenario.trial.model_copy(update={"visits": tuple(visits)}),
        "followup": follow.model_copy(update={"arms": {arm: further(arm) for arm in follow.arms}}),
    }
    more = simulate(scenario.model_copy(update=update), 0)
    others = np.delete(np.arange(6), place + 1)
    assert same(base.cohort.answered, more.cohort.answered[:, others])
    assert same(base.cohort.reminders, more.cohort.reminders[:, others])
    assert (more.cohort.answered[:, place + 1] >= day).any()
    for outcome, scores in base.scores.items():
        # The path of beliefs leads through a visit between two others.
        kept = place + 1 if outcome in BELIEFS else 5
        assert same(scores[:, :kept], more.scores[outcome][:, others][:, :kept]), outcome
