"""What was set by hand, as a file: read again, it is the same scenario."""

import tomllib

import pytest

from scenarios.loading.layers import merge
from scenarios.loading.load import load_scenario, scenario_hash, validate
from scenarios.loading.variant import variant_document, whole_document

CASES = {
    "nothing": ("planned_2018", []),
    "a number": ("planned_2018", ["trial.sample_size=100"]),
    "what supersedes another key": ("planned_2018", ["course.effect_size=-3"]),
    "seed and truth": ("selfback_2021", ["seed=5", "truth=true"]),
    "an element of a list": ("selfback_2021", ["arms.intervention.label=App"]),
    "a value deep in a list": ("selfback_2021", ["trial.strata[0].levels.country=denmark"]),
    "a free table as a whole": (
        "selfback_2021", ['followup.arms.control.withdrawal_reasons={"unknown"=1.0}'],
    ),
    "an empty free table": ("depression_phq9", ["analysis.secondary_level={}", "seed=3"]),
    "another kind of section": ("selfback_2021", ["trial.randomization.kind=simple"]),
    "a name in quotes": (
        "selfback_2021", ['followup.reasons."work pressure".per_pain=0.2'],
    ),
    "dates": ("selfback_2021", ["shock.enabled=true", "shock.begins=2020-03-20"]),
}  # fmt: skip


@pytest.mark.parametrize(("base", "changes"), CASES.values(), ids=CASES)
def test_a_variant_is_the_same_scenario(base, changes, tmp_path):
    merged = merge(base, changes)
    before = validate(merged)
    file = tmp_path / "variant.toml"
    file.write_text(variant_document(merged, extends=base, name="variant"), "utf-8")
    after = load_scenario(file)
    assert scenario_hash(after) == scenario_hash(before)
    assert (after.name, after.title) == ("variant", before.title)
    assert after.published == before.published


def test_a_variant_says_what_was_changed_and_nothing_else():
    text = variant_document(
        merge("planned_2018", ["trial.sample_size=100"]), extends="planned_2018", name="mine"
    )
    assert "sample_size = 100  # participants; own choice" in text
    assert list(tomllib.loads(text)) == ["extends", "name", "title", "trial"]
    assert tomllib.loads(text)["trial"] == {"sample_size": 100}


def test_a_whole_document_extends_nothing(tmp_path):
    merged = merge("planned_2018", ["trial.sample_size=100"])
    text = whole_document(merged, name="mine")
    assert "extends" not in tomllib.loads(text)
    file = tmp_path / "mine.toml"
    file.write_text(text, "utf-8")
    assert scenario_hash(load_scenario(file)) == scenario_hash(validate(merged))
