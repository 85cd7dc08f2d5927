"""The pages, without a browser."""

import html

import pytest

import selfback as sb
from scenarios.loading.load import load_scenario, scenario_hash
from sim.explore.runs import Runs


def text_of(answer):
    return html.unescape(answer.get_data(as_text=True))


def test_the_first_page_offers_the_library_and_the_results(client):
    shown = text_of(client.get("/"))
    for words in ("knee_koos", "Would the wristband alone have done it?", "first", "finished"):
        assert words in shown
    assert shown.index(">selfback_2021<") < shown.index(">cluster_by_clinic<")


def test_a_scenario_is_told_with_its_question_and_its_parameters(client):
    shown = text_of(client.get("/scenario?base=planned_2018"))
    assert "If this trial were repeated with 350 participants in 2 arms" in shown
    assert 'name="key:trial.sample_size" value="350"' in shown
    assert "Source: paper, Adverse Events and Power" in shown


def test_what_is_wrong_stands_at_its_field(client, post):
    shown = text_of(client.get("/scenario?base=planned_2018&set=trial.sample_size%3D0"))
    assert "trial.sample_size = 0 is not allowed: must be above 0" in shown
    told = post("/check", **{"base": "planned_2018", "key:followup.dropout": "7"}).json
    assert told["wrong"] == {
        "followup.dropout": "followup.dropout = 7 is not allowed: must be at most 1"
    }
    assert (told["toml"], told["hash"]) == ("", "")


def test_what_can_be_copied_is_the_same_scenario(post, tmp_path):
    fields = {"base": "planned_2018", "key:trial.sample_size": "90", "set": "seed = 3"}
    told = post("/check", **fields).json
    file = tmp_path / "copied.toml"
    file.write_text(told["toml"], "utf-8")
    assert scenario_hash(load_scenario(file)) == told["hash"]
    assert told["command"].startswith("selfback run planned_2018 --set trial.sample_size=90 ")
    assert (
        told["address"] == "/scenario?base=planned_2018&set=trial.sample_size%3D90&set=seed+%3D+3"
    )


@pytest.mark.parametrize("base", ["no_such", "nowhere.toml", "study:none", "", "../x", "a\0.toml"])
def test_a_scenario_that_is_not_there_is_told_in_a_line(client, base):
    answer = client.get("/scenario", query_string={"base": base})
    assert answer.status_code == 400
    assert 'class="problem"' in text_of(answer)


def test_a_broken_file_is_told_on_the_page(client, tmp_path):
    (tmp_path / "broken.toml").write_text("name = ", "utf-8")
    answer = client.get("/scenario", query_string={"base": str(tmp_path / "broken.toml")})
    assert answer.status_code == 400
    assert "is not TOML" in text_of(answer)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"replicates": "0"}, "must be a whole number from 1 to 100,000"),
        ({"replicates": "many"}, "must be a whole number from 1 to 100,000"),
        ({"replicates": "2", "name": "../evil"}, "must start with a letter or digit"),
        ({"replicates": "2", "name": "first"}, "name first is not allowed"),
        ({"replicates": "2", "key:trial.sample_size": "-1"}, "must be above 0"),
    ],
)
def test_a_run_that_cannot_be_is_refused_and_the_form_is_kept(post, runs, fields, told):
    answer = post("/runs", **{"base": "planned_2018", "key:followup.dropout": "0.25", **fields})
    assert answer.status_code == 400
    assert told in text_of(answer)
    assert 'value="0.25"' in text_of(answer)
    assert not runs.root.exists()


def test_a_result_has_its_verdict_tables_and_figures(client):
    shown = text_of(client.get("/runs/first"))
    assert "of trials find the intervention better, 2-sided P < 0.05" in shown
    assert "data:image/svg+xml;base64," in shown
    assert "Table 2. Outcomes" in shown
    assert "no bias and no coverage" in shown  # without the truth
    report = client.get("/runs/first/report")
    assert "Reporting checklists" in text_of(report)


def test_a_study_brings_its_scenario_with_it(client, finished):
    shown = text_of(client.get("/scenario?base=study:first"))
    assert 'value="30"' in shown  # made from Python: no file has it
    assert f"As the folder {finished / 'first'} has it" in shown


def test_runs_side_by_side(client):
    shown = text_of(client.get("/compare?run=first&run=second"))
    for words in (
        "They share common random numbers", "replicates 0 to 3", "course.effect_size",
        "paired by common random numbers", "Mean estimate", "A: first", "B: second",
    ):  # fmt: skip
        assert words in shown


@pytest.mark.parametrize("query", ["run=first", "run=first&run=first", "run=first&run=none", ""])
def test_a_comparison_needs_several_runs(client, query):
    assert client.get(f"/compare?{query}").status_code == 400


def test_single_patients_with_a_way_to_others(client):
    shown = text_of(client.get("/runs/first/patients?participant=2"))
    assert "Participant 2 of trial 0" in shown
    assert "participant=1" in shown
    assert "participant=3" in shown
    assert "randomized" in shown
    anybody = client.get("/runs/first/patients/random")
    assert client.get(anybody.location).status_code == 200


@pytest.mark.parametrize(
    "query", ["participant=31", "participant=-1", "replicate=4", "replicate=x"]
)
def test_a_patient_who_is_not_there_is_told_in_a_line(client, query):
    answer = client.get(f"/runs/first/patients?{query}")
    assert answer.status_code == 400
    assert "not allowed" in text_of(answer) or "must be" in text_of(answer)


def test_what_a_scenario_calls_itself_is_text(tmp_path, visitor):
    hostile = '<script>alert(1)</script>" onload="x \u202e{{ 7 * 7 }}'
    file = tmp_path / "<img src=x>.toml"
    title = hostile.replace('"', '\\"')
    file.write_text(f'extends = "planned_2018"\nname = "mine"\ntitle = "{title}"\n', "utf-8")
    client = visitor(Runs(tmp_path / "explore"), [file])
    for answer in (client.get("/"), client.get("/scenario", query_string={"base": str(file)}),
                   client.get("/runs/%3Cscript%3E")):  # fmt: skip
        raw = answer.get_data(as_text=True)
        assert "<script>alert" not in raw
        assert "<img src=x" not in raw
        assert "\u202e" not in raw
        assert "49" not in raw.partition("<h1>")[2].partition("</h1>")[0]


def test_a_page_that_is_not_there(client):
    for path in ("/none", "/runs/none", "/theme/secret.py", "/theme/..%2Fapp.py"):
        assert client.get(path).status_code in {400, 404}


def test_a_name_that_is_not_allowed_is_told_before_the_run(post, tmp_path):
    told = post("/check", base="planned_2018", name="../é").json
    assert any("name '../é' is not allowed" in line for line in told["other"])
    assert told["name"] == "planned_2018_1"


def test_patients_are_those_of_the_run_that_is_there(tmp_path, visitor):
    small = sb.scenario("planned_2018", {"trial.sample_size": 20})
    client = visitor(Runs(tmp_path / "explore", [tmp_path / "r"]))
    shown = []
    for seed in (1, 1, 2):
        again = {"jobs": 1, "progress": False, "overwrite": True}
        sb.run(sb.scenario(small, {"seed": seed}), 2, out=tmp_path / "r", **again)
        shown.append(text_of(client.get("/runs/r/patients?participant=3")))
    assert shown[0] == shown[1] != shown[2]
    assert client.get("/runs/r/patients?participant=0").status_code == 400
