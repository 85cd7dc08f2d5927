import pytest

from scenarios.analyses.register import REGISTER, asked_for, names_of, registered, suits
from scenarios.errors import ScenarioError
from scenarios.loading.load import load_scenario


def test_names_are_unique_and_every_label_is_a_phrase():
    names = [entry.name for entry in REGISTER]
    assert len(set(names)) == len(names)
    assert all(entry.label and not entry.label.endswith(".") for entry in REGISTER)


def test_an_analysis_is_found_by_both_its_names():
    entry = registered("clda per protocol")
    assert entry is asked_for("sensitivity", "per protocol")
    assert entry.would_be_adherers
    assert registered("per protocol") is None
    assert asked_for("alternative", "per protocol") is None


@pytest.mark.parametrize(
    "name", [name for name in names_of("alternative") if suits(name, "continuous")]
)
def test_every_alternative_is_allowed_in_a_scenario(name):
    cluster = [] if "none" not in registered(name).refused else [
        "clinics.number=42", 'analysis.cluster="clinic"', "analysis.sensitivity=[]"
    ]  # fmt: skip
    found = load_scenario("selfback_2021", [*cluster, f'analysis.alternatives=["{name}"]'])
    assert found.analysis.alternatives == (name,)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ('alternatives=["ancoba"]', "alternatives[0]: 'ancoba' is not allowed: must be ancova, "),
        ('alternatives=["ancoba"]', "or module:attribute; did you mean ancova?"),
        ('sensitivity=["complete cases"]', "sensitivity[0]: 'complete cases' is not allowed"),
        ('sensitivity=["complete cases"]', "did you mean complete case?"),
        ('primary_analysis="clda ignoring clinics"', "'clda ignoring clinics' is not allowed"),
        ('primary_analysis="a:b"', "'a:b' is an alternative, and must be one of alternatives"),
        ('alternatives=["ancova", "ancova"]', "alternatives: 'ancova' is named twice"),
    ],
)
def test_a_name_that_cannot_be_is_refused_in_one_line(setting, told):
    with pytest.raises(ScenarioError) as caught:
        load_scenario("selfback_2021", [f"analysis.{setting}"])
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
