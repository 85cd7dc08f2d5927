"""A day with a step goal: who walks on until it is there, and what the app gets to know of it."""

from typing import NamedTuple

import numpy as np
import pytest

from agents.activity import GoalRules
from agents.engagement import UseRules
from agents.notifications import MessageRules
from agents.pathway import BenefitRules
from agents.quitting import LeavingRules
from agents.step_sources import NEVER
from agents.symptoms import LEAD_IN
from scenarios.loading.load import load_scenario
from sim.app.days import DayDraws, Rules, live_day
from sim.app.records import AppRecords
from sim.app.users import AppUsers

GOAL, REACH = 8000.0, 3000.0
TODAY = LEAD_IN  # column of the day of installation and randomization
USUAL = 6000.0


class Walked(NamedTuple):
    """What a day with a step goal was like."""

    steps: float
    reached: bool
    commended: bool
    measured: int
    capacity: float


def walk(
    *, counted: float = 1.0, reach: float = REACH, goal: float = GOAL, usual: float = USUAL,
    synced: int = TODAY, has_plan: bool = True, using: bool = True, closed: float = 0.5,
    wearing: float = 0.0, sets: tuple[str, ...] = (),
) -> Walked:  # fmt: skip
    """Let one user, who does nothing but walk, live through the day of installation.

    ``counted`` is what the wristband counts of each step, 0 if it is not worn.
    """
    doses = ("pathway.capacity_per_session=0.0", *sets)
    scenario = load_scenario("mechanisms_off", doses)
    mechanisms = scenario.mechanisms
    rules = Rules(
        MessageRules.of(mechanisms.app),
        UseRules.of(mechanisms.app, 3),
        BenefitRules.of(mechanisms.pathway, scenario.course),
        LeavingRules.of(mechanisms.app),
        GoalRules(np.float32(closed), np.float32(reach)),
    )
    columns = TODAY + 3
    users = AppUsers(1, columns, mechanisms.app)
    place = users.add(0, 0)
    users.install(place, 0, 1000.0)
    user = users.records[place]
    user["has_plan"], user["using"], user["goal"], user["per_steps"] = has_plan, using, goal, 0.25

    def daily(value: float, kind: type = np.float32) -> np.ndarray:
        return np.full((1, columns), value, dtype=kind)

    never = daily(np.inf)
    recorded, known = daily(counted), daily(NEVER, np.int16)
    if counted > 0.0:
        known[0, TODAY] = synced
    draws = DayDraws(
        never, never, daily(0, np.uint8), daily(1.0), daily(usual), daily(wearing), recorded, known,
        daily(False, np.bool_), daily(0.0), daily(5.0),
        np.array([USUAL], dtype=np.float32), np.array([5.0], dtype=np.float32),
    )  # fmt: skip
    records = AppRecords.blank(1, columns)
    due, leaving = live_day(0, 0, 1, users.records, rules, draws, records, np.float32(1.0))
    assert not len(due)
    assert not len(leaving)
    after = users.records[place]
    return Walked(
        float(records.true_steps[0, TODAY]),
        bool(records.did("goal_reached")[0, TODAY]),
        bool(after["earned"]),
        int(after["measured"]),
        float(after["capacity"]),
    )


@pytest.mark.parametrize("counted", [0.9, 0.95, 1.0, 1.1, 1.25])
def test_who_walks_on_stops_when_the_wristband_says_so(counted):
    day = walk(counted=counted)
    assert day.steps == pytest.approx(GOAL / counted, rel=1e-6)
    assert day.reached
    assert day.commended
    assert day.measured == 1


def test_rounding_takes_no_goal_away_from_who_walked_until_the_wristband_said_so():
    # On some days with less than half of the goal, the sum of both parts is below it.
    for usual in (100.0, 900.7, 1_300.3, 1_777.7):
        for counted in np.linspace(0.9, 1.25, 25):
            assert walk(goal=2000.0, usual=usual, counted=counted).reached


def test_a_gap_wider_than_the_reach_stays_in_part():
    # 8,000 by a band that counts 80% are 10,000: 4,000 more, of which 3,000 are walked.
    day = walk(counted=0.8)
    assert (day.steps, day.reached, day.commended) == (USUAL + REACH, False, False)
    assert day.measured == 1
    assert walk(counted=0.8, reach=4000.0).reached
    # Of a very wide gap, half is more than the reach.
    assert walk(counted=0.5).steps == USUAL + 0.5 * (GOAL / 0.5 - USUAL)


def test_without_reach_part_of_every_gap_is_closed_by_true_steps():
    for counted in (0.8, 1.0, 1.1):
        day = walk(counted=counted, reach=0.0)
        assert (day.steps, day.reached) == (7000.0, False)
    # A band that counts too many shows a goal that was not walked.
    assert walk(counted=1.25, reach=0.0) == walk(counted=1.25, reach=0.0)._replace(
        steps=7000.0, reached=True
    )


def test_who_wears_nothing_walks_to_the_goal_and_the_app_does_not_know():
    day = walk(counted=0.0)
    assert (day.steps, day.reached, day.commended, day.measured) == (GOAL, False, False, 0)
    assert day.capacity > 0.0


def test_a_day_that_is_synced_later_is_walked_but_neither_seen_nor_counted():
    day = walk(synced=TODAY + 1)
    assert (day.steps, day.reached, day.commended, day.measured) == (GOAL, False, False, 0)


def test_who_walks_far_anyway_walks_no_further():
    day = walk(usual=9000.0)
    assert (day.steps, day.reached) == (9000.0, True)


@pytest.mark.parametrize(
    "without", [{"goal": 0.0}, {"has_plan": False}, {"using": False}], ids=["goal", "plan", "use"]
)
def test_nothing_is_reached_missed_or_gained_without_a_goal_to_follow(without):
    day = walk(**without)
    assert day == Walked(USUAL, False, False, 0, 0.0)


def test_the_dose_of_steps_goes_by_what_was_walked_for_the_goal():
    # Where only the goal counts, it is met or not; by the wristband, if that is worn.
    for counted, met in ((0.9, True), (0.8, False), (1.25, True), (0.0, True)):
        assert (walk(counted=counted).capacity > 0.0) == met
    scale = "pathway.steps_scale=3000.0"
    gained = [walk(counted=counted, sets=(scale,)).capacity for counted in (1.25, 1.0, 0.9)]
    assert 0.0 < gained[0] < gained[1] < gained[2]
    assert gained[1] == pytest.approx(0.25 * (1.0 - np.exp(-2000.0 / 3000.0)), rel=1e-6)
