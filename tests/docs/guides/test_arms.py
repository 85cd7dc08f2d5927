"""What guides/arms.md shows can be used as it stands there, and names designs that there are."""

import re
from pathlib import Path

import pytest

from agents.reporting import expected_shift
from scenarios.loading.library import library
from scenarios.loading.load import load_scenario
from scenarios.loading.provenance import undocumented

DOCS = Path(__file__).parents[3] / "docs"
PAGE, RECORDS = (DOCS / "guides" / "arms.md").read_text(encoding="utf-8"), DOCS / "studies" / "arms"
SCENARIOS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
DESIGNS = re.findall(r"^\| [^|]*\? \| `(\w+)` \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize("text", SCENARIOS)
def test_a_scenario_of_the_page_has_its_sources(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    assert undocumented(path) == ()


def test_every_design_of_the_page_is_in_the_library():
    assert len(DESIGNS) == len(set(DESIGNS)) == 6
    assert set(DESIGNS) <= set(library("designs"))


@pytest.mark.parametrize(("name", "mark"), [("family_wise", "family-wise"), ("unblinded",) * 2])
def test_the_tables_are_the_records(name, mark, quoted):
    record = (RECORDS / f"{name}.md").read_text(encoding="utf-8").strip()
    assert record.endswith(quoted("guides/arms.md", mark))
    assert quoted("guides/arms.md", mark).count("\n") > 4


@pytest.mark.parametrize("name", ["unblinded_null", "unblinded_null_plain"])
def test_the_stated_shift_is_that_of_the_designs(name):
    scenario = load_scenario(name)
    points = expected_shift(scenario.reporting, scenario.arms, scenario.outcome("rmdq"), [1], [90])
    assert f"{-points[0]:.2f}" == "0.86"
    assert "0.17 SD are 0.86" in PAGE.replace("\n", " ")
