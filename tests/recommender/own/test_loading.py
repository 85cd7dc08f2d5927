import sys
from pathlib import Path

import pytest

from recommender.own.loading import find_factory, make
from scenarios.devices.own_recommender import known_name
from scenarios.errors import InputError
from scenarios.plugins import look_in

MODULE = """
import numpy as np

class Mine:
    def __init__(self, settings, catalogue, generator):
        self.seen = (settings, catalogue, generator)
    def recommend(self, requests): ...
    def learn(self, experience): ...

class Shelf:
    Mine = Mine

class Deaf:
    def __init__(self, *told): ...
    def recommend(self, requests): ...

def broken(settings, catalogue, generator):
    raise KeyError("k\\nk")

def leaving(settings, catalogue, generator):
    raise SystemExit(3)

def without_arguments(): ...

number = 3
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with modules, where they are looked for."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "their_recommender.py").write_text(MODULE, encoding="utf-8")
    (folder / "their_broken_one.py").write_text("1 / 0", encoding="utf-8")
    (folder / "their_half_one.py").write_text("import no_such_thing", encoding="utf-8")
    (folder / "json.py").write_text("1 / 0", encoding="utf-8")
    (folder / "their-1.0.dist-info").mkdir()
    (folder / "their-1.0.dist-info" / "entry_points.txt").write_text(
        "[selfback.recommenders]\ntheirs = their_recommender:Mine\nlost = their_lost:Mine\n",
        encoding="utf-8",
    )
    (folder / "their-1.0.dist-info" / "METADATA").write_text("Name: their\nVersion: 1.0\n")
    before = list(sys.path)
    look_in(folder)
    yield folder
    sys.path[:] = before


@pytest.mark.parametrize(
    "kind", ["their_recommender:Mine", "their_recommender:Shelf.Mine", "theirs"]
)
def test_a_recommender_is_found_and_gets_its_arguments(folder, kind):
    recommender = make(kind, find_factory(kind), "settings", "catalogue", "generator")
    assert type(recommender).__name__ == "Mine"
    assert recommender.seen == ("settings", "catalogue", "generator")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("their_missing:Mine", "there is no module 'their_missing': it must be installed, or in"),
        ("their_recommender.sub:Mine", "there is no module 'their_recommender.sub'"),
        ("their_recommender:Mein", "their_recommender has no 'Mein': did you mean Mine?"),
        ("their_recommender:number", "is int, must be a class or function"),
        ("their_recommender:Deaf", "Deaf has no method 'learn'"),
        ("their_recommender:broken", "cannot be created: KeyError: 'k"),
        ("their_recommender:leaving", "cannot be created: SystemExit: 3"),
        ("their_recommender:without_arguments", "cannot be created: TypeError: "),
        ("their_broken_one:Mine", "cannot be imported: ZeroDivisionError: division by zero"),
        ("their_half_one:Mine", "cannot be imported: ModuleNotFoundError: No module named 'no_s"),
        ("lost", "recommender lost: there is no module 'their_lost'"),
        ("thiers", "is not installed: entry points of selfback.recommenders: lost, theirs"),
    ],
)
def test_a_recommender_that_cannot_be_created_is_reported_in_one_line(folder, kind, reason):
    with pytest.raises(InputError, match=r"^recommender ") as caught:
        make(kind, find_factory(kind), None, None, None)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("folder")
def test_a_scenario_may_name_what_is_installed():
    assert known_name("theirs", ("cbr",)) == "theirs"
    with pytest.raises(ValueError, match=r"http, an installed one \(lost, theirs\) or"):
        known_name("thiers", ("cbr",))


def test_a_module_of_the_folder_does_not_replace_an_installed_one(folder, monkeypatch):
    monkeypatch.delitem(sys.modules, "json")
    assert find_factory("json:loads")("[1]") == [1]
