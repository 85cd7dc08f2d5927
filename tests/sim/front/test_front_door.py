"""``import selfback``: the verbs return what the commands print and save."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import selfback as sb
from scenarios.loading.load import load_scenario, scenario_hash
from sim.cli import call
from sim.study.failed import AllFailedError
from sim.study.runner import run_shown

SMALL = {"trial.sample_size": 40}
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def small():
    return sb.scenario("planned_2018", SMALL)


@pytest.fixture(scope="module")
def study(small):
    return sb.run(small, replicates=6, jobs=1, progress=False)


def test_importing_it_imports_nothing_slow():
    code = "import sys, selfback; print(sorted(sys.modules))"
    told = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    for slow in ("numpy", "pandas", "pyarrow", "pydantic", "rich", "sim"):
        assert f"'{slow}'" not in told.stdout


def test_all_names_are_there():
    assert all(callable(getattr(sb, name)) for name in sb.__all__)
    assert set(sb.__all__) == set(dir(sb))
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        sb.runn  # noqa: B018 - it is the attribute that is asked for


def test_a_scenario_comes_from_name_file_dictionary_or_scenario(tmp_path):
    wanted = load_scenario("planned_2018", ["trial.sample_size=40"])
    file = tmp_path / "mine.toml"
    file.write_text(
        'extends = "planned_2018"\nname = "mine"\n[trial]\nsample_size = 40\n', encoding="utf-8"
    )
    content = {"extends": "planned_2018", "name": "mine", "trial": {"sample_size": 40}}
    texts = ["trial.sample_size=40"]
    found = [
        sb.scenario("planned_2018", SMALL),
        sb.scenario("planned_2018", texts),
        sb.scenario(file),
        sb.scenario(content),
        sb.scenario({"extends": str(file), "name": "child"}),
        sb.scenario(load_scenario("planned_2018"), SMALL),
        sb.scenario(wanted),
    ]
    assert {scenario_hash(one) for one in found} == {scenario_hash(wanted)}


@pytest.mark.parametrize("name", ["selfback_2021", "cluster_by_clinic", "interim_obrien_fleming"])
def test_a_scenario_goes_through_a_dictionary_unchanged(name):
    read = sb.scenario(name)
    changed = sb.scenario(read, {"seed": read.seed})
    assert scenario_hash(changed) == scenario_hash(read)


def test_what_is_wrong_with_a_dictionary_is_told_in_one_line():
    with pytest.raises(sb.InputError, match=r"^dictionary.*trial\.sample_sise is unknown"):
        sb.scenario({"extends": "planned_2018", "trial": {"sample_sise": 40}})
    with pytest.raises(sb.InputError, match="dictionary: cannot be a scenario"):
        sb.scenario({"extends": "planned_2018", "trial": {"sample_size": object()}})
    with pytest.raises(sb.InputError, match="must be a dictionary or a list"):
        sb.scenario("planned_2018", "seed=3")


def test_a_trial_has_its_tables_as_dataframes(small):
    found = sb.trial(small, replicate=3)
    assert len(found.participants) == 40
    assert set(found.visits["participant"]) <= set(found.participants["participant"])
    assert found.replicate == 3
    assert {"participants", "visits", "estimates", "flow"} <= set(dir(found))
    with pytest.raises(AttributeError, match="did you mean visits"):
        _ = found.visit
    assert "Flow of participants" in str(found)


def test_a_trial_tells_usual_care_by_arm(small):
    found = sb.trial(sb.scenario("selfback_2021", ["trial.sample_size=40"]))
    assert {"participant", "kind", "day", "days", "cost"} == set(found.care.columns)
    assert "Costs, EUR of 2019, mean (SD)" in str(found)
    imaging = [each for each in found.to_dict()["care"] if each["quantity"] == "any imaging"]
    assert [each["arm"] for each in imaging] == ["control", "intervention"]
    assert sum(each["n"] for each in imaging) == 40
    bare = sb.trial(small)
    assert bare.to_dict()["care"] == []
    assert "EUR" not in str(bare)


def test_a_trial_is_saved_only_where_a_folder_is_given(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sb.trial(small)
    assert list(tmp_path.iterdir()) == []
    found = sb.trial(small, out="a/b/trial0", export="csv")
    saved = pd.read_csv(tmp_path / "a" / "b" / "trial0" / "estimates.csv")
    assert np.allclose(saved["estimate"], found.estimates["estimate"], equal_nan=True)


def test_anyones_tables_are_analysed_as_the_trial_analyses_its_own(small):
    trial = sb.trial(small)
    found = sb.analyse(trial.participants, trial.visits, small)
    both = found.estimates.merge(
        trial.estimates, on=["analysis", "outcome", "visit", "contrast"], suffixes=("", "_trial")
    )
    assert len(both) == len(trial.estimates)
    assert np.array_equal(both["estimate"], both["estimate_trial"], equal_nan=True)
    with pytest.raises(sb.InputError, match=r"^visits has no column rmdq"):
        sb.analyse(trial.participants, trial.visits.drop(columns="rmdq"), small)


def test_a_run_holds_its_replicates(study, small):
    assert sorted(study.estimates["replicate"].unique()) == list(range(6))
    assert study.failures.empty
    first = sb.trial(small).estimates
    mine = study.estimates[study.estimates["replicate"] == 0]
    assert np.array_equal(mine["estimate"], first["estimate"], equal_nan=True)
    measures = study.performance().measures
    power = measures[(measures["measure"] == "power") & (measures["analysis"] == "clda")]
    at = study.estimates.query(
        "analysis == 'clda' and outcome == 'rmdq' and contrast == 'difference'"
    )
    shares = at.assign(won=at["p"] < 0.05).groupby("visit", sort=False)["won"].mean()
    assert power.set_index("visit")["value"].to_dict() == shares.to_dict()


def test_a_temporary_folder_goes_with_its_result(small):
    found = sb.run(small, replicates=1, jobs=1, progress=False)
    folder = found.directory
    assert (folder / "manifest.json").is_file()
    del found
    assert not folder.exists()


def test_a_validation_of_a_run_has_the_published_numbers():
    toy = sb.scenario("planned_2018", {**SMALL, "published": "selfback_2021"})
    found = sb.run(toy, replicates=2, jobs=1, progress=False).validation()
    assert {"label", "published", "mean", "lower", "upper"} <= set(found.targets.columns)
    assert found.targets["published"].notna().all()
    with pytest.raises(sb.InputError, match="there are no targets"):
        sb.validate("planned_2018", replicates=2, jobs=1, progress=False)


def test_designs_are_compared(small):
    easier = sb.scenario(small, {"course.effect": [-4.0] * 4})
    found = sb.compare(small, easier, replicates=3, jobs=1, progress=False)
    gap = found.differences.set_index("quantity")["difference"]
    assert gap["true effect"] == pytest.approx(-2.0)
    with pytest.raises(sb.InputError, match="name two to 4"):
        sb.compare(small)


def test_power_over_a_grid_of_a_scenario_that_has_no_name(small):
    vary = {"trial.sample_size": [20, 40]}
    found = sb.power(small, vary=vary, null=False, replicates=4, jobs=1, progress=False)
    assert found.cells["trial.sample_size"].tolist() == [20, 40]
    study = sb.run(small, replicates=4, jobs=1, progress=False)
    power = study.summary.power.rejected
    assert found.cells["power"].tolist()[1] == power


def test_a_study_without_results_is_an_error_of_its_own(small, monkeypatch, capsys, tmp_path):
    def broken(_scenario, replicate):
        raise ZeroDivisionError(f"no trial {replicate}")

    monkeypatch.setattr("sim.front.run.run_shown", partial(run_shown, replicate=broken))
    with pytest.raises(AllFailedError, match=r"2 of 2 replicates failed, first: Zero.*no trial 0"):
        sb.run(small, replicates=2, jobs=1, progress=False)
    given = ["--replicates", "2", "--jobs", "1", "--out", str(tmp_path / "study")]
    assert call(["run", "planned_2018", *given, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["exit_code"]) == ("selfback/error", 1)
    assert "2 of 2 replicates failed" in told["error"]
    assert len(pd.read_parquet(tmp_path / "study" / "failures.parquet")) == 2


def test_progress_is_told_without_a_terminal(small, capsys):
    sb.run(small, replicates=1, jobs=1)
    first, *_ = capsys.readouterr().err.splitlines()
    assert first == "simulating planned_2018: 0 of 1, time left not known yet"


def test_a_notebook_shows_tables_with_everything_escaped(study):
    html = study.performance()._repr_html_()
    assert html.count("<table") == html.count("</table>") > 0
    assert "<th" in html
    assert "clda unadjusted, difference" in html
    odd = sb.scenario("planned_2018", {**SMALL, "title": "<script>a & b</script>"})
    html = sb.run(odd, replicates=1, jobs=1, progress=False)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;a &amp; b&lt;/script&gt;" in html


def test_a_package_of_the_same_name_is_told(tmp_path):
    (tmp_path / "recommender").mkdir()
    (tmp_path / "recommender" / "__init__.py").touch()
    path = {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    ways = ((["-m", "sim", "--help"], 2), (["-c", "import selfback; selfback.run"], 1))
    for command, code in ways:
        told = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, *command],
            capture_output=True, text=True, check=False, env=path, cwd=tmp_path,
        )  # fmt: skip
        assert told.returncode == code
        assert f"{tmp_path / 'recommender' / '__init__.py'} stands in the way" in told.stderr
        if code == 2:
            assert told.stderr.count("\n") == 1


def test_a_mean_above_one_is_no_risk():
    found = sb.trial(sb.scenario("cluster_by_clinic", {"trial.sample_size": 40})).estimates
    risks = found[found["analysis"] == "gee poisson, standardized"]
    assert "predicted means out of range" in set(risks["failure"])
    assert (risks.loc[risks["converged"], "estimate"].abs() <= 1.0).all()


def test_numbers_may_be_those_of_numpy():
    sizes = list(np.arange(20, 28, 4))
    read = sb.scenario(
        "planned_2018", {"trial.sample_size": sizes[0], "course.sd": np.full(5, 6.0)}
    )
    assert (read.trial.sample_size, set(read.course.sd)) == (20, {6.0})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: sb.scenario(None), "scenario = 'None' is not allowed"),
        (lambda: sb.scenario("planned_2018", 5), "changes = 5 is not allowed"),
        (lambda: sb.run("planned_2018", 2, max_failures=5), "max_failures = 5 is not allowed"),
        (lambda: sb.run("planned_2018", until_mcse=0.01), "until_mcse = 0.01 is not allowed"),
        (lambda: sb.run("planned_2018", until_mcse={"power": "0.1"}), "power='0.1' is not allowed"),
        (lambda: sb.power("planned_2018", vary={"seed": []}), r"vary: seed = \[\] is not allowed"),
        (lambda: sb.power("planned_2018", vary={"seed": 20}), "vary: seed = 20 is not allowed"),
    ],
)
def test_what_has_the_wrong_type_is_told_in_a_line(wrong, told):
    with pytest.raises(sb.InputError, match=told):
        wrong()
