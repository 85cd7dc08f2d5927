import re
from base64 import b64decode, b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from analysis.report.page.html import html_page

VOID = {"meta", "input", "img", "br"}


class Read(HTMLParser):
    """Keeps every element with its attributes and texts, and sees that all are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.elements, self.texts, self._open = [], [], []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self._open[-1] if self._open else "", data))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def page(report):
    return html_page(report)


@pytest.fixture(scope="module")
def read(page):
    found = Read()
    found.feed(page)
    return found


def test_a_script_in_a_text_is_text(page, read):
    assert page.count("<script>") == 1  # our own
    assert any("<script>alert(1)</script>" in data for tag, data in read.texts if tag == "h1")


def test_only_our_own_script_may_run_and_nothing_may_be_fetched(page, read):
    (policy,) = (m["content"] for m in read.all("meta") if "http-equiv" in m)
    (script,) = (data for tag, data in read.texts if tag == "script")
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", page)
    assert not re.search(r"url\(|@import", page)


def test_no_element_has_a_handler(read):
    assert not [a for _, attributes in read.elements for a in attributes if a.startswith("on")]


def test_names_that_others_refer_to_are_there_once(read):
    names = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(names) == len(set(names))
    for attribute in ("for", "aria-labelledby", "data-table"):
        for _, attributes in read.elements:
            assert attributes.get(attribute, names[0]) in names
    links = [a["href"].removeprefix("#") for a in read.all("a")]
    assert set(links) <= set(names)


def test_a_figure_is_in_the_page_with_a_description(read):
    (image,) = read.all("img")
    kind, _, content = image["src"].partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert b64decode(content).startswith(b"<?xml")
    assert "æøå" in image["alt"]


def test_tables_without_sections_can_be_sorted_and_long_ones_filtered(read):
    first, second = read.all("table")
    assert "class" not in first
    assert second["class"] == "sortable"
    assert [each["data-table"] for each in read.all("input")] == [second["id"]]


def test_a_section_without_anything_is_left_out(page):
    assert "Left out" not in page


def test_no_character_commands_a_terminal(page):
    assert "\x1b" not in page


def test_a_page_is_the_same_each_time(report, page):
    assert html_page(report) == page
