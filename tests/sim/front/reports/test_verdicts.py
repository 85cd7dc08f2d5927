from dataclasses import replace

import pytest

import selfback as sb
from analysis.contrasts.planned import planned_contrasts
from sim.front.reports.build import build_report
from sim.front.reports.verdicts import verdict_of_run

QUIET = {"jobs": 1, "progress": False}


def share(value):
    return f"{100 * value:.1f}%"


@pytest.fixture(scope="module")
def plain():
    """What four trials find of one contrast."""
    return sb.run(sb.scenario("planned_2018", {"trial.sample_size": 40}), 4, **QUIET).summary


def of_contrasts(plain, name, rejected):
    """The verdict of a scenario of which each contrast is rejected by a share of 100 trials."""
    scenario = sb.scenario(name)
    contrasts = planned_contrasts(scenario.analysis, scenario.arms)
    first = plain.contrasts[0]
    found = tuple(
        replace(first, name=each.name, power=replace(first.power, rejected=x, replicates=100))
        for each, x in zip(contrasts, rejected, strict=True)
    )
    return verdict_of_run(replace(plain, contrasts=found, procedure="holm"), scenario)


def test_many_contrasts_of_ones_own_are_named_the_least_and_the_most_found(plain):
    told = of_contrasts(plain, "factorial_five", [0.5, 0.04, 0.93, *[0.6] * 12])
    low, high = told.partition("; ")[::2]
    assert "of 15 contrasts" in low
    assert "step_goals: 4.0% (95% Monte Carlo interval" in low
    assert high.startswith("education: 93.0% (95% Monte Carlo interval")
    assert told.count("find it better") == 2
    assert "single tests" in told


def test_arms_are_named_with_what_they_are_compared_with(plain):
    told = of_contrasts(plain, "two_to_one_to_one", [0.2, 0.7])
    arms = sb.scenario("two_to_one_to_one").arms
    for arm, shown in zip(arms[1:], ("20.0%", "70.0%"), strict=True):
        assert f"{arm.label} - {arms[0].label}: {shown}" in told
        assert f"find {arm.label} better" in told


def test_a_trial_with_looks_is_told_by_its_looks(tmp_path):
    changes = {
        "trial.sample_size": 60,
        "course.effect_size": -6.0,
        "trial.interim": {"looks": [0.5], "boundary": "pocock", "futility": 0.0},
    }
    found = sb.run(sb.scenario("planned_2018", changes), 4, out=tmp_path / "run", **QUIET)
    told, looks = build_report(tmp_path / "run").verdict, found.summary.interim.with_looks
    assert looks.rejected > 0.0
    assert told.startswith("With at most 60 participants and interim looks, ")
    assert f"{share(looks.rejected)} (95% Monte Carlo interval" in told
    assert f"{looks.participants:.0f} participants are randomized on average" in told
    assert "P <" not in told


@pytest.mark.parametrize("unit", ["mm", "days"])
def test_the_margin_has_the_unit_of_the_outcome(unit):
    changes = {
        "trial.sample_size": 60,
        "outcomes[0].unit": unit,
        "analysis.hypothesis": "non_inferiority",
        "analysis.margin": 2.0,
        "analysis.alpha": 0.025,
    }
    shown = str(sb.trial(sb.scenario("planned_2018", changes)))
    assert f"margin 2 {unit}," in " ".join(shown.split())
