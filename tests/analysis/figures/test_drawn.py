"""Saving figures: the same file each time, text as text, nothing in a name is more than a name."""

from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest

from analysis.figures.components import draw_components
from analysis.figures.drawn import Drawn, save, svg_text
from analysis.figures.formats import FORMATS
from analysis.figures.style import COLUMN, new_figure

from .conftest import NAME


def parsed(text):
    return ET.fromstring(text)  # noqa: S314 - our own


def drawn(title=NAME):
    return draw_components(["one", title], [1.0, 2.0], [0.1, 0.1], title=title, unit="points")


@pytest.mark.parametrize("ending", FORMATS)
def test_the_same_figure_is_the_same_file(tmp_path, ending):
    first, second = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    save(drawn("Plain"), first)
    save(drawn("Plain"), second)
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size > 1000


def test_another_ending_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="gif"):
        save(drawn("Plain"), tmp_path / "a.gif")
    assert not list(tmp_path.iterdir())


def test_text_is_text_and_the_alternative_is_in_the_file(tmp_path):
    save(drawn("Effect of $5 in Tromsø"), tmp_path / "a.svg")
    root = parsed((tmp_path / "a.svg").read_text("utf-8"))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Effect of $5 in Tromsø" in texts
    described = root.iter("{http://purl.org/dc/elements/1.1/}description")
    assert [element.text for element in described] == [drawn("Effect of $5 in Tromsø").alt]
    dates = root.iter("{http://purl.org/dc/elements/1.1/}date")
    assert not list(dates)


def test_a_page_can_have_several_and_no_name_is_markup():
    one, other = svg_text(drawn(), "one"), svg_text(drawn(), "other")
    ids = [
        {each.get("id") for each in parsed(text).iter() if each.get("id")} for text in (one, other)
    ]
    assert ids[0]
    assert not ids[0] & ids[1]
    root = parsed(one)
    assert root.get("role") == "img"
    assert root.get("aria-label") == drawn().alt
    assert "<script" not in one
    assert "\x1b" not in one
    assert "\x1b" not in drawn().alt
    used = {each.get("clip-path") for each in root.iter() if each.get("clip-path")}
    assert {f"url(#{name})" for name in ids[0]} >= used


def test_letters_that_this_machine_has_no_font_for_stay_in_the_svg():
    assert "膝" in svg_text(drawn("膝"), "p")


def test_settings_of_the_user_are_left_alone():
    before = dict(mpl.rcParams)
    drawn()
    assert dict(mpl.rcParams) == before


def test_a_figure_has_the_width_that_was_asked_for():
    figure = new_figure(COLUMN, 50.0)
    assert Drawn(figure, "").figure.get_figwidth() * 25.4 == pytest.approx(COLUMN)
