import json

import pandas as pd
import pytest

import selfback as sb
from sim.cli import call
from sim.interrupts import INTERRUPTED
from sim.replicates import moved_effects

PLAIN = ["sensitivity", "planned_2018", "--set", "trial.sample_size=30", "--jobs", "1"]
EFFECT = ["--keys", "course.*"]


def run(out, *given):
    return call([*PLAIN, *given, "--out", str(out)])


def test_what_moves_the_effect_is_printed_and_saved(tmp_path, capsys):
    out = tmp_path / "out"
    assert run(out, *EFFECT, "--replicates", "2", "--by", "0.2", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "selfback/sensitivity"
    assert (told["arm"], told["reference"], told["outcome"]) == ("intervention", "control", "rmdq")
    assert told["effect"] == pytest.approx(-2.0)
    first, *others = told["parameters"]
    assert first["key"] == "course.effect"
    assert (first["down"], first["up"]) == ([-1.6] * 4, [-2.4] * 4)
    assert first["effect_down"] == pytest.approx(0.4)
    assert first["effect_up"] == pytest.approx(-0.4)
    assert first["effect_up_error"] == pytest.approx(0.0, abs=1e-9)
    assert first["share"] == pytest.approx(0.2)
    assert all(row["largest"] == 0.0 for row in others)  # the effect is the same for everybody
    means = next(row for row in others if row["key"] == "course.means")
    assert means["reference_up"] == pytest.approx(0.2 * 7.0)
    table = pd.read_parquet(out / "sensitivity.parquet")
    assert list(table) == ["replicate", "key", "side", "value", "effect", "reference_mean", "n"]
    assert len(table) == 2 * (1 + 2 * told["moved"])
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["replicates"] == 2
    assert {"sensitivity.json", "sensitivity.parquet"} <= set(manifest["tables"])
    assert {path.name for path in out.iterdir()} == {
        "manifest.json", "sensitivity.json", "sensitivity.parquet", "sensitivity.svg",
    }  # fmt: skip
    assert run(out, *EFFECT, "--replicates", "2", "--overwrite", "--figure-format", "png") == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "course.effect list of 4 0.200 (0.000) -0.200 (0.000) 10.0%" in printed
    assert "change the mean of control alone: " in printed
    assert (out / "sensitivity.png").is_file()


def test_assumptions_are_moved_unless_something_else_is_asked_for(tmp_path):
    scenario = {"trial.sample_size": 20}
    quiet = {"replicates": 2, "jobs": 1, "progress": False}
    found = sb.sensitivity("knee_koos", scenario, by=0.3, **quiet).found
    keys = {*found.parameters["key"], *(each.key for each in found.left_out)}
    assert "course.effect_size" in keys  # an assumption
    assert keys.isdisjoint({"seed", "trial.sample_size", "arms[0].share", "trial.opens"})
    assert {"staff.day_start", "safety.meeting_weekday"} <= {each.key for each in found.left_out}
    assert (found.parameters["largest"].diff().dropna() <= 0.0).all()
    one = sb.sensitivity("knee_koos", scenario, keys=["arms[[]0].share", "course.r2"], **quiet)
    assert list(one.parameters["key"]) == ["course.r2"]
    assert "course.r2" in str(one)


def test_a_parameter_that_only_answers_read_takes_no_trial(tmp_path, monkeypatch):
    calls = []
    simulate = moved_effects.simulate_unasked
    monkeypatch.setattr(
        moved_effects, "simulate_unasked", lambda *given: calls.append(1) or simulate(*given)
    )
    result = sb.sensitivity(
        "planned_2018", {"trial.sample_size": 20}, keys=["followup.frailty"], replicates=3,
        jobs=1, progress=False,
    )  # fmt: skip
    assert len(calls) == 3
    (row,) = result.parameters.to_dict("records")
    assert (row["simulated"], row["largest"]) == (False, 0.0)
    assert "1 parameter changes nothing in any trial, 1 of them known without" in str(result)


def test_an_interrupted_study_goes_on_and_any_number_of_workers_gives_the_same_bytes(
    tmp_path, monkeypatch, capsys
):
    keys = ["--keys", "course.effect", "--keys", "course.sd", "--replicates", "3"]
    assert run(tmp_path / "whole", *keys) == 0
    calls, simulate = [], moved_effects.simulate_unasked

    def stops(*given):
        calls.append(1)
        if len(calls) == 8:
            raise KeyboardInterrupt
        return simulate(*given)

    with monkeypatch.context() as patched:
        patched.setattr(moved_effects, "simulate_unasked", stops)
        assert run(tmp_path / "again", *keys) == INTERRUPTED
        assert call(["resume", str(tmp_path / "again")]) == 0
    assert len(calls) < 8 + 15  # what was kept is not simulated again
    assert call([*PLAIN[:-1], "2", *keys, "--out", str(tmp_path / "two")]) == 0
    for file in ("sensitivity.parquet", "sensitivity.json", "sensitivity.svg"):
        whole = (tmp_path / "whole" / file).read_bytes()
        assert (tmp_path / "again" / file).read_bytes() == whole
        assert (tmp_path / "two" / file).read_bytes() == whole
    capsys.readouterr()


def test_trials_that_fail_are_told_and_their_parameter_is_left_out(tmp_path, monkeypatch, capsys):
    simulate = moved_effects.simulate_unasked

    def fails(scenario, replicate):
        if scenario.course.effect[0] < -2.0:
            raise RuntimeError("no such trial")
        return simulate(scenario, replicate)

    monkeypatch.setattr(moved_effects, "simulate_unasked", fails)
    assert run(tmp_path / "out", *EFFECT, "--json") == 4
    out, error = capsys.readouterr()
    told = json.loads(out)
    assert told["failed"] == 4
    assert "course.effect" not in {row["key"] for row in told["parameters"]}
    reasons = {each["key"]: each["reason"] for each in told["left_out"]}
    assert "its trials failed: RuntimeError: no such trial" in reasons["course.effect"]
    assert "4 of " in error


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--by", "1"], "--by 1 is not allowed: must be a number above 0 and below 1"),
        (["--keys", "course.efect"], "did you mean course.effect?"),
        (["--keys", "course"], "fits no parameter that is used: did you mean course.*?"),
        (["--keys", "app.*"], "--keys app.*: fits no parameter that is used"),
        (["--keys", "trial.opens"], "--keys trial.opens: no number is among what it fits"),
        (["--keys", "course.*", "--all"], "--keys with --all is not allowed"),
        (["--keys", "clinics.size_cv"], "can be moved, first: clinics.size_cv: is 0"),
        (["--arm", "control"], "--arm control: is the reference"),
        (["--arm", "x"], "--arm x: 'x' is no arm"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_one_line(given, told, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(out, *given) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not out.exists()


def test_a_scenario_without_sources_has_no_assumptions():
    with pytest.raises(sb.InputError, match="no number in it is said to be an assumption"):
        sb.sensitivity(sb.scenario("knee_koos"))
