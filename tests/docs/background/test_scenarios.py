"""The changes that background/scenarios.md shows can be made as they stand there."""

import re
from pathlib import Path

from scenarios.loading.load import load_scenario

PAGE = (Path(__file__).parents[3] / "docs" / "background" / "scenarios.md").read_text(
    encoding="utf-8"
)
CHANGES = [text.strip("'") for text in re.findall(r"^\| `--set (.*?)` \|", PAGE, re.MULTILINE)]


def test_the_changes_of_the_page_can_be_made():
    assert len(CHANGES) == 8
    # Shares and the other strata must sum to 1, whatever is set first.
    shares = "trial.strata[1].share=0.1659"
    changed = load_scenario("selfback_2021", [*CHANGES, shares])
    assert changed.trial.strata[0].share == 0.1
    assert changed.followup.arms["control"].response[0] == 0.8
    assert changed.recruitment.contact.longest == 14.0
