"""What is added to a rival, other measures, an anchor: each can fail, and is left out honestly.

Replicates are made up here, but for one test: 40 participants with an effect that is stated.
"""

from pathlib import Path

import numpy as np
import pytest

from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from sim.study.executors import JoblibExecutor
from sim.study.gate.baseline import Terms, added_by, anchor_of, make_baseline
from sim.study.gate.baseline_file import read_baseline, write_baseline
from sim.study.gate.criteria import Margins, criteria_of, loss_of, losses
from sim.study.gate.gate import GateResult, figures, joint_test, record_baseline, run_gate
from sim.study.gate.measures import MEASURES, default_margins
from sim.study.gate.paired_replicates import Achieved, ArmScores
from sim.study.gate.report import sentence

STUDIES = Path(__file__).parents[4] / "docs" / "studies"
MARGINS = Margins(0.1, 0.25, default_margins())
USUAL = {
    "fit": 0.7, "sessions": 30.0, "infeasible": 0.02, "flares": 0.1, "plans": 8.0, "opened": 38.0,
    "steps": 5000.0,
}  # fmt: skip
SCENARIO = load_scenario("selfback_2021", ["pathway.flare_per_overload=0.3"])


def made_up(effect, rival=-0.8, measures=(), replicates=15, seed=1):
    """Return replicates with about this effect, in steps of 1/40 points."""
    draws, found = np.random.default_rng(seed), []
    for _ in range(replicates):
        control = draws.integers(6, 20, 40).astype(float)
        better = np.zeros(40)
        better[: round(-40 * effect)] = 1.0
        changed = {**USUAL, **dict(measures)}
        jitter = {name: value * (1.0 + 1e-4 * draws.normal()) for name, value in changed.items()}
        gap = Achieved(rival + 0.002 * draws.normal(), USUAL)
        found.append(ArmScores(control, control - better, {}, jitter, gap))
    return found


def recorded(scores, rival="guideline", anchor=None, margins=MARGINS):
    terms = Terms(margins.effect, margins.added, margins.measures, rival)
    return make_baseline(SCENARIO, "selfback_2021", (), None, terms, scores, anchor)


def judged(baseline, scores, margins=MARGINS):
    """Return what the gate finds in replicates that were simulated already."""
    tested, untested = criteria_of(baseline, margins, SCENARIO)
    test = joint_test(tested, len(baseline.replicates), 0.05, 0.1)
    lost = {one.name: losses(one, baseline, figures(scores)) for one in tested}
    return GateResult(
        "a", (), baseline.outcome, "RMDQ", baseline.visit, tested, untested, test,
        joint=test.decide(lost), losses=lost,
    )  # fmt: skip


def failed(found):
    return [name for name, one in found.joint.decisions.items() if one.verdict == "fail"]


@pytest.fixture(scope="module")
def before():
    return recorded(made_up(-1.0))


def test_all_that_is_tested_passes_where_nothing_is_lost(before):
    found = judged(before, made_up(-1.0, seed=2))
    assert found.verdict == "pass"
    assert list(found.joint.decisions) == ["effect", "added", "fit", "sessions", "infeasible",
                                           "flares"]  # fmt: skip
    assert sentence(found, before) == (
        "pass: the recommender is not worse than the baseline by as much as a margin in any of 6 "
        "tests"
    )


def test_a_share_of_what_is_added_is_lost_before_a_share_of_all(before):
    """0.075 points are 7.5% of the effect, and 37.5% of what is added to the rival's.

    Without spread a loss of more than half the margin fails.
    """
    margins = Margins(0.2, 0.25, default_margins())
    found = judged(before, made_up(-0.925), margins)
    assert failed(found) == ["added"]
    (criterion,) = (one for one in found.criteria if one.name == "added")
    assert criterion.margin == pytest.approx(0.25 * before.added)
    assert before.added == pytest.approx(0.2, abs=0.002)
    assert "added to guideline: about 0.075 of 0.2 points are lost (37%" in sentence(found, before)
    assert failed(judged(before, made_up(-0.85), margins)) == ["effect", "added"]


@pytest.mark.parametrize("name", default_margins())
def test_each_measure_fails_by_itself_in_its_direction(before, name):
    worse = -1.0 if MEASURES[name].higher_is_better else 1.0
    shift = worse * 1.5 * default_margins()[name]
    found = judged(before, made_up(-1.0, measures={name: USUAL[name] + shift}))
    assert failed(found) == [name]
    way = "less" if MEASURES[name].higher_is_better else "more"
    assert f"{MEASURES[name].label}: about " in sentence(found, before)
    assert f" {way} (margin {MEASURES[name].margin:g})" in sentence(found, before)
    better = judged(before, made_up(-1.0, measures={name: USUAL[name] - shift}))
    assert better.verdict == "pass"
    left_out = {one: margin for one, margin in default_margins().items() if one != name}
    others = Margins(0.1, 0.25, left_out)
    assert judged(before, made_up(-1.0, measures={name: USUAL[name] + shift}), others).verdict == (
        "pass"
    )


def test_rare_failures_do_not_pass(before):
    """One replicate of fifteen loses the whole effect: less than a margin on average."""
    odd = made_up(-1.0, seed=2)
    odd[12] = made_up(0.0)[0]
    found = judged(before, odd, Margins(0.2, 0.9, default_margins()))
    assert found.verdict == "inconclusive"
    assert found.joint.strays == ("effect", "added")
    said = sentence(found, before)
    assert "in a few of 15 replicates much more is lost than in the others" in said
    assert "effect: 1 in replicate 12" in said


@pytest.mark.parametrize("rival", [-1.0, -1.3])
def test_where_nothing_is_added_no_share_of_it_is_tested(rival):
    same = recorded(made_up(-1.0, rival=rival))
    tested, (added,) = criteria_of(same, MARGINS, SCENARIO)
    assert "added" not in [one.name for one in tested]
    assert added.name == "added"
    assert "the baseline adds nothing measurable to the effect of guideline" in added.reason
    found = judged(same, made_up(-1.0, seed=2))
    assert found.verdict == "pass"
    assert f"; not tested: added: {added.reason}" in sentence(found, same)
    assert failed(judged(same, made_up(-0.5))) == ["effect"]


@pytest.mark.parametrize(("shift", "measurable"), [(0.0, False), (-0.5, True), (0.5, False)])
def test_more_than_nothing_is_an_interval_above_0(shift, measurable):
    draws = np.random.default_rng(4)
    rival = draws.normal(-1.0, 0.3, 30)
    effects = rival + draws.normal(shift, 0.1, 30)
    found = added_by(effects, rival, "rmdq")
    assert found.measurable is measurable
    assert found.mean == pytest.approx(-(effects - rival).mean())
    # A higher score is better on this scale, so that the same numbers have the other sign.
    other = added_by(effects, rival, "pseq")
    assert (other.lower, other.upper) == pytest.approx((-found.upper, -found.lower))


def test_harm_that_cannot_occur_is_not_tested(before):
    without = load_scenario("selfback_2021", ["pathway.flare_per_overload=0"])
    _, untested = criteria_of(before, MARGINS, without)
    assert [one.name for one in untested] == ["flares"]
    assert "pathway.flare_per_overload = 0" in untested[0].reason


def test_losses_are_towards_worse_on_any_scale(before):
    here, there = figures(made_up(-1.0)), figures(made_up(-0.5))
    assert loss_of("effect", "rmdq", here, there) == pytest.approx(np.full(15, 0.5))
    assert loss_of("effect", "pseq", here, there) == pytest.approx(np.full(15, -0.5))


def test_small_losses_add_up_against_the_anchor(before, tmp_path):
    """Each step loses 0.05 points, a third of the margin, or somewhat more."""
    margins = Margins(0.15, 0.9, {})
    step = recorded(made_up(-0.95), anchor=before, margins=margins)
    assert step.anchor == anchor_of(before)
    found = judged(step, made_up(-0.9), margins)
    assert list(found.joint.decisions) == [
        "effect", "added", "effect since the anchor", "added since the anchor",
    ]  # fmt: skip
    assert found.joint.decisions["effect"].verdict == "pass"
    assert failed(found) == ["effect since the anchor", "added since the anchor"]
    said = sentence(found, step)
    assert "total effect since the anchor: about 0.1 of 1 points are lost (10%" in said
    assert failed(judged(recorded(made_up(-0.95), margins=margins), made_up(-0.9), margins)) == []
    # It is kept from file to file.
    file = tmp_path / "step.json"
    write_baseline(step, file)
    again = recorded(made_up(-0.9), anchor=read_baseline(file, any_version=True))
    assert again.anchor == step.anchor == anchor_of(step)


def test_an_anchor_of_other_patients_or_fewer_replicates_is_refused(before):
    with pytest.raises(InputError, match="the anchor has 15 replicates, so the baseline cannot"):
        record_baseline(
            SCENARIO, "selfback_2021", (), None, terms=Terms(0.1, 0.25, {}, "none"),
            rival=SCENARIO, replicates=20, executor=JoblibExecutor(1),
            on_progress=lambda done, total: None, anchor=before,
        )  # fmt: skip
    with pytest.raises(InputError, match="other scores without the app than the anchor's"):
        recorded(made_up(-1.0, seed=9), anchor=before)


def test_a_file_with_an_anchor_that_is_damaged_is_refused(before, tmp_path):
    step = recorded(made_up(-0.95), anchor=before)
    file = tmp_path / "step.json"
    short = step.anchor.model_copy(update={"replicates": step.anchor.replicates[:3]})
    write_baseline(step.model_copy(update={"anchor": short}), file)
    with pytest.raises(InputError, match="is damaged: the anchor has fewer replicates"):
        read_baseline(file)


@pytest.mark.slow
def test_an_oracle_that_gives_random_advice_fails_in_simulated_trials():
    """And plans that know nothing of limits fail by their minutes."""
    small = (
        "trial.sample_size=40", "followup.missingness=mcar", "pathway.tailoring_share=1.0",
    )  # fmt: skip

    def simulated(kind):
        return load_scenario("selfback_2021", [*small, f"recommender.kind={kind}"])

    made = record_baseline(
        simulated("oracle"), "selfback_2021", small, None,
        terms=Terms(0.1, 0.25, default_margins(), "random"), rival=simulated("random"),
        replicates=11, executor=JoblibExecutor(1), on_progress=lambda done, total: None,
    )  # fmt: skip
    for kind, expected in (("random", {"fit"}), ("generic", {"infeasible"})):
        margins = Margins(0.9, 0.9, dict.fromkeys(expected, 0.02))
        found = run_gate(
            made, simulated(kind), margins=margins, alpha=0.05, beta=0.1, splits=(),
            executor=JoblibExecutor(1), on_progress=lambda done, total: None,
        )  # fmt: skip
        assert found.verdict == "fail"
        assert expected <= {*failed(found)}
    assert found.compared["infeasible"].baseline == 0.0
    assert found.compared["infeasible"].now > 0.1


def test_a_tenth_of_the_load_for_everybody_fails(monkeypatch):
    """Though only half of the effect is asked for: plans do not fit, and are not done.

    90% intervals of what is lost: 0.10 to 0.20 of 0.85 points, 0.09 to 0.11 of the fit, 3.7 to 5.3
    sessions. The effect is far within its margin here, the others are far beyond theirs.
    """
    monkeypatch.syspath_prepend(str(STUDIES))

    def simulated(level):
        settings = f"{{code_seed = 0, error = 0.2, spoiled = 0.0, level = {level}}}"
        return load_scenario(
            "selfback_2021",
            [
                "trial.sample_size=120",
                "followup.missingness=mcar",
                "recommender.kind=gate_recommenders:Noisy",
                f"recommender.plugin.settings={settings}",
            ],
        )

    quiet = {"executor": JoblibExecutor(1), "on_progress": lambda done, total: None}
    made = record_baseline(
        simulated(1.0), "selfback_2021", (), None,
        terms=Terms(0.1, 0.25, default_margins(), "guideline"),
        rival=load_scenario(
            "selfback_2021",
            ["trial.sample_size=120", "followup.missingness=mcar", "recommender.kind=guideline"],
        ),
        replicates=11, **quiet,
    )  # fmt: skip
    judge = {"margins": Margins(0.5, 0.25, default_margins()), "alpha": 0.05, "beta": 0.1}
    found = run_gate(made, simulated(0.1), splits=(), **judge, **quiet)
    assert found.verdict == "fail"
    assert {"fit", "sessions"} <= set(failed(found))
    assert "effect" not in failed(found)
