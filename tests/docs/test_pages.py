"""The files that pages name exist, and their Python examples give what they show."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("examples/**/README.md")])
FOLDERS = "scenarios|agents|recommender|analysis|sim|tests|docs|examples|benchmarks"
NAMED = re.compile(rf"(?<![(\w/.-])(?:{FOLDERS})/[\w./*-]*[\w/]")
LINK = re.compile(r"\]\(((?!http)[^)#]+)")
PLACEHOLDER = "SCENARIO"


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_file_that_a_page_names_exists(page):
    text = page.read_text("utf-8")
    named = {ROOT / name for name in NAMED.findall(text) if PLACEHOLDER not in name}
    linked = {page.parent / target for target in LINK.findall(text)}
    missing = [str(path) for path in named | linked if not list(_matches(path))]
    assert missing == []


def _matches(path):
    path = path.resolve()
    return (
        ROOT.glob(str(path.relative_to(ROOT))) if "*" in path.name else filter(Path.exists, [path])
    )


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_python_examples_give_what_a_page_shows(page):
    blocks = re.findall(r"```python\n(>>> .*?)```", page.read_text("utf-8"), re.DOTALL)
    for number, block in enumerate(blocks):
        example = doctest.DocTestParser().get_doctest(block, {}, f"{page.name}:{number}", None, 0)
        assert doctest.DocTestRunner().run(example).failed == 0


def test_a_name_that_does_not_exist_is_found():
    assert NAMED.findall("see `sim/none.py`, or sim/core/") == ["sim/none.py", "sim/core/"]
    assert not list(_matches(ROOT / "sim/none.py"))
    assert list(_matches(ROOT / "docs/performance/*.csv"))
