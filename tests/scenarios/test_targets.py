"""Consistency of the published numbers: what the paper prints twice must agree."""

import math

import pytest
from pydantic import ValidationError

from scenarios.targets import Target, load_published

TARGETS = load_published("selfback_2021").targets
BY_LABEL = {target.label: target for target in TARGETS}


def value(label):
    return BY_LABEL[label].value


def test_labels_and_selections_are_unique():
    assert len(BY_LABEL) == len(TARGETS)
    chosen = [
        (t.table, t.result_column, tuple(sorted(t.select.items())))
        for t in TARGETS
        if t.role != "implied"
    ]
    assert len(set(chosen)) == len(chosen)


def test_the_flow_adds_up():
    inclusion = ("RMDQ below 6", "No low back pain", "Inadequate smartphone")
    assert sum(map(value, inclusion)) == value("Did not meet inclusion criteria")
    other = [t.value for t in TARGETS if t.source == "Figure 1, note b"]
    assert sum(other) == value("Other reasons")
    excluded = ("Did not meet inclusion criteria", "Refused after screening", "Other reasons")
    assert sum(map(value, excluded)) == value("Excluded")
    assert value("Assessed for eligibility") - value("Excluded") == value("Randomized")
    asked = ("Could not be reached", "Refused to participate", "Assessed for eligibility")
    assert sum(map(value, asked)) == value("Expressed interest")
    assert value("Control") + value("Intervention") == value("Randomized")


@pytest.mark.parametrize("arm", ["control", "intervention"])
def test_reasons_of_withdrawal_add_up(arm):
    by_visit = [
        t.value for t in TARGETS if t.select.get("stage", "").startswith(f"{arm}: withdrew by")
    ]
    by_reason = [
        t.value for t in TARGETS if t.select.get("stage", "").startswith(f"{arm}: withdrew: ")
    ]
    assert len(by_visit) == 4
    assert sum(by_visit) == sum(by_reason)


@pytest.mark.parametrize("visit", ["6 weeks", "3 months", "6 months", "9 months"])
def test_answers_by_arm_add_up(visit):
    arms = [value(f"Answered at {visit}, {arm}") for arm in ("control", "intervention")]
    assert sum(arms) == value(f"Complete RMDQ data at {visit}")


@pytest.mark.parametrize(
    "start",
    ["General practitioner|Physiotherapist|Chiropractor|Outpatient clinic"]
    + [f"{what}: " for what in ("Back pain in the past year", "Pain medication")],
)
def test_shares_sum_to_1(start):
    shares = [t.value for t in TARGETS if t.label.startswith(tuple(start.split("|")))]
    assert len(shares) == 4
    assert sum(shares) == pytest.approx(1.0, abs=4 * 0.5e-4)


def test_standard_errors_are_those_of_the_intervals():
    pairs = 0
    for target in TARGETS:
        other = [
            t for t in TARGETS
            if t.select == target.select and t.column == "se" and target.ci is not None
            and target.column != "se"
        ]  # fmt: skip
        for se in other:
            low, high = map(math.log, target.ci) if target.transform else target.ci
            assert se.value == pytest.approx((high - low) / 3.92, abs=1e-4), target.label
            pairs += 1
    assert pairs == 26


def test_estimates_lie_in_the_middle_of_their_intervals():
    # Within rounding, except for GPE at 9 months, 0.81 (0.49 to 1.15), as printed.
    for target in TARGETS:
        if target.ci is None or target.table != "estimates":
            continue
        low, high = map(math.log, target.ci) if target.transform else target.ci
        middle = math.exp((low + high) / 2.0) if target.transform else (low + high) / 2.0
        if target.label == "GPE at 9 months, adjusted difference":
            assert middle - target.value == pytest.approx(0.01)
        else:
            assert abs(middle - target.value) <= 0.0101 + target.rounding, target.label


def test_every_role_is_there_and_held_out_are_never_raw_counts():
    roles = {
        role: [t for t in TARGETS if t.role == role]
        for role in ("calibration", "held-out", "implied")
    }
    assert all(roles.values())
    assert all(t.table != "flow" for t in roles["held-out"])
    assert all(t.column != "se" for t in roles["calibration"])


def other(value=0.38, **more):
    return Target(
        section="Course", label="recurrence", value=value, study="a cohort", source="its abstract",
        role="held-out", table="between_visits", select={"figure": "recurrence"}, **more,
    )  # fmt: skip


def test_a_number_of_another_study_has_the_standard_error_of_that_study():
    assert other(n=250).own_error == pytest.approx(math.sqrt(0.38 * 0.62 / 250))
    assert other(n=250, se=0.05).own_error == 0.05
    assert other(1.4, ci=(1.0, 1.98)).own_error == pytest.approx(0.25)
    ratio = other(1.4, ci=(1.0, 2.0), transform="exp").own_error
    assert ratio == pytest.approx(math.log(2.0) / 3.92)
    assert all(target.own_error is None for target in TARGETS)


def test_a_number_of_another_study_must_have_an_error():
    with pytest.raises(ValidationError, match="needs se, ci, or the n"):
        other(1.4, n=250)
    with pytest.raises(ValidationError, match="is simulated, not stated"):
        Target.model_validate(BY_LABEL["Control"].model_dump() | {"se": 1.0})


def test_several_files_follow_each_other():
    assert load_published(["selfback_2021"]).targets == TARGETS
    assert len(load_published(["selfback_2021", "selfback_2021"]).targets) == 2 * len(TARGETS)
