"""Effects with one parameter moved: the truth of the trial, on common random numbers."""

import numpy as np
import pytest

from scenarios.free_parameters import key_path
from scenarios.loading.layers import merge
from scenarios.loading.load import load_scenario, validate
from scenarios.loading.partial import json_of
from sim.replicates.moved_effects import Change, MovedEffects, lives_alike
from sim.simulate import simulate_unasked
from sim.tables.true_effects import ALL, true_effects

SMALL = ["trial.sample_size=40"]


def task(name, changes, arm="intervention"):
    merged = merge(name, SMALL)
    made = tuple(Change(key_path(key, merged.data), value) for key, value in changes.items())
    return MovedEffects(json_of(merged.data), made, arm), validate(merged)


def effect(found, number):
    (row,) = found(number)["moved"].to_pylist()
    return row


def truth(scenario, replicate, contrast):
    table = true_effects(simulate_unasked(scenario, replicate)).to_pandas()
    plan = scenario.analysis
    mine = table[
        (table["population"] == ALL) & (table["contrast"] == contrast)
        & (table["outcome"] == plan.primary_outcome) & (table["visit"] == plan.primary_visit)
    ]  # fmt: skip
    return mine["effect"].item()


@pytest.mark.parametrize(
    ("name", "key", "value", "arm", "contrast"),
    [
        ("three_arms", "pathway.tailoring_share", 0.3, "intervention", "intervention - control"),
        ("knee_koos", "course.effect_size", 9.0, "exercise", "exercise - usual_care"),
    ],
)  # fmt: skip
def test_effects_are_those_of_the_truth_with_the_value_set(name, key, value, arm, contrast):
    found, base = task(name, {key: value}, arm)
    names = base.arm_names
    assert contrast == f"{arm} - {names[0]}"
    changed = load_scenario(name, [*SMALL, f"{key}={value}"])
    for replicate in (0, 1) if name == "knee_koos" else (1,):
        for place, scenario in enumerate((base, changed)):
            row = effect(lambda number: found(base, number), 2 * replicate + place)
            assert (row["trial"], row["place"], row["n"]) == (replicate, place, 40)
            assert row["effect"] == truth(scenario, replicate, contrast)


def test_the_effect_of_a_plain_course_changes_by_what_it_is_moved():
    found, base = task("planned_2018", {"course.effect": [-2.5] * 4})
    rows = [effect(lambda number: found(base, number), number) for number in range(4)]
    assert [row["effect"] for row in rows] == pytest.approx([-2.0, -2.5, -2.0, -2.5])
    assert rows[0]["reference_mean"] == rows[1]["reference_mean"] != rows[2]["reference_mean"]


UNREAD = (
    "followup.frailty=0.1", "followup.slopes.pain=-0.9", "followup.response_reminders=1",
    "followup.reasons.surgery.per_pain=2.0", "followup.retention.incentive=2.0",
    "followup.arms.control.response=[0.3, 0.4, 0.5, 0.6]", "safety.serious=0.9",
    'followup.arms.control.withdrawal_reasons."personal reasons"=9.0',
    "safety.rates.intervention=3.0", "analysis.secondary_response.pseq=3.0",
    "instruments.pseq.spread=4.0", "instruments.eq_5d.stability=0.9", "instruments.gpe.error=3.0",
    "instruments.sgpals.error=2.0", "care.sick_leave.begins.per_week=0.5",
)  # fmt: skip


def test_what_nothing_before_the_answers_reads_changes_nobody():
    """What spares trials is no guess: everybody's scores in all arms are the same, bit by bit."""
    base = load_scenario("selfback_2021", SMALL)
    changed = load_scenario("selfback_2021", [*SMALL, *UNREAD])
    assert base != changed
    assert lives_alike(base, changed)
    for key in ("instruments.rmdq.stability=0.9", "followup.arms.control.withdrawal=[0.3,0,0,0]",
                "instruments.nrs.error=2.0", "care.advice.relief=0.2"):  # fmt: skip
        assert not lives_alike(base, load_scenario("selfback_2021", [*SMALL, key]))
    one, other = (simulate_unasked(each, 3).scores_when_due(shifted=False)["rmdq"]
                  for each in (base, changed))  # fmt: skip
    assert np.array_equal(one, other)
    assert truth(base, 3, "intervention - control") == truth(changed, 3, "intervention - control")
