"""The index names every example, each has its page, and their commands are commands."""

import re
import shlex
from pathlib import Path

import pytest

from sim.cli import call

EXAMPLES = Path(__file__).parents[2] / "examples"
INDEX = (EXAMPLES / "README.md").read_text("utf-8")
NAMES = sorted(
    path.name
    for path in EXAMPLES.iterdir()
    if not path.name.startswith((".", "_")) and path.name != "README.md"
)
GIVEN = re.compile(r"(?:^    |`)selfback ([^`\n]+)", re.MULTILINE)
PAGES = sorted(EXAMPLES.rglob("README.md"))


def test_no_example_is_missing_from_the_index_and_no_more_are_there():
    rows = re.findall(
        r"^\| \[`([\w./]+)`\]\(([\w./]+)\) \| [^|]+ \| [^|]+ \|$", INDEX, re.MULTILINE
    )
    assert all(shown == target for shown, target in rows)
    assert sorted(target for _, target in rows) == NAMES


@pytest.mark.parametrize("name", [name for name in NAMES if (EXAMPLES / name).is_dir()])
def test_each_folder_has_a_page_that_names_its_files(name):
    page = (EXAMPLES / name / "README.md").read_text("utf-8")
    files = [file.name for file in (EXAMPLES / name).iterdir() if file.is_file()]
    unnamed = [
        file for file in files if not file.startswith(("test_", "README")) and file not in page
    ]
    assert unnamed == []


def commands():
    """Return the commands of all pages, each with its words."""
    found = {
        command: shlex.split(command)
        for page in PAGES
        for command in GIVEN.findall(page.read_text())
    }
    assert len(found) > 10
    return found


@pytest.mark.parametrize("words", commands().values(), ids=list(commands()))
def test_every_option_that_a_page_gives_is_one_of_the_command(words, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    names = words[:2] if words[0] in {"recommender", "scenarios"} else words[:1]
    assert call([*names, "--help"]) == 0
    shown = capsys.readouterr().out
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    assert [option for option in options if f"{option} " not in shown] == []
