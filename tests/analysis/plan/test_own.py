"""Analyses that users bring: found, given what they need, and guarded."""

import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from analysis.data.estimates import failed_estimate, normal_estimate
from analysis.data.trial_data import TrialData
from analysis.estimators.errors import FitError
from analysis.plan.analyse import analyse
from analysis.plan.own import find_own
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario

LABEL = ("rmdq", "3 months", "difference")
ENTRY_POINTS = "[selfback.analyses]\ntheirs = their_analyses:sound\nlost = their_lost:analysis\n"


def sound(inputs):
    rows = [(inputs.name, "rmdq", visit, "difference") for visit in ("3 months", "9 months")]
    return (normal_estimate(label, -1.0, 0.5, len(inputs.data), 0.95) for label in rows)


def drawing(inputs):
    value = float(inputs.rng.standard_normal())
    return [normal_estimate((inputs.name, *LABEL), value, 0.5, 9, 0.95)]


def hungry(_inputs):
    raise MemoryError


def meddling(inputs):
    inputs.data.scores["rmdq"][:] = 0.0
    inputs.data.arm[:] = 1
    inputs.covariates[:] = 0.0
    return sound(inputs)


def row(inputs, **changed):
    sound = normal_estimate((inputs.name, *LABEL), -1.0, 0.5, 9, 0.95)
    return replace(sound, **changed)


def flat(inputs):
    return [normal_estimate((inputs.name, *LABEL), -1.0, 0.0, 40, 0.95)]


def no_answer(inputs):
    raise FitError("nobody answered")


def broken(inputs):
    raise KeyError("k\nk")


def leaving(inputs):
    raise SystemExit(3)


def partly(inputs):
    return [row(inputs), failed_estimate((inputs.name, "rmdq", "9 months", "difference"), 9, "no")]


FUNCTIONS = {
    "sound": sound,
    "drawing": drawing,
    "hungry": hungry,
    "meddling": meddling,
    "no_answer": no_answer,
    "broken": broken,
    "leaving": leaving,
    "partly": partly,
    "nothing": lambda inputs: [],
    "none": lambda inputs: None,
    "numbers": lambda inputs: [1.0],
    "infinite": lambda inputs: [row(inputs, estimate=float("inf"))],
    "unknown": lambda inputs: [row(inputs, estimate=float("nan"))],
    "flat": flat,
    "negative": lambda inputs: [row(inputs, se=-0.5)],
    "misnamed": lambda inputs: [row(inputs, analysis="clda")],
    "elsewhere": lambda inputs: [row(inputs, outcome="pseq")],
    "late": lambda inputs: [row(inputs, visit="9 months")],
    "twice": lambda inputs: [row(inputs), row(inputs)],
}


@pytest.fixture(autouse=True)
def installed(tmp_path, monkeypatch):
    """A module of analyses, and a package whose entry points name two."""
    module = ModuleType("their_analyses")
    vars(module).update(FUNCTIONS)
    monkeypatch.setitem(sys.modules, "their_analyses", module)
    info = tmp_path / "their-1.0.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    (info / "METADATA").write_text("Name: their\nVersion: 1.0\n", encoding="utf-8")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(1)
    scores = rng.normal(10.0, 4.0, (40, 3))
    scores[::7, 2] = np.nan
    return TrialData(
        np.arange(40), np.arange(40) % 2, ("baseline", "3 months", "9 months"), {"rmdq": scores},
        {"age": rng.normal(50.0, 10.0, 40)}, {}, np.zeros(40, dtype=int),
        load_scenario("selfback_2021").scales, load_scenario("selfback_2021").arms, {},
    )  # fmt: skip


def plan_with(*names, section="alternatives", **more):
    plan = load_scenario("planned_2018", [f"analysis.{section}={list(names)}"]).analysis
    return plan.model_copy(update={"covariates": ("age",), "continuous": ("rmdq",), **more})


def run(data, *names, picked=None, **more):
    return analyse(data, plan_with(*names, **more), np.random.default_rng(3), picked).estimates


def only(data, function):
    name = f"their_analyses:{function}"
    return run(data, name, picked=(name,))


@pytest.mark.parametrize("name", ["theirs", "their_analyses:sound"])
@pytest.mark.parametrize("section", ["alternatives", "sensitivity"])
def test_an_analysis_is_found_by_entry_point_or_import_path(data, name, section):
    found = [e for e in run(data, name, section=section) if e.analysis == name]
    assert [e.visit for e in found] == ["3 months", "9 months"]
    assert all(e.converged and e.n == 40 for e in found)


def test_it_leaves_every_other_analysis_as_it_was(data):
    mixed = ("multiple imputation",)
    without = run(data, "mmrm", sensitivity=mixed)
    for name in ("their_analyses:meddling", "their_analyses:drawing"):
        found = run(data, name, "mmrm", sensitivity=(name, *mixed))
        assert [e for e in found if e.analysis != name] == without


def test_its_random_numbers_belong_to_the_trial_and_its_name(data):
    (first,) = only(data, "drawing")
    (again,) = only(data, "drawing")
    assert first == again
    (other,) = analyse(
        data, plan_with("their_analyses:drawing"), np.random.default_rng(4),
        ("their_analyses:drawing",),
    ).estimates  # fmt: skip
    assert other.estimate != first.estimate


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("no_answer", "nobody answered"),
        ("broken", "KeyError: 'k\\nk'"),
        ("leaving", "SystemExit: 3"),
        ("nothing", "it returns no difference of the primary outcome at the primary visit"),
        ("none", "TypeError: 'NoneType' object is not iterable"),
        ("numbers", "it returns float, an Estimate is needed"),
        ("infinite", "estimate at 3 months is not a finite number"),
        ("unknown", "estimate at 3 months is not a finite number"),
        ("flat", "no variation: the standard error is 0 but for rounding"),
        ("negative", "se, p or confidence limits at 3 months are out of range"),
        ("misnamed", "it returns an estimate of 'clda', 'rmdq': must be of 'their_analyses:misn"),
        ("elsewhere", "it returns an estimate of 'their_analyses:elsewhere', 'pseq': must be of"),
        ("late", "it returns no difference of the primary outcome at the primary visit"),
        ("twice", "it returns two estimates of the same visit and contrast"),
    ],
)
def test_a_failure_is_a_row_with_its_reason(data, function, reason):
    (row,) = only(data, function)
    assert row.label == (f"their_analyses:{function}", *LABEL)
    assert not row.converged
    assert (row.estimate, row.se, row.p, row.n) == (None, None, None, 40)
    assert reason in row.failure
    assert "\n" not in row.failure


def test_what_the_machine_fails_at_is_no_row(data):
    with pytest.raises(MemoryError):
        only(data, "hungry")


def test_it_may_say_itself_that_a_visit_has_no_answer(data):
    rows = only(data, "partly")
    assert [(row.visit, row.converged, row.failure) for row in rows] == [
        ("3 months", True, ""), ("9 months", False, "no")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("lost", "analysis lost: there is no module 'their_lost'"),
        ("their_analyses:sond", "their_analyses has no 'sond': did you mean sound?"),
        ("their_missing:a", "analysis their_missing:a: there is no module 'their_missing'"),
    ],
)
def test_what_cannot_be_found_is_told_in_one_line_before_a_study(name, told):
    with pytest.raises(InputError) as caught:
        find_own(plan_with(name))
    assert told in str(caught.value)
    find_own(plan_with("theirs", "ancova"))
