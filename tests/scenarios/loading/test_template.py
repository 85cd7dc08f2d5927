"""A template is valid, and so is every line of it that is made to count."""

import pytest

from scenarios.loading.layers import merge
from scenarios.loading.load import load_scenario, scenario_hash
from scenarios.loading.template import OFFERED, template


def written(folder, text):
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("parent", ["selfback_2021", "planned_2018", "minimization"])
def test_a_template_is_its_parent_under_another_name(tmp_path, parent):
    path = written(tmp_path, template("mine", parent, merge(parent), "mine.toml"))
    scenario = load_scenario(path)
    assert (scenario.name, scenario.published) == ("mine", "")
    assert scenario_hash(scenario) == scenario_hash(load_scenario(parent))


@pytest.mark.parametrize("parent", ["selfback_2021", "minimization"])
def test_every_parameter_of_a_template_can_be_made_to_count(tmp_path, parent):
    lines = template("mine", parent, merge(parent), "mine.toml").splitlines()
    starts = tuple(f"# {section}." for section in OFFERED)
    offered = [line for line in lines if line.startswith(starts) and " = " in line]
    assert len(offered) > 80
    text = "\n".join(line[2:] if line in offered else line for line in lines)
    assert scenario_hash(load_scenario(written(tmp_path, text))) == scenario_hash(
        load_scenario(parent)
    )
