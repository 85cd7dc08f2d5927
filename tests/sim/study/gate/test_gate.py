import json
from dataclasses import replace

import numpy as np
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.instruments.scales import on_scale
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario, scenario_hash
from scenarios.people.instruments import INSTRUMENT_SCALES
from sim.replicates.subgroup_effects import Split
from sim.simulate import simulate
from sim.study.executors import JoblibExecutor
from sim.study.gate.baseline import HELD, Terms, make_baseline
from sim.study.gate.baseline_file import check_scenario, read_baseline, write_baseline
from sim.study.gate.criteria import Margins, losses
from sim.study.gate.gate import figures, record_baseline, run_gate
from sim.study.gate.paired_replicates import Achieved, ArmScores, simulate_both_arms
from sim.study.gate.score_text import decode, encode
from sim.tables.true_effects import ALL, true_effects

SMALL = ("trial.sample_size=40", "followup.missingness=mcar")
ALONE = JoblibExecutor(1)
BY_PAIN = (Split("pain", 5.0),)


class Backwards:
    """Finishes tasks in another order than they were given in, as several workers may."""

    name = "backwards"
    jobs = 1

    def run(self, function, tasks):
        for task in reversed(list(tasks)):
            yield function(task)


def quiet(done, total):
    """Report nothing."""


def scenario(*overrides):
    return load_scenario("selfback_2021", [*SMALL, *overrides])


def record(*overrides, replicates=11, rival="none", measures=(), **more):
    """Only the effect is tested, unless measures are named."""
    return record_baseline(
        scenario(*overrides), "selfback_2021", SMALL, None,
        terms=Terms(0.1, 0.9, dict(measures), rival),
        rival=scenario(*overrides, f"recommender.kind={rival}"),
        replicates=replicates, executor=ALONE, on_progress=quiet, **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def baseline():
    return record()


def gate(baseline, tested, share=0.1, splits=BY_PAIN, executor=ALONE, added=0.9, measures=()):
    return run_gate(
        baseline, tested, margins=Margins(share, added, dict(measures)), alpha=0.05, beta=0.1,
        splits=splits, executor=executor, on_progress=quiet,
    )  # fmt: skip


def test_the_effect_of_a_replicate_is_the_true_effect(baseline):
    for number in (0, 3):
        truth = true_effects(simulate(scenario(), number))
        row = truth.filter(
            (pc.field("population") == ALL)
            & (pc.field("outcome") == "rmdq")
            & (pc.field("visit") == "3 months")
        )
        assert baseline.replicates[number].effect == row["effect"][0].as_py()


def test_the_same_recommender_differs_nowhere(baseline):
    found = gate(baseline, scenario())
    assert found.verdict == "pass"
    assert found.identical
    assert found.decision.n == 11  # a pass takes as many
    assert found.decision.lower == found.decision.mean == found.decision.upper == 0.0
    assert [(one.loss, one.worse, one.better) for one in found.patients] == [(0.0, 0.0, 0.0)] * 3


def test_a_loss_is_the_paired_difference_of_effects(baseline):
    tested = scenario("recommender.kind=none")
    found = gate(baseline, tested)
    assert found.verdict == "fail"
    assert not found.identical
    effect = found.compared["effect"]
    assert found.decision.mean == pytest.approx(effect.now - effect.baseline)
    assert found.decision.mean > 0.5
    scores = simulate_both_arms(tested, range(2), (), ALONE, lambda: None)
    expected = [
        one.effect - base.effect for one, base in zip(scores, baseline.replicates, strict=False)
    ]
    lost = losses(found.criteria[0], baseline, figures(scores))
    assert lost == pytest.approx(expected, abs=1e-12)
    assert found.changed == ("kind = 'none' (was 'cbr')",)


def test_who_got_worse_is_counted_person_by_person(baseline):
    tested = scenario("recommender.kind=none")
    found = gate(baseline, tested)
    scores = simulate_both_arms(tested, range(5), (Split("pain", 5.0),), ALONE, lambda: None)
    everybody, *parts = found.patients
    change = np.concatenate(
        [one.intervention - baseline.treated(r) for r, one in enumerate(scores)]
    )
    assert found.points == 2.0
    assert everybody.worse == (change >= 2.0).mean() > 0.05
    assert everybody.better == (change <= -2.0).mean()
    assert [part.name for part in parts] == ["pain at most 5", "pain above 5"]
    members = np.concatenate([one.members["pain above 5"] for one in scores])
    assert parts[1].worse == (change[members] >= 2.0).mean()
    assert sum(part.n for part in parts) == everybody.n == 40


def test_a_higher_score_is_the_better_one_where_the_scale_says_so():
    confident = scenario("analysis.primary_outcome=pseq")
    made = record("analysis.primary_outcome=pseq")
    assert made.effect > 0.0
    assert made.added > 0.0
    assert made.trial_hash == scenario_hash(confident, without=HELD)
    found = gate(made, scenario("analysis.primary_outcome=pseq", "recommender.kind=none"))
    assert found.verdict == "fail"
    effect = found.compared["effect"]
    assert found.decision.mean == pytest.approx(effect.baseline - effect.now)
    assert found.patients[0].worse > found.patients[0].better


def test_a_margin_that_chance_drowns_is_inconclusive_and_says_how_many_more(baseline):
    found = gate(baseline, scenario("recommender.kind=guideline"), share=1e-4)
    assert found.verdict == "inconclusive"
    assert found.decision.n == 11
    assert found.joint.more > 0


def test_the_result_does_not_depend_on_who_finishes_first(baseline):
    tested = scenario("recommender.kind=none")
    one, other = (gate(baseline, tested, executor=each) for each in (ALONE, Backwards()))
    assert replace(one, losses=None) == replace(other, losses=None)
    assert all((one.losses[name] == other.losses[name]).all() for name in one.losses)


def test_patients_who_live_otherwise_without_the_app_are_noticed(baseline):
    moved = baseline.model_copy(
        update={
            "replicates": tuple(
                one.model_copy(update={"control": one.control + 0.1}) for one in baseline.replicates
            )
        }
    )
    with pytest.raises(InputError, match="other scores without the app"):
        gate(moved, scenario())
    fewer = load_scenario("selfback_2021", ["trial.sample_size=38"])
    with pytest.raises(InputError, match="other scores without the app"):
        gate(baseline, fewer)


def test_a_recommender_that_fails_does_not_pass(baseline):
    failing = scenario("recommender.kind=tests.sim.no_such_module:X")
    found = gate(baseline, failing)
    assert (found.verdict, found.joint) == ("fail", None)
    assert found.failure.startswith("replicate 0 failed: ")


def test_what_has_no_effect_cannot_lose_it():
    draws = np.random.default_rng(1)
    scores = []
    for _ in range(6):
        drawn = draws.integers(0, 25, 30).astype(float)
        nothing = Achieved(0.0, {})
        scores.append(ArmScores(drawn, draws.permutation(drawn), {}, {}, nothing))
    with pytest.raises(InputError, match="it has no effect to lose"):
        make_baseline(scenario(), "selfback_2021", (), None, Terms(0.1, 0.2, {}, "none"), scores)


def test_a_baseline_is_read_as_it_was_written(baseline, tmp_path):
    file = tmp_path / "baseline.json"
    write_baseline(baseline, file)
    assert read_baseline(file) == baseline
    check_scenario(baseline, file, scenario(), "selfback_2021")
    check_scenario(baseline, file, scenario("recommender.neighbours=3"), "selfback_2021")
    assert file.stat().st_size < 20_000


@pytest.mark.parametrize("outcome", INSTRUMENT_SCALES)
@given(shares=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20))
def test_scores_survive_the_file(outcome, shares):
    scale = INSTRUMENT_SCALES[outcome]
    scores = on_scale(outcome, scale.low + np.array(shares) * (scale.high - scale.low))
    text = encode(outcome, scores)
    assert text.isalnum()
    assert decode(outcome, text) == pytest.approx(scores, abs=1e-9)


def damaged(content, **changes):
    return {**content, **changes}


def replicate_changed(content, **changes):
    first, *others = content["replicates"]
    return damaged(content, replicates=[{**first, **changes}, *others])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda c: damaged(c, format="selfback gate baseline 2"), "this version reads 'selfback"),
        (lambda c: damaged(c, format="selfback gate baseline 7"), "this version reads 'selfback"),
        (lambda c: damaged(c, format="something"), 'its "format" is not'),
        (lambda c: [1, 2], 'its "format" is not'),
        (lambda c: damaged(c, seed="x"), "is damaged: seed: "),
        (lambda c: damaged(c, more=1), "is damaged: more: "),
        (lambda c: damaged(c, replicates=[]), "is damaged: replicates: "),
        (lambda c: damaged(c, effect=-9.0), "effect is not the mean of the replicates"),
        (lambda c: damaged(c, added=9.0), "added is not the mean of the replicates"),
        (lambda c: damaged(c, measures={"joy": 1.0}), "measures: must be some of fit, "),
        (lambda c: damaged(c, measures={"fit": -1.0}), "is damaged: measures.fit: "),
        (lambda c: replicate_changed(c, measures={}), "replicate 0: measures: must be fit, "),
        (lambda c: damaged(c, outcome="pain"), "outcome = 'pain' is unknown"),
        (lambda c: damaged(c, versions={"selfback-insilico": "0.0"}), "made by selfback-insilico"),
        (lambda c: replicate_changed(c, scores="0"), "replicate 0: effect, control and scores"),
        (
            lambda c: replicate_changed(c, scores="z"),
            "replicate 0: a score is above the scale of rmdq",
        ),
        (lambda c: replicate_changed(c, scores="A!"), "is damaged: replicates.0.scores: "),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_line(baseline, tmp_path, damage, told):
    file = tmp_path / "baseline.json"
    write_baseline(baseline, file)
    file.write_text(json.dumps(damage(json.loads(file.read_text("utf-8")))), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_baseline(file)
    assert told in str(caught.value)
    assert "selfback gate --make" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_any_part_of_a_file_is_refused(baseline, tmp_path):
    file = tmp_path / "baseline.json"
    write_baseline(baseline, file)
    text = file.read_text("utf-8")
    for end in range(0, len(text) - 2, 397):
        file.write_text(text[:end], encoding="utf-8")
        with pytest.raises(InputError, match="or only a part of one"):
            read_baseline(file)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="it is not text"):
        read_baseline(file)


@pytest.mark.parametrize(
    ("name", "overrides", "told"),
    [
        ("selfback_2021", ("seed=3",), "seed 20210802, not 3"),
        ("null_effect", (), "is of scenario selfback_2021, not null_effect"),
        ("selfback_2021", ("app.quit_hazard=0.1",), "has changed beyond its"),
    ],
)
def test_another_scenario_is_refused(baseline, tmp_path, name, overrides, told):
    tested = load_scenario(name, [*SMALL, *overrides])
    with pytest.raises(InputError, match=told) as caught:
        check_scenario(baseline, tmp_path / "b.json", tested, name)
    assert "selfback gate --make" in str(caught.value)


def test_a_subgroup_without_members_is_left_blank(baseline):
    found = gate(baseline, scenario("recommender.kind=none"), splits=(Split("age", 200.0),))
    above = found.patients[2]
    assert (above.name, above.n) == ("age above 200", 0.0)
    assert np.isnan(above.loss)
    assert replace(found.patients[1], name="") == replace(found.patients[0], name="")


def test_a_baseline_too_short_for_a_pass_is_refused(baseline):
    short = baseline.model_copy(update={"replicates": baseline.replicates[:10]})
    with pytest.raises(InputError, match="has 10 replicates, a pass needs 11: make it anew"):
        gate(short, scenario())
