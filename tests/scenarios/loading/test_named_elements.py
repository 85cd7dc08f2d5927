"""Elements of lists of tables, such as arms, are addressed by name or by position."""

from pathlib import Path

import pytest

from scenarios.errors import ScenarioError
from scenarios.free_parameters import FreeParameter, ParameterSpace, key_path
from scenarios.loading.differences import section_paths
from scenarios.loading.layers import merge
from scenarios.loading.load import load_scenario, scenario_hash
from sim.study.designs.grid import make_cells, read_axis
from sim.study.designs.posterior import settings

THREE = Path(__file__).parents[2] / "sim" / "arms" / "three_arms_plain.toml"
BLOCKS = "trial.randomization.block_sizes=[8]"


@pytest.mark.parametrize(
    "place", ["arms.advice", "arms[1]", "arms.1", "arms.'advice'", 'arms."advice"']
)
def test_an_arm_is_named_or_counted(place):
    scenario = load_scenario(THREE, [f"{place}.share=2", BLOCKS])
    assert scenario.allocation_ratio == (1, 2, 1)
    assert scenario_hash(scenario) == scenario_hash(
        load_scenario(THREE, ["arms[1].share=2", BLOCKS])
    )


@pytest.mark.parametrize("place", ["arms.advice", "arms[1]", "arms.1"])
def test_an_inline_table_replaces_the_overrides_of_an_arm(place):
    whole = load_scenario(THREE, [f'{place}.overrides={{"course.effect_size"=-3.0}}'])
    assert whole.arms[1].overrides == {"course.effect_size": -3.0}
    key = load_scenario(THREE, [f'{place}.overrides."course.effect_size"=-3.0'])
    assert key.arms[1].overrides["course.effect_size"] == -3.0
    assert len(key.arms[1].overrides) == 3


def test_any_list_of_tables_with_names_is_addressed_so():
    scenario = load_scenario(
        THREE, ['trial.visits."6 weeks".day=43', "outcomes.mood.label='Low mood'"]
    )
    assert scenario.trial.visits[0].day == 43
    assert scenario.scales["mood"].label == "Low mood"


def test_an_arm_that_a_layer_renames_has_its_new_name_afterwards():
    changes = ["arms.advice.name=leaflet", "arms.leaflet.label=Leaflet"]
    assert load_scenario(THREE, changes).arms[1].label == "Leaflet"


@pytest.mark.parametrize(
    ("override", "told"),
    [
        (
            "arms.advise.share=2",
            (
                "--set: arms is a list: write the position of an element, such as arms[0] or its "
                "name (control, advice, intervention), not 'advise'; did you mean arms.advice?"
            ),
        ),
        ("arms[3].share=2", "--set: arms[3] is not allowed: the list has 3 elements"),
        ("arms.advice.shar=2", "arms[1].shar is unknown: did you mean arms[1].share?"),
        ("trial.strata.north.share=1", "such as trial.strata[0], not 'north'"),
    ],
)
def test_an_element_that_is_not_there_is_one_line(override, told):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(THREE, [override])
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_varies_by_name():
    axis = read_axis("arms.advice.share=1,2")
    cells = make_cells(str(THREE), ["trial.randomization.block_sizes=[12]"], [axis])
    assert [cell.scenario.allocation_ratio for cell in cells] == [(1, 1, 1), (1, 2, 1)]


def test_paths_have_positions_where_the_tables_are_known():
    data = merge(THREE).data
    assert key_path("arms.advice.share") == ("arms", "advice", "share")
    assert key_path("arms.advice.share", data) == ("arms", 1, "share")
    (changed,) = settings(data, {'arms.advice.overrides."course.effect_size"': -2.5})
    assert changed.startswith("arms=[")
    assert load_scenario(THREE, [changed]).arms[1].overrides["course.effect_size"] == -2.5


def test_a_free_parameter_may_be_of_a_named_element():
    free = FreeParameter(
        key='arms.advice.overrides."course.effect_size"', transform="identity", sd=0.1,
        source="a test",
    )  # fmt: skip
    space = ParameterSpace([free], merge(THREE), "free.toml")
    assert space.scenario([1.0]).arms[1].overrides["course.effect_size"] == pytest.approx(-0.9)
    assert space.parameters[0].path[:2] == ("arms", 1)


def test_a_section_of_an_element_is_shown_by_its_name():
    merged = merge(THREE)
    assert section_paths(merged, ["arms.advice"]) == section_paths(merged, ["arms[1]"])
