from pathlib import Path

import pytest

from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from scenarios.trust import check_trusted, own_modules

FILE = Path("somewhere/manifest.json")
OWN = ("recommender.kind=theirs:make", 'analysis.alternatives=["ancova","theirs:analyse"]')


def test_built_in_parts_need_no_trust():
    scenario = load_scenario("selfback_2021")
    assert own_modules(scenario) == []
    check_trusted(scenario, FILE, trust=False)


def test_modules_need_trust_or_to_be_asked_for():
    scenario = load_scenario("selfback_2021", OWN)
    assert own_modules(scenario) == ["theirs:make", "theirs:analyse"]
    check_trusted(scenario, FILE, trust=True)
    check_trusted(scenario, FILE, trust=False, asked=["theirs:make", "theirs:analyse"])
    with pytest.raises(InputError) as caught:
        check_trusted(scenario, FILE, trust=False, asked=["theirs:make"])
    assert str(caught.value) == (
        "somewhere/manifest.json names code that would be run: theirs:analyse: add --trust if you "
        "know what it does"
    )


def test_an_address_is_somebodys_code_as_well():
    there = ("recommender.kind=http", "recommender.http.url=http://192.0.2.1:8000")
    scenario = load_scenario("selfback_2021", there)
    assert own_modules(scenario) == ["http://192.0.2.1:8000"]
    with pytest.raises(InputError, match="code that would be run: http://192"):
        check_trusted(scenario, FILE, trust=False)
    check_trusted(scenario, FILE, trust=False, asked=["http://192.0.2.1:8000"])
