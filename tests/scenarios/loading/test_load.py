import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.errors import InputError, ScenarioError
from scenarios.loading.library import library_names
from scenarios.loading.load import load_scenario, scenario_hash
from scenarios.people.course import MechanisticCourse
from scenarios.people.patients import StandardNormal
from scenarios.people.plain_course import NormalCourse

MINIMAL = Path(__file__).parents[1] / "minimal.toml"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def child(folder: Path, text: str, name: str = "my.toml") -> Path:
    own = "" if text.startswith("name") else f'name = "{name.removesuffix(".toml")}"\n'
    return write(folder, name, f'extends = "{MINIMAL}"\n{own}{text}')


def refusal(name_or_path: str | Path, *overrides: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(name_or_path, overrides)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", library_names())
def test_every_scenario_of_the_library_loads(name):
    assert load_scenario(name).name == name


def test_lists_become_tuples_and_dates_dates():
    scenario = load_scenario(MINIMAL)
    assert scenario.trial.randomization.block_sizes == (4, 6)
    assert scenario.trial.opens.isoformat() == "2019-03-08"


def test_a_child_changes_what_it_names_and_keeps_the_rest(tmp_path):
    scenario = load_scenario(
        child(tmp_path, "[trial]\nsample_size = 200\nrandomization.block_sizes = [2]")
    )
    parent = load_scenario(MINIMAL)
    assert scenario.trial.sample_size == 200
    assert scenario.trial.randomization.block_sizes == (2,)
    assert scenario.app == parent.app


def test_extends_reaches_grandparents_by_relative_paths(tmp_path):
    (tmp_path / "deep").mkdir()
    child(tmp_path, 'name = "mother"\n[trial]\nsample_size = 100')
    path = write(tmp_path / "deep", "x.toml", 'extends = "../my.toml"\nname = "daughter"')
    scenario = load_scenario(path)
    assert (scenario.name, scenario.trial.sample_size) == ("daughter", 100)


def test_overrides_come_last_and_are_parsed_as_toml_or_text(tmp_path):
    scenario = load_scenario(
        str(child(tmp_path, "seed = 1")),
        [
            "seed=2",
            "app.quit_hazard = 0.25",
            "trial.randomization.block_sizes=[2, 8]",
            "title=Just words, no quotes",
            'followup.arms.control.withdrawal_reasons."no time"=3',
            "trial.opens=2020-01-02",
            "recruitment.contact={mean = 1.0}",
        ],
    )
    assert scenario.seed == 2
    assert scenario.app.quit_hazard == 0.25
    assert scenario.trial.randomization.block_sizes == (2, 8)
    assert scenario.title == "Just words, no quotes"
    assert scenario.followup.arms["control"].withdrawal_reasons == {"no time": 3.0}
    assert scenario.trial.opens.year == 2020
    assert (scenario.recruitment.contact.mean, scenario.recruitment.contact.longest) == (1.0, 14.0)


NORMAL = """
[course]
model = "normal"
outcome = "rmdq"
means = [10.0, 8.0, 7.0]
sd = [4.0, 5.0, 5.0]
correlation = [[0.5]]
effect = [-1.0, -1.0]
"""


def test_a_section_that_changes_its_kind_is_replaced_whole(tmp_path):
    assert isinstance(load_scenario(MINIMAL).course, MechanisticCourse)
    scenario = load_scenario(child(tmp_path, NORMAL))
    assert isinstance(scenario.course, NormalCourse)
    assert load_scenario(child(tmp_path, NORMAL), ["course.effect=[0, 0]"]).course.effect == (0, 0)


def test_a_margin_that_changes_its_kind_is_replaced_whole():
    scenario = load_scenario(MINIMAL, ["population.margins.age.kind=standard"])
    assert isinstance(scenario.population.margins["age"], StandardNormal)


def test_a_kind_that_is_repeated_keeps_the_parent_keys():
    scenario = load_scenario(
        MINIMAL, ["course.model=mechanistic", "recommender.kind=random", "course.swing_memory=9"]
    )
    assert scenario.course.swing_memory == 9
    assert scenario.recommender.neighbours == 5


def minimization(factors: str, probability: float) -> str:
    return (
        f'trial.randomization={{kind="minimization", factors=[{factors}], imbalance="range", '
        f"probability={probability}}}"
    )


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("app.quit_hazard=1.2", "--set: app.quit_hazard = 1.2 is not allowed: must be at most 1"),
        ("app.quit_hazard=a", '--set: app.quit_hazard = "a" is not allowed: must be a number'),
        ("app.quit_hazard=nan", "app.quit_hazard = NaN is not allowed: must be a finite number"),
        ("app.quit_hazard=1e999", "app.quit_hazard = Infinity is not allowed: must be a finite"),
        ("trial.sample_size=0", "trial.sample_size = 0 is not allowed: must be above 0"),
        ("trial.sample_size=1.5", "trial.sample_size = 1.5 is not allowed: must be a whole number"),
        ("trial.sample_size=true", "trial.sample_size = true is not allowed: must be a whole"),
        ("trial.opens=soon", 'trial.opens = "soon" is not allowed: must be a date such as'),
        ("trial.opens=2019-03-08T10:00:00", "trial.opens = "),
        ("app.quit_hazzard=0", "--set: app.quit_hazzard is unknown: did you mean app.quit_hazard?"),
        ("quit_hazard=0", "--set: quit_hazard is unknown: did you mean app.quit_hazard?"),
        ("ap.quit_hazard=0", "--set: ap.quit_hazard is unknown: did you mean app.quit_hazard?"),
        ("app=3", "--set: app = 3 is not allowed: must be a table"),
        ("trial.visits=3", "--set: trial.visits = 3 is not allowed: must be a list"),
        ("trial.visits=[]", "trial.visits = [] is not allowed: must have at least 1 elements"),
        ("app.quit_hazard.x=3", '--set: app.quit_hazard = {"x": 3} is not allowed: must be a num'),
        ("extends=other", "--set: extends is unknown: "),
        ("name=a b", '--set: name = "a b" is not allowed: must start with a letter or digit'),
        (
            "step_sources.phone.share=0.5",
            "--set: step_sources.share: the sources sum to 1.4, they must sum to 1",
        ),
        ("step_sources.phone.lost=0.1", "step_sources.phone.lost is unknown"),
        ("app.pause_weeks=0.5", "app.pause_weeks = 0.5 is not allowed: must be at least 1"),
        (
            "recommender.kind=gideline",
            "none, http or module:attribute; did you mean guideline?",
        ),
        (
            "course.model=x",
            '--set: course.model = "x" is not allowed: must be mechanistic or normal',
        ),
        (
            "population.margins.agge={kind='standard'}",
            "--set: population.margins.agge is unknown: did you mean population.margins.age",
        ),
        (
            "population.margins.age.mean=7",
            "population.margins.age.mean: 7 is not between low and high",
        ),
        (
            "population.margins.sex.lo=7",
            "--set: population.margins.sex.lo is unknown: ",
        ),
        (
            "trial.randomization.block_sizes=[3]",
            "--set: trial.randomization.block_sizes: 3 is not allowed: a block must be",
        ),
        (
            "trial.randomization.kind=coin",
            "is not allowed: must be stratified_blocks, blocks, simple or minimization",
        ),
        ("trial.randomization.kind=blocks", "trial.randomization.block_sizes is missing"),
        (
            minimization('"sex", "sex"', 0.8),
            "--set: trial.randomization.factors: a factor is named twice",
        ),
        (
            minimization('"duration"', 0.8),
            "trial.randomization.factors: duration has no categories in population.margins",
        ),
        (
            minimization('"country"', 0.5),
            "--set: trial.randomization.probability = 0.5 is not allowed: must be above 0.5",
        ),
        (
            minimization('"shoe size"', 0.8),
            'trial.randomization.factors[0] = "shoe size" is not allowed: must be country, ',
        ),
        ("recruitment.minimum_pain=11", "recruitment.minimum_pain = 11 is not allowed: must be at"),
        (
            "recruitment.minimum_duration=long",
            (
                "--set: recruitment.minimum_duration: 'long' is not allowed with "
                "population.margins.duration: must be '': it has no categories"
            ),
        ),
        (
            "recruitment.run_in.kind=steps",
            "recruitment.run_in.days is missing",
        ),
        (
            'recruitment.run_in={kind="steps", days=5, needed_days=6}',
            "--set: recruitment.run_in.needed_days: 6 is not allowed: the run-in has 5 days",
        ),
        (
            "followup.retention.call_days=[14]",
            "--set: followup.retention.call_days: days must increase and come after the last",
        ),
        (
            "followup.retention.call_days=[170]",
            "--set: followup.retention.call_days and followup.answer_delay.longest: answers may",
        ),
        (
            "followup.retention.withdrawal=3",
            "--set: followup.retention.withdrawal: 3 is not allowed: more than all would be lost",
        ),
        (
            "analysis.primary_analysis=mmrm",
            "--set: analysis.primary_analysis and analysis.alternatives: 'mmrm' is an alternative",
        ),
        (
            "analysis.primary_visit=x",
            "--set: analysis.primary_visit: 'x' is not one of month_3, month_9",
        ),
        ("recommender.weights.pain=-1", "recommender.weights.pain = -1 is not allowed: must be at"),
        (
            "followup.arms.control.response=[0.5, 2]",
            "--set: followup.arms.control.response[1] = 2 is not allowed: must be at most 1",
        ),
        (
            "followup.reminder_days=[170]",
            "--set: followup.reminder_days and followup.answer_delay.longest: answers may take 184",
        ),
        ("followup.reminder_days=[7, 3]", "--set: followup.reminder_days: days must increase"),
        (
            "staff.day_hours=0.25",
            "recruitment.screening_hours and staff.day_hours: 0.5 hours of work do not fit into",
        ),
        ("staff.day_start=20.0", "--set: staff.day_start and staff.day_hours: the working day"),
        ('staff.holidays.denmark=["x"]', '--set: staff.holidays.denmark[0] = "x" is not allowed: '),
        ("staff.holidays.sweden=[2019-06-06]", "--set: staff.holidays.sweden is unknown"),
        ('followup.missingness="maybe"', "--set: followup.missingness = "),
        ("sample_size", "--set: 'sample_size' has no '='"),
        ("", "--set: '' has no '='"),
        ("=3", "--set: '=3' does not start with a dotted key"),
        ("a b=3", "--set: 'a b=3' does not start with a dotted key"),
        ("a.=3", "--set: 'a.=3' does not start with a dotted key"),
        ("a=1\nb=2", "--set: a is unknown"),
        ("x=1\nb=2\n", "--set: "),
        ("title=\udcff", "--set: "),
        ("seed=" + "[" * 10_000, "--set: seed = "),
        ("trial.sample_size=" + "9" * 5000, "--set: trial.sample_size = "),
        ("trial.sample_size=" + "9" * 50, "--set: trial.sample_size = "),
    ],
)
def test_an_override_that_is_not_allowed_is_told_in_one_line(override, line):
    assert line in refusal(MINIMAL, override)


def test_contradicting_overrides_are_refused():
    assert "app was set to a value" in refusal(MINIMAL, "app=3", "app.quit_hazard=0.1")


def test_the_file_that_set_the_value_last_is_named(tmp_path):
    child(tmp_path, "[app]\nquit_hazard = 1.2", "mother.toml")
    path = write(
        tmp_path, "my.toml", 'extends = "mother.toml"\nname = "my"\n[app]\nquit_spread = 0.1'
    )
    assert refusal(path) == "mother.toml: app.quit_hazard = 1.2 is not allowed: must be at most 1"


def test_several_problems_are_counted_and_the_first_is_an_unknown_key(tmp_path):
    path = child(tmp_path, "[app]\nquit_hazard = 1.2\nquit_spraed = 0.1\nassistants = 0")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert len(caught.value.problems) == 3
    message = str(caught.value)
    assert message.endswith(
        "app.quit_spraed is unknown: did you mean app.quit_spread? (and 2 more)"
    )


def test_a_missing_key_is_told(tmp_path):
    text = MINIMAL.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("sample_size")]
    path = write(tmp_path, "my.toml", "\n".join(kept))
    assert refusal(path) == f"{path}: trial.sample_size is missing"
    assert f"{MINIMAL}: course.means is missing" in refusal(MINIMAL, "course.model=normal")


def test_an_empty_file_misses_everything(tmp_path):
    told = refusal(write(tmp_path, "my.toml", ""))
    assert "name is missing: every scenario needs its own" in told
    assert told.endswith("more)")


@pytest.mark.parametrize("value", ["3", '["a"]', "true"])
def test_extends_must_be_text(tmp_path, value):
    assert "must be the name" in refusal(write(tmp_path, "my.toml", f"extends = {value}"))


def test_circles_are_refused(tmp_path):
    write(tmp_path, "a.toml", 'extends = "b.toml"')
    path = write(tmp_path, "b.toml", 'extends = "a.toml"')
    assert f"circle: {path} -> a.toml -> b.toml" in refusal(path)


@pytest.mark.parametrize("name", ["nothing_like_it", "", "..", "con\x00trol"])
def test_an_unknown_name_is_refused(name):
    assert "is unknown: " in refusal(name)


@pytest.mark.skipif(not library_names(), reason="the library is empty")
def test_the_nearest_name_of_the_library_is_offered():
    name = library_names()[0]
    assert f"did you mean {name}?" in refusal(name[:-1] + "x")


def test_a_name_that_extends_nothing_known_says_so(tmp_path):
    path = write(tmp_path, "my.toml", 'extends = "nothing_like_it"')
    assert f"{path}: extends: scenario 'nothing_like_it' is unknown" in refusal(path)


def test_files_that_cannot_be_read_are_told(tmp_path):
    (tmp_path / "folder.toml").mkdir()
    assert "is a folder" in refusal(tmp_path / "folder.toml")
    assert "there is no such file" in refusal(tmp_path / "none.toml")
    assert "cannot be read" in refusal(MINIMAL / "x.toml")
    assert "line 2: " not in refusal(write(tmp_path, "a.toml", "a = 1\nb = = 2"))
    assert "is not TOML: Invalid value (at line 2" in refusal(tmp_path / "a.toml")
    (tmp_path / "b.toml").write_bytes(b"a = 1\nb = '\xff'\n")
    assert "line 2 is not UTF-8" in refusal(tmp_path / "b.toml")
    assert "cannot be read" in refusal("con\x00trol.toml")


def test_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "my.toml"
    path.write_bytes(MINIMAL.read_bytes().replace(b"\n", b"\r\n"))
    assert load_scenario(path) == load_scenario(MINIMAL)


def test_the_hash_tells_scenarios_apart_and_not_how_they_were_written(tmp_path):
    first = scenario_hash(load_scenario(MINIMAL))
    assert len(first) == 64
    assert scenario_hash(load_scenario(child(tmp_path, ""))) == first
    assert scenario_hash(load_scenario(MINIMAL, ["app.open_logit=0.50"])) == first
    assert scenario_hash(load_scenario(MINIMAL, ["app.open_logit=0.51"])) != first


@given(st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), max_size=40))
def test_whatever_is_set_as_text_is_taken_and_what_is_no_key_refused_in_one_line(text):
    with pytest.raises(InputError) as caught:
        load_scenario(MINIMAL, [text, "sample_size"])
    assert "\n" not in str(caught.value)
    assert load_scenario(MINIMAL, [f"title={json.dumps(text)}"]).title == text
