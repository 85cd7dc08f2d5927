"""How plans in force go on to suit their users, or no longer do, between their sessions."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest

from agents.symptoms import LEAD_IN
from recommender.protocol import ATTRIBUTES
from scenarios.loading.load import load_scenario
from sim.app.session import Memory
from sim.app.tailoring import Tailoring
from sim.simulate import simulate_unasked
from sim.trial import Trial

FITTED = ("fit", "overload", "per_session", "per_message", "per_steps", "harm")
"""What a user's record has of how the plan in force suits."""


class Monday(NamedTuple):
    """Users before and after their plans were looked at again on a day of the trial."""

    today: int
    in_follow_up: range
    before: np.ndarray
    after: np.ndarray
    memory: Memory


def mondays_of(monkeypatch: pytest.MonkeyPatch, *overrides: str) -> tuple[Trial, list[Monday]]:
    seen = []
    fit_again = Tailoring.fit_again

    def watched(self: Tailoring, today: int) -> None:
        before = self._users.records.copy()
        fit_again(self, today)
        memory = Memory(*(kept.copy() for kept in self._memory))
        window = self._users.window(today)
        seen.append(Monday(today, window, before, self._users.records.copy(), memory))

    monkeypatch.setattr(Tailoring, "fit_again", watched)
    scenario = load_scenario("selfback_2021", ["trial.sample_size=60", *overrides])
    return simulate_unasked(scenario, 1), seen


@pytest.fixture(scope="module")
def moving() -> Iterator[tuple[Trial, list[Monday]]]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield mondays_of(monkeypatch)


def looked_at(monday: Monday) -> np.ndarray:
    """Return the places of those in follow-up who have a plan and the app."""
    has = monday.before["has_plan"] & monday.before["reachable"]
    place = np.arange(len(has))
    return (has & np.isin(place, monday.in_follow_up)).nonzero()[0]


def expected(trial: Trial, monday: Monday) -> dict[str, np.ndarray]:
    """Return what the records should have, by the equations of the model's pages."""
    pathway, places = trial.scenario.pathway, looked_at(monday)
    user = monday.before[places]
    row, column = user["row"], LEAD_IN + monday.today - user["entry"]
    natural, values = trial.trajectories.natural, trial.cohort.patients.values
    capacity = user["capacity"].astype(float)
    pain = natural.pain[row, column] * (1.0 - pathway.pain_from_capacity * capacity)
    pain = np.minimum(pain + user["flare"], np.maximum(pain, 10.0))
    left = (1.0 - np.maximum(natural.pain_relief[row, column], 0.0)) * (1.0 - capacity)
    way = pathway.needs_move * (1.0 - left)
    rise = np.clip((pain - values["pain"][row]) / 10.0, 0.0, 1.0)
    start = trial.cohort.patients.needs[row]
    need = start + (1.0 - start) * way[:, None]
    need *= 1.0 - pathway.needs_move * rise[:, None]
    need[:, 2] = start[:, 2] * (1.0 - pathway.needs_move * user["beliefs"])
    best = need.copy()
    best[:, 0] = np.minimum(need[:, 0] + pathway.load_peak, 1.0)
    plan = monday.memory.plan[places]
    load, strength, reassurance, steps = np.exp(-0.5 * ((plan - best) / pathway.fit_width) ** 2).T
    exercise = (load + strength) / 2.0 * monday.memory.feasible[places]
    overload = plan[:, 0] - need[:, 0]
    share = pathway.tailoring_share
    return {
        "fit": exercise,
        "overload": overload,
        "per_session": pathway.capacity_per_session * (1.0 - share + share * exercise),
        "per_message": pathway.belief_per_message * (1.0 - share + share * reassurance),
        "per_steps": pathway.capacity_per_steps * (1.0 - share + share * steps),
        "harm": pathway.flare_per_overload * np.maximum(overload - pathway.flare_from, 0.0),
    }


def test_needs_are_in_the_order_of_the_plan():
    assert ATTRIBUTES == ("load", "strength_share", "reassurance", "progression")


def test_on_mondays_plans_in_force_suit_as_needs_have_become(moving):
    trial, mondays = moving
    assert len(mondays) > 40
    opens = trial.scenario.trial.opens.weekday()
    harmful = 0
    for monday in mondays:
        assert (opens + monday.today) % 7 == 0
        found = monday.after[looked_at(monday)]
        for name, values in expected(trial, monday).items():
            # Single precision of the records, and of pain.
            np.testing.assert_allclose(found[name], values, rtol=2e-5, atol=2e-6, err_msg=name)
        harmful += (found["harm"] > 0.0).sum()
    assert harmful > 0


def test_nothing_else_changes_on_a_monday_and_nobody_else(moving):
    _, mondays = moving
    over = left = 0
    for monday in mondays:
        others = np.setdiff1d(np.arange(len(monday.before)), looked_at(monday))
        assert np.array_equal(monday.before[others], monday.after[others])
        for name in set(monday.before.dtype.names) - set(FITTED):
            assert np.array_equal(monday.before[name], monday.after[name]), name
        has = monday.before["has_plan"][others]
        over += (has & (others < monday.in_follow_up.start)).sum()
        left += (has & ~monday.before["reachable"][others]).sum()
    assert over > 0  # follow-up is over, with a plan and the app
    assert left > 0


def test_who_has_no_session_does_not_keep_the_fit_of_long_ago(moving):
    _, mondays = moving
    changed = 0
    for monday, next_one in pairwise(mondays):
        places = np.intersect1d(looked_at(monday), looked_at(next_one))
        no_session = (monday.memory.day == next_one.memory.day)[places]
        between = places[no_session]
        for name in FITTED:
            # From a Monday to the next nothing but a session moves it.
            assert np.array_equal(monday.after[name][between], next_one.before[name][between])
        changed += (next_one.after["fit"] != next_one.before["fit"])[between].sum()
    assert changed > 100


def test_the_fit_stays_as_at_the_last_session_where_needs_do_not_move(monkeypatch):
    trial, mondays = mondays_of(monkeypatch, "pathway.needs_move=0.0")
    fit = np.full(len(trial.cohort.patients), np.nan)
    evenings = iter([*trial.plan_log, None])
    evening, compared = next(evenings), 0
    for monday in mondays:
        assert np.array_equal(monday.before, monday.after)
        while evening is not None and evening.day < monday.today:
            fit[evening.rows] = evening.fit[:, 0]
            evening = next(evenings)
        found = monday.after[monday.after["has_plan"]]
        np.testing.assert_array_equal(found["fit"], fit[found["row"]].astype(np.float32))
        compared += len(found)
    assert compared > 100
