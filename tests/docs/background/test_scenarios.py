"""The scenarios and the changes of background/scenarios.md can be used as they stand there."""

import re
from pathlib import Path

import pytest

from scenarios.loading.load import load_scenario

PAGE = (Path(__file__).parents[3] / "docs" / "background" / "scenarios.md").read_text(
    encoding="utf-8"
)
SCENARIOS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
CHANGES = [text.strip("'") for text in re.findall(r"^\| `--set (.*?)` \|", PAGE, re.MULTILINE)]


@pytest.mark.parametrize("text", SCENARIOS)
def test_a_scenario_of_the_page_is_valid(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    assert load_scenario(path).name in PAGE


def test_the_changes_of_the_page_can_be_made():
    assert len(CHANGES) == 8
    # Shares and the other strata must sum to 1, whatever is set first.
    shares = "trial.strata[1].share=0.1659"
    changed = load_scenario("selfback_2021", [*CHANGES, shares])
    assert changed.trial.strata[0].share == 0.1
    assert changed.followup.arms["control"].response[0] == 0.8
    assert changed.recruitment.contact.longest == 14.0
