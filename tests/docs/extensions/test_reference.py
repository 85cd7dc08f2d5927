"""The reference has everything that the code has."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

pytest.importorskip("sphinx")

from docutils import nodes
from extensions import commands, generated, keys, mathml, public

import selfback as sb
from scenarios.loading.keys import dotted_keys
from scenarios.loading.load import load_scenario
from sim.cli.main import app

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"


def test_every_key_of_a_scenario_has_an_entry():
    for name in ("selfback_2021", "knee_koos"):
        data = load_scenario(name).model_dump(mode="json")
        for key in dotted_keys(data):
            steps = tuple(re.split(r"\.(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", key))
            assert keys._key_of(steps), key


@pytest.mark.parametrize(
    ("key", "value", "unit"),
    [
        ("app.quit_hazard", "number, 0 to 1", "per week"),
        ("trial.sample_size", "whole number, above 0, at most 200000", "participants"),
        ("trial.visits[].day", "whole number, above 0, at most 3660", "days"),
        ("trial.randomization.kind",
         '`"stratified_blocks"`, `"blocks"`, `"simple"`, `"minimization"`', "name"),
        ("analysis.covariates", "list of texts", "name"),
        ("truth", "`true` or `false`", "yes or no"),
    ],
)  # fmt: skip
def test_an_entry_says_what_may_stand_there_and_its_unit(key, value, unit):
    node = keys.resolved(keys.all_keys()[key].node)
    assert keys.kind_of_value(node) == value
    assert node["unit"] == unit


def test_keys_of_one_kind_of_table_say_so():
    assert keys.all_keys()["trial.randomization.imbalance"].kinds == ['kind = "minimization"']
    assert keys.all_keys()["trial.sample_size"].kinds == []


@pytest.mark.slow
def test_an_example_is_the_first_scenario_that_states_a_key():
    scenario, parameter = keys.examples()["app.quit_hazard"]
    assert scenario == "selfback_2021"
    assert parameter.value == load_scenario("selfback_2021").app.quit_hazard
    assert keys.examples()["course.effect_size"][0] == "knee_koos"


def test_every_section_is_on_a_page():
    text = "".join(page.read_text("utf-8") for page in sorted(REFERENCE.glob("keys/*.md")))
    shown = {name for found in re.findall(r"{scenario-keys} (.*)", text) for name in found.split()}
    assert shown == {key.section for key in keys.all_keys().values()}


def test_every_command_is_shown_with_an_example():
    found = dict(commands.commands(typer.main.get_command(app), "selfback"))
    assert {"selfback run", "selfback scenarios new", "selfback recommender check"} <= set(found)
    assert all(command.epilog.startswith(commands.EXAMPLE) for command in found.values())


def test_every_public_name_is_a_function_or_a_class():
    assert sorted(public.functions() + public.classes()) == sorted(sb.__all__)
    assert "Run" in {kind.__name__ for kind in public.results()}


def test_words_in_backquotes_are_code():
    found = generated.inline("of `app`, not of ``trial``")
    assert [type(node) for node in found] == [
        nodes.Text, nodes.literal, nodes.Text, nodes.literal,
    ]  # fmt: skip


def test_a_formula_is_mathml():
    translator = SimpleNamespace(body=[])
    with pytest.raises(nodes.SkipNode):
        mathml.write_inline(translator, nodes.math("", r"u^\top u"))
    assert translator.body[0].startswith("<math")
