"""The mapping that docs/guides/own_data.md shows is one that tables can have."""

import re
from pathlib import Path

import numpy as np

from analysis.data.reading.read_trial import read_trial
from analysis.data.reading.wanted import Wanted
from scenarios.design.covariates import covariates_by_name
from scenarios.loading.load import load_plan, load_scenario

ROOT = Path(__file__).parents[3]
VISITS = ("baseline", "6 weeks", "3 months", "6 months", "9 months")
PARTICIPANTS = "record_id;group;sex;age\n01;App;F;999\n02;Usual care;M;41,5\n"
ANSWERS = """record_id;visit;rm24
01;screening;
01;0;9
01;4;99
02;0;-9
02;2;7
"""


def test_the_mapping_of_the_page_is_read(tmp_path):
    (block,) = re.findall(
        r"```toml\n(.*?)```", (ROOT / "docs/guides/own_data.md").read_text("utf-8"), re.DOTALL
    )
    files = []
    for name, text in (("p.csv", PARTICIPANTS), ("v.csv", ANSWERS), ("mapping.toml", block)):
        files.append(tmp_path / name)
        files[-1].write_text(text, encoding="utf-8")
    levels = {"sex": ("female", "male")}
    shipped = load_scenario("selfback_2021")
    known = covariates_by_name(shipped.covariates)
    wanted = Wanted(shipped.scales, shipped.arms, known, VISITS, ("rmdq",), ("sex", "age"), levels)
    data = read_trial(files[0], files[1], wanted, files[2]).data
    assert data.participant.tolist() == ["01", "02"]
    assert data.arm.tolist() == [1, 0]
    assert np.array_equal(data.traits["age"], [np.nan, 41.5], equal_nan=True)
    right = [[9, np.nan, np.nan, np.nan, np.nan], [np.nan, np.nan, 7, np.nan, np.nan]]
    assert np.array_equal(data.scores["rmdq"], right, equal_nan=True)


def test_the_plan_of_the_page_is_read(tmp_path):
    page = (ROOT / "docs/guides/own_data.md").read_text("utf-8")
    block = re.search(r"```{code-block} toml\n:caption: plan.toml\n\n(.*?)```", page, re.DOTALL)
    file = tmp_path / "plan.toml"
    file.write_text(block[1], encoding="utf-8")
    plan = load_plan(file)
    assert (plan.analysis.primary_outcome, plan.analysis.covariates) == (
        "koos_pain", ("age", "hospital")
    )  # fmt: skip
