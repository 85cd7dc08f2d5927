"""Saving figures: the same file each time, text as text, nothing in a name is more than a name."""

from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest

from analysis.figures.components import draw_components
from analysis.figures.drawn import Drawn, image, save
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


def test_outlines_take_no_fonts_and_have_no_name_that_is_markup():
    made = image(drawn(), "svg", outlines=True).decode()
    root = parsed(made)
    assert not list(root.iter("{http://www.w3.org/2000/svg}text"))
    assert "<script" not in made
    assert "\x1b" not in made + drawn().alt


def test_letters_that_this_machine_has_no_font_for_stay_in_the_svg():
    assert "膝" in image(drawn("膝"), "svg").decode()


def test_settings_of_the_user_are_left_alone():
    before = dict(mpl.rcParams)
    drawn()
    assert dict(mpl.rcParams) == before


def test_a_figure_has_the_width_that_was_asked_for():
    figure = new_figure(COLUMN, 50.0)
    assert Drawn(figure, "").figure.get_figwidth() * 25.4 == pytest.approx(COLUMN)


def test_a_notebook_shows_it_with_its_alternative_as_text():
    figure = Drawn(new_figure(COLUMN, 30.0), 'Bars of "one" & <two>')
    shown = ET.fromstring(figure._repr_html_().replace(">", "/>"))  # noqa: S314 - our own
    assert shown.get("alt") == 'Bars of "one" & <two>'
    assert shown.get("src").startswith("data:image/svg+xml;base64,")
