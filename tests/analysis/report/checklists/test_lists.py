"""Every item once, in the order of its source, with a text, for every scenario of the library."""

import pytest

from analysis.report.checklists.registry import CHECKLISTS, all_checklists, checklist
from scenarios.errors import InputError
from scenarios.loading.library import library_names
from scenarios.loading.load import load_scenario

CONSORT = [
    "1a",
    "1b",
    "2",
    "3",
    "4",
    "5a",
    "5b",
    "6",
    "7",
    "8",
    "9",
    "10",
    "11",
    "12a",
    "12b",
    "13",
    "14",
    "15",
    "16a",
    "16b",
    "17a",
    "17b",
    "18",
    "19",
    "20a",
    "20b",
    "21a",
    "21b",
    "21c",
    "21d",
    "22a",
    "22b",
    "23a",
    "23b",
    "24a",
    "24b",
    "25",
    "26",
    "27",
    "28",
    "29",
    "30",
]
STRESS = [
    "1.1",
    "1.2",
    "1.3",
    "2.1",
    "2.2",
    "2.3",
    "2.4",
    "2.5.1",
    "2.5.2",
    "2.5.3",
    "2.5.4",
    "2.5.5",
    "3.1",
    "3.2",
    "3.3",
    "3.4",
    "4.1",
    "4.2",
    "4.3",
    "5.1",
    "5.2",
    "5.3",
    "5.4",
    "6.1",
]
ADEMP = [
    "3.1",
    "3.2a",
    "3.2b",
    "3.2c",
    "3.2d",
    "3.3",
    "3.4a",
    "3.4b",
    "3.5a",
    "3.5b",
    "3.5c",
    "4a",
    "4b",
    "4c",
    "4d",
    "4e",
    "5a",
    "5b",
    "6a",
    "6b",
    "6c",
]
CREDIBILITY = [
    *(f"Step {n}" for n in range(1, 4)),
    *(f"Category {n}" for n in range(1, 9)),
    *(f"Factor {n}" for n in range(1, 14)),
]


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("ademp", ADEMP), ("stress_des", STRESS), ("consort", CONSORT), ("credibility", CREDIBILITY)],
)
def test_every_item_of_a_list_is_there_once_and_in_order(name, numbers):
    assert [topic.number for topic in CHECKLISTS[name].topics] == numbers


def test_lists_have_as_many_items_as_their_sources():
    assert len({number.rstrip("abcd") for number in CONSORT}) == 30
    assert len({".".join(number.split(".")[:2]) for number in STRESS}) == 20


@pytest.mark.parametrize("name", library_names())
def test_a_scenario_gives_complete_lists(name):
    for filled in all_checklists(load_scenario(name)):
        for item in filled.items:
            where = f"{filled.name} {item.number}"
            assert item.text.strip(), where
            assert "  " not in item.text, where
            assert ".." not in item.text, where
            assert item.text.endswith((".", "?")), where
            assert bool(item.generated) == bool(item.origin), where
            assert (item.status == "author") == (not item.generated), where
            # What the author has to write is said in words, not in one.
            assert item.status != "author" or len(item.wanted.split()) >= 6, where


def test_an_unknown_list_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match="did you mean 'consort'"):
        checklist("consrot", load_scenario("knee_koos"))
