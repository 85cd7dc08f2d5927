"""A study of several arms, summed up and drawn."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.figures.drawn import save
from analysis.figures.style import COLUMN, MOST_TOLD
from analysis.figures.summary import draw_study
from analysis.replicates.summary import RESULTS, summarize_study
from scenarios.loading.load import load_scenario
from sim.study.executors import make_executor
from sim.study.runner import run_study
from sim.study.store.reading import KeptStudy

HERE = Path(__file__).parent
MANY = 7
"""Arms, for which the legend stands beside the panel."""


def study_of(scenario, folder, replicates=4):
    run_study(scenario, replicates=replicates, executor=make_executor("joblib", 1), out=folder)
    study = KeptStudy(folder)
    results = {name: study.read(name, coded=True) for name in RESULTS}
    return study, summarize_study(study.manifest, results)


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    scenario = load_scenario(HERE / "three_arms_plain.toml")
    return study_of(scenario, tmp_path_factory.mktemp("three") / "study")


def test_each_contrast_has_its_power(three):
    study, summary = three
    estimates = pd.read_parquet(study.folder / "estimates.parquet").query(
        "analysis == 'clda' and outcome == 'mood' and visit == '3 months'"
    )
    assert [each.name for each in summary.contrasts] == [
        "advice - control",
        "intervention - control",
    ]
    for each in summary.contrasts:
        mine = estimates[estimates["contrast"] == f"difference: {each.name}"]
        assert list(each.differences) == pytest.approx(list(mine["estimate"]))
        assert each.power.rejected == (mine["decision"] == "in favour").mean()
    assert summary.power == summary.contrasts[0].power


def test_estimates_of_contrasts_are_listed_apart(three):
    _, summary = three
    labels = [each.label for each in summary.comparisons if each.section == "Primary outcome"]
    for name in ("advice - control", "intervention - control"):
        assert f"mood at 3 months, adjusted difference, {name}" in labels
    assert len(set(labels)) == len(labels)


def test_plain_data_have_all_contrasts_of_several(three):
    _, summary = three
    told = summary.to_dict()
    assert len(told["contrasts"]) == 2
    assert told["power"] == told["contrasts"][0]["power"]


def test_two_arms_are_told_as_ever(tmp_path):
    scenario = load_scenario("planned_2018", ["trial.sample_size=60"])
    _, summary = study_of(scenario, tmp_path / "two", 2)
    told = summary.to_dict()
    assert "contrasts" not in told
    assert "procedure" not in told
    assert len(told["differences"]) == 2
    assert summary.contrasts[0].name == ""


def test_any_number_of_arms_is_drawn(three, tmp_path):
    assert draw_study(three[1]).alt.count("rejected in favour") == 2
    arms = ", ".join(
        f'{{name="{"control" if not code else f"a{code}"}", label="A{code}", like="control"}}'
        for code in range(1, MANY)
    )
    arms = f'{{name="control", label="Control"}}, {arms}'
    changes = [f"arms=[{arms}]", f"trial.randomization.block_sizes=[{MANY}]"]
    follow = 'replace = ["followup.arms", "safety.rates"]'
    file = tmp_path / "many.toml"
    file.write_text(
        f'extends = "planned_2018"\nname = "many"\ntitle = "Many"\n{follow}\n'
        "[followup.arms.control]\nresponse = [1.0, 1.0, 1.0, 1.0]\n"
        "withdrawal = [0.0, 0.0, 0.0, 0.0]\nwithdrawal_reasons = { unknown = 1.0 }\n"
        "[safety.rates]\ncontrol = 0.0\n",
        encoding="utf-8",
    )
    scenario = load_scenario(file, [*changes, "trial.sample_size=70"])
    _, summary = study_of(scenario, tmp_path / "study", 2)
    assert len(summary.contrasts) == MANY - 1
    drawn = draw_study(summary, width=COLUMN)
    save(drawn, tmp_path / "many.svg")
    assert f"and {MANY - 1 - MOST_TOLD} more" in drawn.alt
