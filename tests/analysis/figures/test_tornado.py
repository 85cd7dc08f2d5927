import numpy as np
import pandas as pd
import pytest

from analysis.figures.drawn import image
from analysis.figures.style import COLUMN
from analysis.figures.tornado import draw_tornado

NAME = 'a<script>alert(1)</script>."$x_1$" & \x1b[31m'


def table(count):
    largest = np.linspace(0.5, 0.1, count)
    return pd.DataFrame(
        {
            "key": [NAME, *(f"app.key_{i}" for i in range(1, count))],
            "value": [[1.0, 2.0], *[1.0] * (count - 1)],
            "down": [[0.9, 1.8], *[0.9] * (count - 1)],
            "up": [[1.1, 2.2], *[1.1] * (count - 1)],
            "effect_down": -largest, "effect_down_error": 0.1,
            "effect_up": 0.5 * largest, "effect_up_error": np.nan,
        }
    )  # fmt: skip


def draw(rows, **how):
    return draw_tornado(rows, title="x", unit="marks", effect=-2.0, replicates=4, **how)


def test_bars_are_the_changes_and_intervals_are_of_students_t():
    drawn = draw(table(3))
    axes = drawn.figure.axes[0]
    down, up = (
        [bar.get_width() for bar in each] for each in axes.containers if hasattr(each, "patches")
    )
    assert down == pytest.approx([-0.5, -0.3, -0.1])
    assert up == pytest.approx([0.25, 0.15, 0.05])
    assert "down -0.5 (-0.82 to -0.18)" in drawn.alt  # 3.18 standard errors, 3 degrees of freedom
    assert [label.get_text().split("\n")[-1] for label in axes.get_yticklabels()] == [
        "list of 2", "1: 0.9 / 1.1", "1: 0.9 / 1.1",
    ]  # fmt: skip


@pytest.mark.parametrize("how", [{}, {"width": COLUMN}, {"most": 2}])
def test_names_are_text_in_every_file(how):
    drawn = draw(table(4), **how)
    svg = image(drawn, "svg").decode()
    assert "<script>" not in svg
    assert "\x1b" not in drawn.alt + svg
    assert image(drawn, "png").startswith(b"\x89PNG")


def test_nothing_that_moves_is_said():
    drawn = draw(table(1).iloc[:0])
    assert drawn.alt == "x: no parameter changes anything."
    assert image(drawn, "svg")
