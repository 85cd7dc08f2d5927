"""The guide to own recommenders shows the output of the commands."""

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from recommender.adapters import messages
from sim.cli import call

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "guides" / "own_recommender.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```console\n\$ selfback (.*)\n((?:.*\n)*?)```", GUIDE)


@pytest.mark.parametrize(("command", "expected"), SHOWN, ids=[command for command, _ in SHOWN])
def test_a_command_prints_what_the_guide_shows(command, expected, capsys, monkeypatch):
    monkeypatch.chdir(ROOT / "examples" / "own_recommender")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv("COLUMNS", raising=False)
    call(shlex.split(command))
    printed = "".join(capsys.readouterr())
    assert [line.rstrip() for line in printed.splitlines()] == expected.splitlines()


def test_the_guide_shows_commands():
    assert len(SHOWN) == 2


def test_the_published_schema_is_the_current_one():
    published = (ROOT / "docs" / "reference" / "recommender.schema.json").read_text(
        encoding="utf-8"
    )
    assert json.loads(published) == json.loads(json.dumps(messages.schema()))


def test_the_links_of_the_guide_exist():
    links = re.findall(r"\]\(((?!http)[^)#]*)\)", GUIDE)
    assert links
    for link in links:
        assert (ROOT / "docs" / "guides" / link).exists(), link
