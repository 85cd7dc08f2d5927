import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.errors import InputError
from scenarios.free_parameters import FreeParameter, ParameterSpace, load_free_parameters
from scenarios.loading.layers import merge

MINIMAL = Path(__file__).with_name("minimal.toml")


def write(tmp_path, text):
    file = tmp_path / "free.toml"
    file.write_text(text, encoding="utf-8")
    return file


def parameter(key="app.quit_hazard", **given):
    return FreeParameter(**{"key": key, "transform": "log", "sd": 0.1, "source": "a test", **given})


def space(*parameters):
    return ParameterSpace(parameters, merge(MINIMAL), "free.toml")


@given(st.floats(-5.0, 5.0), st.sampled_from(["identity", "log", "logit"]))
def test_a_value_is_recovered_from_its_scale(scaled, transform):
    free = parameter(transform=transform, low=-1.0, high=3.0)
    assert free.to_scale(free.from_scale(scaled)) == pytest.approx(scaled, abs=1e-9)


def test_the_prior_mean_is_the_scenarios_value_by_default():
    data = merge(MINIMAL).data
    found = space(parameter(), parameter("pathway.tailoring_share", transform="logit", mean=0.25))
    assert found.values([0.0, 0.0]) == pytest.approx([data["app"]["quit_hazard"], 0.25])


def test_a_point_sets_its_keys_and_nothing_else():
    found = space(parameter("followup.arms.control.response.1", transform="logit"))
    before = merge(MINIMAL).data
    after = found.data([0.61])
    assert after["followup"]["arms"]["control"]["response"][1] == 0.61
    after["followup"]["arms"]["control"]["response"][1] = before["followup"]["arms"]["control"][
        "response"
    ][1]
    assert after == before
    assert found.merged.data == before


def test_shares_that_must_sum_to_1_are_balanced():
    found = space(
        parameter(
            "course.recovering.shares.0", transform="logit", balance="course.persistent.shares.0"
        )
    )
    before = merge(MINIMAL).data["course"]
    course = found.scenario([1.0]).course
    assert course.recovering.shares[0] > before["recovering"]["shares"][0]
    assert course.recovering.shares[0] + course.persistent.shares[0] == pytest.approx(
        before["recovering"]["shares"][0] + before["persistent"]["shares"][0]
    )
    assert list(course.persistent.shares[1:]) == before["persistent"]["shares"][1:]


def test_keys_move_along_on_the_transformed_scale():
    with_others = parameter(
        "course.self_efficacy_swing_sd", sd=0.2, along=("course.fear_swing_sd", "app.quit_hazard")
    )
    found = space(with_others)
    before, after = merge(MINIMAL).data, found.data(found.values([1.5]))
    for table, key in (("course", "self_efficacy_swing_sd"), ("course", "fear_swing_sd"),
                       ("app", "quit_hazard")):  # fmt: skip
        assert after[table][key] / before[table][key] == pytest.approx(math.exp(0.3))
    assert found.keys_set == [with_others.key, *with_others.along]


BODY = '[[parameters]]\nkey = "app.quit_hazard"\ntransform = "log"\nsd = 0.1\nsource = "x"\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (None, "there is no such file"),
        ("parameters =", "is not TOML"),
        ("", "parameters is missing"),
        ("parameters = []", "parameters is not allowed"),
        (BODY.replace("sd = 0.1", "sd = 0"), "parameters[0].sd = '0' is not allowed: Input should"),
        (BODY.replace("sd = 0.1\n", ""), "parameters[0].sd is missing"),
        (BODY.replace("sd", "sdd"), "parameters[0].sdd is unknown: did you mean sd?"),
        (BODY + "meen = 3.0", "parameters[0].meen is unknown: did you mean mean?"),
        (BODY.replace('"log"', '"lgo"'), "parameters[0].transform = 'lgo' is not allowed"),
        (BODY + "low = 2.0", "low: 2 is not allowed: must be below high, 1"),
    ],
)
def test_an_invalid_file_is_refused_in_one_line(tmp_path, text, line):
    file = tmp_path / "free.toml" if text is None else write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_free_parameters(file)
    assert line in str(caught.value)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("free", "line"),
    [
        ([{"key": "app.quit_hazzard"}], "is no parameter of the scenario; did you mean app.quit_h"),
        ([{"key": "followup.arms.control.response.9"}], "is no parameter of the scenario"),
        ([{"key": "app"}], "its value must be a number"),
        ([{"key": "title"}], "its value must be a number"),
        ([{}, {}], "parameters[1]: key = 'app.quit_hazard' is there already"),
        ([{"mean": -1.0}], "'app.quit_hazard', log: prior mean -1 has no logarithm"),
        ([{"transform": "logit", "mean": 1.5}], "prior mean 1.5 is not between 0 and 1"),
        ([{"transform": "identity", "sd": 9.0}], "app.quit_hazard = -1"),
        ([{"key": "app.assistants"}], "parameters[0]: app.assistants = "),
        ([{"along": ("app.x",)}], "parameters[0]: along = 'app.x' is no parameter"),
        ([{"balance": "app.x"}], "parameters[0]: balance = 'app.x' is no parameter"),
    ],
)
def test_a_parameter_that_does_not_fit_the_scenario_is_refused_in_one_line(free, line):
    with pytest.raises(InputError) as caught:
        space(*(parameter(**given) for given in free))
    assert line in str(caught.value)
    assert str(caught.value).startswith("free.toml: parameters[")


def test_the_shipped_parameters_fit_their_scenario():
    folder = Path(__file__).parents[2] / "scenarios" / "calibration"
    files = sorted(folder.glob("*.toml"))
    assert files
    for file in files:
        found = ParameterSpace(load_free_parameters(file), merge(file.stem), str(file))
        found.scenario([1.0] * len(found))
