from datetime import date, timedelta

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from scenarios.design.trial import Staff
from sim.core.staff import Team, WorkingHours

OPENS = date(2019, 3, 8)
STAFF = Staff(
    day_start=8.0, day_hours=8.0, holidays={"denmark": (date(2019, 4, 18), date(2019, 4, 19))}
)


def hours_of(now: float) -> float:
    return (now - int(now)) * 24.0


@given(now=st.floats(0.0, 3000.0), work=st.floats(0.0, 8.0))
def test_work_begins_and_ends_within_one_working_day(now, work):
    begun = WorkingHours(STAFF, "denmark", OPENS).begin(now, work)
    day = OPENS + timedelta(days=int(begun))
    assert begun >= now
    assert day.weekday() < 5
    assert day not in STAFF.holidays["denmark"]
    assert hours_of(begun) >= 8.0 - 1e-6
    assert hours_of(begun) + work <= 16.0 + 1e-6


@given(now=st.floats(0.0, 400.0))
def test_nobody_waits_while_there_is_time_left_in_the_day(now):
    hours = WorkingHours(STAFF, "norway", OPENS)
    day = OPENS + timedelta(days=int(now))
    if day.weekday() < 5 and 8.0 <= hours_of(now) <= 15.0:
        assert hours.begin(now, 1.0) == now


def test_a_holiday_is_kept_in_its_country_only():
    thursday = float((date(2019, 4, 18) - OPENS).days)
    assert int(WorkingHours(STAFF, "norway", OPENS).begin(thursday)) == thursday
    # Thursday and Friday off, then the weekend.
    assert int(WorkingHours(STAFF, "denmark", OPENS).begin(thursday)) == thursday + 4


@pytest.mark.parametrize(
    ("size", "ends"), [(1, [9.0, 10.0, 11.0, 12.0]), (2, [9.0, 9.0, 10.0, 10.0])]
)
def test_people_wait_for_a_free_assistant_in_the_order_in_which_they_came(size, ends):
    team = Team(size, WorkingHours(STAFF, "norway", OPENS))
    assert [round(hours_of(team.done(0.0, 1.0)), 6) for _ in range(4)] == ends


@given(
    asked=st.lists(st.floats(0.0, 30.0), min_size=1, max_size=30).map(sorted),
    size=st.integers(1, 3),
    work=st.sampled_from([0.5, 1.5, 3.0]),
)
def test_a_team_is_done_when_a_simpy_resource_would_be(asked, size, work):
    hours = WorkingHours(STAFF, "denmark", OPENS)
    env = simpy.Environment()
    assistants = simpy.Resource(env, size)
    ends = [0.0] * len(asked)

    def person(number):
        yield env.timeout(asked[number])
        with assistants.request() as assistant:
            yield assistant
            yield env.timeout(hours.begin(env.now, work) + work / 24.0 - env.now)
            ends[number] = env.now

    for number in range(len(asked)):
        env.process(person(number))
    env.run()
    team = Team(size, hours)
    assert [team.done(now, work) for now in asked] == ends
