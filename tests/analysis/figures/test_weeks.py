"""Time axes, and what is drawn week by week and day by day."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis.figures.app_use import draw_app_use, draw_steps, draw_use_over_trials
from analysis.figures.lives.replay import draw_replay
from analysis.figures.style import draw_visits, new_figure

from .conftest import DAYS

ARMS = {"a": "Care", "b": "App"}
PEOPLE = pd.DataFrame({"participant": [1, 2, 3], "arm": ["a", "b", "b"]})


def test_visits_are_named_where_there_is_room_and_counted_where_not():
    axes = new_figure(85.0, 50.0).subplots()
    draw_visits(axes, {"baseline": 0.0, "6 weeks": 42.0, "9 months": 274.0}, 70.0)
    assert [text.get_text() for text in axes.get_xticklabels()] == [
        "baseline", "6\nweeks", "9\nmonths",
    ]  # fmt: skip
    draw_visits(axes, DAYS, 40.0)
    assert axes.get_xlabel() == "months since randomization"
    np.testing.assert_allclose(np.diff(axes.get_xticks()) % 30.4375, 0.0, atol=1e-9)
    draw_visits(axes, {"before": 0.0, "after": 3.0}, 5.0)
    assert axes.get_xlabel() == "days since randomization"


def test_use_of_the_app_is_of_those_who_have_it():
    weeks = pd.DataFrame(
        {"participant": [2, 3, 2, 3], "week": [0, 0, 1, 1], "days": 7, "opened": [5, 2, 3, 0],
         "plan": [1, 0, 0, 0]}
    )  # fmt: skip
    drawn = draw_app_use(weeks, PEOPLE, ARMS)
    opened, planned = drawn.figure.axes[0].lines
    assert list(opened.get_ydata()) == [100.0, 50.0]
    assert list(planned.get_ydata()) == [50.0, 0.0]
    assert "App, 2 with the app, opened by 100% in week 1, 50% in week 2" in drawn.alt


def test_steps_are_by_week_and_of_the_whole_arm():
    steps = pd.DataFrame(
        {"participant": [2, 2, 2, 3], "day": [0, 6, 7, 1],
         "recorded_steps": [4000.0, 6000.0, 8000.0, np.nan]}
    )  # fmt: skip
    drawn = draw_steps(steps, PEOPLE, ARMS)
    means, wearing = (axes.lines[0] for axes in drawn.figure.axes)
    assert list(means.get_ydata()) == [5000.0, 8000.0]
    assert list(wearing.get_ydata()) == [50.0, 50.0]


def test_use_over_trials_is_the_mean_of_the_trials():
    rows = [
        (trial, quantity, visit, "b", value + trial)
        for trial in (0, 1)
        for quantity, visit, value in (
            ("opened", "week 1", -0.1), ("opened", "week 5", -0.5), ("with steps", "week 1", 0.0),
            ("recorded steps", "week 1", 7000.0), ("recorded steps", "week 5", 8000.0),
        )
    ]  # fmt: skip
    names = ["replicate", "quantity", "visit", "arm", "value"]
    table = pd.DataFrame([*rows, (0, "mean", "3 months", "b", 5.0)], columns=names)
    drawn = draw_use_over_trials(table, ARMS)
    opened, wearing = drawn.figure.axes[0].lines
    assert list(opened.get_xdata()) == [1, 5]
    np.testing.assert_allclose(opened.get_ydata(), [40.0, 0.0])
    np.testing.assert_allclose(wearing.get_ydata(), [50.0])
    assert list(drawn.figure.axes[1].lines[0].get_ydata()) == [7000.5, 8000.5]
    assert "App: opened the app 40% in week 1 and 0% in week 5" in drawn.alt
    assert "nobody has either" in draw_use_over_trials(table[:0], ARMS).alt


@pytest.mark.parametrize("rows", [0])
def test_tables_without_rows_are_told_to_be_empty(rows):
    nothing = pd.DataFrame({name: pd.Series(dtype=float) for name in (
        "participant", "week", "days", "opened", "plan", "day", "recorded_steps")})  # fmt: skip
    assert len(nothing) == rows
    assert "nobody has the app" in draw_app_use(nothing, PEOPLE, ARMS).alt
    assert "nobody has any" in draw_steps(nothing, PEOPLE, ARMS).alt


def test_the_courses_of_a_participant_are_in_one_panel():
    day = np.arange(30)
    symptoms = pd.concat(
        pd.DataFrame({"participant": name, "day": day, "pain": pain, "disability": 10.0})
        for name, pain in (("1 as allocated", 3.0), ("1 other arm", 5.0))
    )
    visits = pd.DataFrame(
        {"participant": ["1 as allocated", "1 other arm"], "answered_after_days": [1.0, 2.0],
         "rmdq": [9.0, 11.0]}
    )  # fmt: skip
    tables = {
        "visits": pa.Table.from_pandas(visits),
        "truth/symptoms": pa.Table.from_pandas(symptoms),
    }
    courses = {"1 as allocated": "b", "1 other arm": "a"}
    drawn = draw_replay(tables, courses, ["a", "b"], {"baseline": 0.0, "end": 29.0})
    pain = drawn.figure.axes[0]
    assert [line.get_ydata()[0] for line in pain.lines] == [5.0, 3.0]
    assert len({line.get_linestyle() for line in pain.lines}) == 2
    assert [line.get_label() for line in pain.lines] == ["a", "b, as allocated"]
    assert "in b disability is 10.0 and pain 3.0 on day 29" in drawn.alt
