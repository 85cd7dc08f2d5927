import pytest

from agents.instruments import ITEMS
from agents.instruments.questionnaires import QUESTIONNAIRES, item_scale
from scenarios.loading.load import load_scenario
from scenarios.people.instruments import INSTRUMENT_SCALES


def test_scenarios_and_questionnaires_agree_on_how_many_items_there_are():
    assert {name: len(q.numbers) for name, q in QUESTIONNAIRES.items()} == {
        "rmdq": 24, "pseq": 10, "fabq": 4, "bipq": 8
    }  # fmt: skip


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_totals_cover_the_scale_of_the_outcome(name):
    scale = item_scale(name, getattr(load_scenario("selfback_2021").instruments, name))
    assert scale.total_range == (INSTRUMENT_SCALES[name].low, INSTRUMENT_SCALES[name].high)


def test_items_are_named_by_outcome_and_number():
    assert set(ITEMS) <= set(INSTRUMENT_SCALES)
    assert ITEMS["rmdq"][0] == "rmdq_01"
    assert ITEMS["fabq"] == ("fabq_02", "fabq_03", "fabq_04", "fabq_05")
    assert ITEMS["eq_5d"][-1] == "eq_5d_anxiety"
