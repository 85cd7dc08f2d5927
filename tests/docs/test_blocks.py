"""Every block of every page does what the page says; see :mod:`.harness`."""

import re

import pytest
from sybil.example import SybilFailure

from scenarios.errors import InputError

from .harness import (
    LANGUAGES,
    ROOT,
    front_matter,
    is_as_shown,
    is_notebook,
    languages,
    pages,
    prepare,
    unknown_in_commands,
)


def cases(*, executed=False):
    """Return the pages as cases of a test; where blocks are executed, some of them are slow."""
    found = []
    for page in pages():
        if executed and is_notebook(page):
            continue
        slow = executed and front_matter(page).get("slow")
        marks = [pytest.mark.slow] if slow else []
        found.append(pytest.param(page, id=str(page.relative_to(ROOT)), marks=marks))
    return found


@pytest.mark.parametrize("page", cases(executed=True))
def test_blocks_do_what_a_page_shows(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for example in prepare(page, tmp_path).examples():
        example.evaluate()


@pytest.mark.parametrize("page", cases())
def test_every_block_says_what_it_is(page):
    assert languages(page.read_text("utf-8")) <= LANGUAGES


@pytest.mark.parametrize("page", cases())
def test_no_page_has_code_that_is_only_indented(page):
    text = re.sub(r"^(`{3,}).*?^\1$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert re.findall(r"\n\n {4,}(?![ *-]|\d+\.).*", text) == []


@pytest.mark.parametrize("page", cases())
def test_every_command_and_option_that_a_page_names_exists(page):
    assert unknown_in_commands(page.read_text("utf-8")) == []


def evaluated(text, folder):
    """Evaluate the blocks of a page with this text."""
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    for example in prepare(page, folder).examples():
        example.evaluate()


FAULTS = (SybilFailure, AssertionError, ValueError, InputError)
FAULTY = {
    "exit code": "```console\n$ exit 1\n```",
    "output": "```console\n$ echo one\ntwo\n```",
    "more output": "```console\n$ printf 'one\\ntwo\\n'\none\n```",
    "exit code of two commands": "% exit 1\n```console\n$ exit 1\n$ exit 1\n```",
    "no command": "```console\nselfback run\n```",
    "python": "```python\nassert False\n```",
    "doctest": "```python\n>>> 1 + 1\n3\n```",
    "toml": "```toml\nname =\n```",
    "scenario": '```toml\nextends = "planned_2018"\nname = "x"\nseed = -1\n```',
    "key": "```toml\n[trial]\nsample_sise = 300\n```",
    "named scenario": (
        '```{code-block} toml\n:caption: a.toml\n\nextends = "planned_2018"\nno = 1\n```'
    ),
}


@pytest.mark.parametrize("text", FAULTY.values(), ids=FAULTY)
def test_a_page_with_a_fault_fails(text, tmp_path):
    with pytest.raises(FAULTS):
        evaluated(text, tmp_path)


def test_a_page_is_followed_from_block_to_block(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    evaluated(
        """
```{code-block} toml
:caption: mine.toml

extends = "planned_2018"
name = "mine"
seed = 12
```
```python
>>> import selfback as sb
>>> sb.scenario("mine.toml").seed
12
```
```python
from pathlib import Path
Path("made.txt").write_text("by python\\nand more\\nthan two\\n")
```
% exit 3

```console
$ cat mine.toml | head -1
extends = "planned_2018"
$ cat \\
    made.txt
by python
...
$ echo said >&2; exit 3
said
```
```text
$ exit 1
```
""",
        tmp_path,
    )


def test_lines_that_are_left_out_may_be_any():
    assert is_as_shown(["a", "...", "b"], ["a", "...", "b"])
    assert not is_as_shown(["a", "x"], ["a", "...", "b"])
