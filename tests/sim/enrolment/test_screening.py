"""Screening day by day is what teams do who serve one after another."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenarios.design.trial import Staff
from sim.core.staff import Team, WorkingHours
from sim.enrolment.screening import served

STAFF = Staff(day_start=8.5, day_hours=7.5, holidays={"denmark": (date(2019, 4, 18),)})
OPENS = date(2019, 3, 8)


@given(
    st.lists(
        st.lists(st.integers(0, 60 * 96).map(lambda quarter: quarter / 96), max_size=60),
        min_size=1,
        max_size=4,
    ),
    st.integers(1, 4),
    st.sampled_from([0.25, 0.5, 2.0, 7.5]),
)
def test_queues_side_by_side_are_served_as_by_a_team_each(queues, size, hours):
    calendar = WorkingHours(STAFF, "denmark", OPENS)
    calls = [calendar.begin_each(np.sort(np.array(days, dtype=float))) for days in queues]
    for days, done in zip(calls, served(calls, size, calendar, hours), strict=True):
        team = Team(size, calendar)
        assert done.tolist() == [team.done(day, hours) for day in days.tolist()]


def test_work_that_is_never_done_in_time_is_left_over_from_day_to_day():
    calendar = WorkingHours(STAFF, "denmark", OPENS)
    days = calendar.begin_each(np.linspace(0.0, 20.0, 200))
    (done,) = served([days], 1, calendar, 2.0)
    team = Team(1, calendar)
    assert done.tolist() == [team.done(day, 2.0) for day in days.tolist()]
    assert done[-1] > days[-1] + 60.0


@given(st.lists(st.floats(0.0, 5000.0), max_size=20), st.sampled_from([0.0, 0.5, 7.5]))
def test_work_of_many_begins_as_the_work_of_each(days, hours):
    calendar = WorkingHours(STAFF, "denmark", OPENS)
    together = calendar.begin_each(np.array(days, dtype=float), hours)
    assert together.tolist() == [calendar.begin(day, hours) for day in days]
