"""The CONSORT diagram."""

import pandas as pd
import pytest

from analysis.describe.consort import published_counts
from analysis.figures.flow import draw_flow
from analysis.figures.style import COLUMN, PAGE
from scenarios.targets import load_published

STAGES = {
    "interested": (50, 60), "could not be reached": (5, 5), "no consent": (0, 0),
    "assessed for eligibility": (45, 55), "excluded": (5, 15), "other reasons": (5, 15),
    "too young": (5, 15), "randomized": (40, 40), "a: allocated": (20, 19),
    "a: answered at 1 year": (15, 17), "a: withdrew: lack of time": (0, 0),
    "b: allocated": (20, 21), "b: got the band": (19, 19), "b: answered at 1 year": (12, 18),
    "b: withdrew: lack of time": (2, 3), "b: adverse events": (0, 1),
}  # fmt: skip


def flow(stages=STAGES):
    rows = [(t, stage, n[t]) for t in (0, 1) for stage, n in stages.items()]
    return pd.DataFrame(rows, columns=["replicate", "stage", "count"])


def words(drawn):
    return " ".join(text.get_text() for text in drawn.figure.axes[0].texts)


@pytest.mark.parametrize("width", [COLUMN, PAGE])
def test_counts_are_medians_with_ranges_and_published_ones(width):
    drawn = draw_flow(flow(), {"a": "Care", "b": "Band"}, {"interested": 53}, width=width)
    told = words(drawn)
    assert "55 (50-60), pub. 53" in told
    assert "Randomized 40" in told
    assert "Got the band: 19" in told
    assert "Lack of time: 2.5 (2-3)" in told
    assert told.count("Care") == told.count("Band") == 1
    assert "interested 55 (50-60), pub. 53" in drawn.alt
    assert "Band at 1 year 15 (12-18)" in drawn.alt


def test_stages_at_which_nobody_ever_is_are_left_out():
    told = words(draw_flow(flow(), {"a": "Care", "b": "Band"}))
    assert "No consent" not in told
    assert told.count("Lack of time") == 1


@pytest.mark.parametrize("width", [COLUMN, PAGE])
def test_boxes_neither_overlap_nor_leave_the_page(width):
    figure = draw_flow(flow(), {"a": "Care", "b": "Band"}, width=width).figure
    axes = figure.axes[0]
    boxes = [patch.get_bbox() for patch in axes.patches if hasattr(patch, "get_bbox")]
    height = figure.get_figheight() * 25.4
    assert len(boxes) == 3 + 2 + 2 * 4
    for at, box in enumerate(boxes):
        assert box.x0 >= 0.0
        assert box.x1 <= width
        assert box.y1 <= height
        for other in boxes[at + 1 :]:
            apart = box.x1 <= other.x0 or other.x1 <= box.x0 or box.y1 <= other.y0
            assert apart or other.y1 <= box.y0


def test_arms_that_do_not_fit_are_told_in_one_box():
    many = {f"{arm}: {what}": (arm + 5, arm + 6) for arm in range(32)
            for what in ("allocated", "answered at 1 year")}  # fmt: skip
    drawn = draw_flow(flow(many), {str(arm): f"Arm {arm}" for arm in range(32)})
    assert "32 arms" in words(drawn)
    assert "Allocated: 5.5 to 36.5" in words(drawn)
    assert drawn.alt.count("and 28 more") == 2


def test_published_counts_of_the_trial_are_by_stage():
    found = published_counts(load_published("selfback_2021").targets)
    assert found["randomized"] == 461
    assert found["intervention: installed the app"] == 232
