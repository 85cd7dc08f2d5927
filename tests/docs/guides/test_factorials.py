"""The scenarios that docs/guides/factorials.md shows are valid, and have the arms that it says."""

import re
from pathlib import Path

from scenarios.loading.load import load_scenario

PAGE = (Path(__file__).parents[3] / "docs" / "guides" / "factorials.md").read_text(encoding="utf-8")


def test_scenarios_of_the_page_are_valid(tmp_path):
    found = []
    for text in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        found.append(load_scenario(path))
    crossed, fraction = found
    assert crossed.arm_names == ("none", "education", "exercise", "exercise-education")
    assert len(fraction.arms) == 16
    names = [each.name for each in crossed.analysis.contrasts]
    assert names == ["exercise", "education", "exercise x education"]


def test_what_is_set_on_the_page_can_be_set(tmp_path):
    change = re.search(r"`--set (factorial\.effects\..*?)`", PAGE)
    scenario = load_scenario("factorial_power", [change[1]])
    assert scenario.factorial.effects["b"] == -0.5
