"""What pages name and link to exists."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from .harness import ROOT, pages

FOLDERS = "scenarios|agents|recommender|analysis|sim|tests|docs|examples|benchmarks|checks"
NAMED = re.compile(rf"(?<![(\w/.-])(?:{FOLDERS})/[\w./*-]*[\w/]")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PLACEHOLDER = re.compile("SCENARIO|GROUP|NAME")
PAGES = pages()
IDS = [str(page.relative_to(ROOT)) for page in PAGES]


def links(text, *, external):
    """Return the targets of links, to other hosts or to files."""
    found = [target for target in LINK.findall(text) if not target.startswith("#")]
    with_scheme = [target for target in found if re.match(r"\w+:", target)]
    return with_scheme if external else [t.split("#")[0] for t in found if t not in with_scheme]


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_every_file_that_a_page_names_exists(page):
    text = page.read_text("utf-8")
    named = {ROOT / name for name in NAMED.findall(text) if not PLACEHOLDER.search(name)}
    linked = {page.parent / target for target in links(text, external=False)}
    missing = [str(path) for path in named | linked if not list(_matches(path))]
    assert missing == []


def _matches(path):
    path = path.resolve()
    if path.is_relative_to(ROOT / "docs" / "reference" / "generated"):
        return [path]  # made when the site is built, which finds a link to nowhere
    return (
        ROOT.glob(str(path.relative_to(ROOT))) if "*" in path.name else filter(Path.exists, [path])
    )


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_to_other_hosts_are_well_formed(page):
    assert [
        each for each in links(page.read_text("utf-8"), external=True) if not is_url(each)
    ] == []


def is_url(text):
    """Return whether a text is the address of a page on a host of the internet."""
    parts = urlsplit(text)
    host = parts.hostname or ""
    return parts.scheme in {"http", "https"} and re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host)


@pytest.mark.parametrize(
    "text", ["https:/doi.org/10.1", "https://doi", "ftp://a.org", "http://a b.c"]
)
def test_an_address_with_a_fault_is_found(text):
    assert not is_url(text)
    assert is_url("https://doi.org/10.1001/jama?x=1#y")


def test_a_name_that_does_not_exist_is_found():
    assert NAMED.findall("see `sim/none.py`, or sim/core/") == ["sim/none.py", "sim/core/"]
    assert not list(_matches(ROOT / "sim/none.py"))
    assert list(_matches(ROOT / "docs/studies/performance/*.csv"))
    assert links("[a](b.md#c), [d](https://e.org), [f](#g)", external=False) == ["b.md"]
