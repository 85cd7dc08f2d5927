"""Declared contrasts: what they are to a plan, and what is refused, in a line each."""

import pytest

from analysis.contrasts.planned import planned_contrasts, planned_labels, primary_labels
from scenarios.errors import ScenarioError
from scenarios.loading.load import load_plan, load_scenario

ARMS = """
replace = ["followup.arms", "safety.rates"]
[[arms]]
name = "usual"
label = "Usual care"
[[arms]]
name = "band"
label = "Wristband"
like = "usual"
[[arms]]
name = "app"
label = "App"
like = "usual"
[trial.randomization]
block_sizes = [3, 6]
[followup.arms.usual]
response = [1.0, 1.0, 1.0, 1.0]
withdrawal = [0.0, 0.0, 0.0, 0.0]
withdrawal_reasons = { unknown = 1.0 }
[safety.rates]
usual = 0.0
"""
ALLOWED = (
    "is not allowed: must start with a letter or digit, then letters, digits, spaces and any of "
    "_ . , + - ' ( ), 60 in all at most"
)
READERS = {"scenario": load_scenario, "plan": load_plan}


def written(folder, text):
    path = folder / "mine.toml"
    top = 'extends = "planned_2018"\nname = "mine"\n'
    path.write_text(f"{top}{ARMS}{text}", encoding="utf-8")
    return path


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_without_any_each_arm_is_compared_with_the_reference(tmp_path, read):
    found = read(written(tmp_path, ""))
    assert primary_labels(found.analysis, found.arms) == (
        "difference: band - usual", "difference: app - usual",
    )  # fmt: skip
    other = read(written(tmp_path, ""), ["reference=app"])
    assert planned_labels(other.analysis, other.arms, "log odds ratio") == (
        "log odds ratio: usual - app", "log odds ratio: band - app",
    )  # fmt: skip


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_declared_ones_stand_in_their_place(tmp_path, read):
    found = read(written(tmp_path, """
        [[analysis.contrasts]]
        name = "app x band (half)"
        weights = { app = 0.333333, band = 0.333333, usual = -0.666667 }
    """))  # fmt: skip
    (contrast,) = planned_contrasts(found.analysis, found.arms)
    assert contrast.name == "app x band (half)"
    assert sum(contrast.weights) == pytest.approx(0.0, abs=1e-16)
    assert contrast.weights == pytest.approx([-0.666667, 0.333333, 0.333333], abs=1e-6)
    assert planned_labels(found.analysis, found.arms, "difference") == (
        "difference: app x band (half)",
    )


def test_two_arms_without_any_have_labels_without_a_name():
    scenario = load_scenario("planned_2018")
    (contrast,) = planned_contrasts(scenario.analysis, scenario.arms)
    assert contrast.weights == (-1.0, 1.0)
    assert primary_labels(scenario.analysis, scenario.arms) == ("difference",)
    assert primary_labels(scenario.analysis, scenario.arms, "gee logistic") == ("log odds ratio",)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize(
    ("contrasts", "told"),
    [
        (
            [("a", "{ app = 1, usual = -0.5 }")],
            "analysis.contrasts.0.weights: the sum 0.5 is not allowed: must be 0, as 2 - 1 - 1",
        ),
        (
            [("a", "{ app = 1, usual = -1 }"), ("b", "{ ap = 1, usual = -1 }")],
            "analysis.contrasts.1.weights: 'ap' is no arm: did you mean 'app'?",
        ),
        (
            [("a", "{ zz = 1, usual = -1 }")],
            "analysis.contrasts.0.weights: 'zz' is no arm: must be among usual, band, app",
        ),
        (
            [("a", "{}")],
            "analysis.contrasts.0.weights: all are 0: one arm at least must have another weight",
        ),
        (
            [("a", "{ app = 1, usual = -1 }"), ("a", "{ app = 1, band = -1 }")],
            "analysis.contrasts: 'a' is named twice: names must differ",
        ),
        (
            [("app: usual", "{ app = 1, usual = -1 }")],
            f"analysis.contrasts[0].name: 'app: usual' {ALLOWED}",
        ),
        (
            [("a|b", "{ app = 1, usual = -1 }")],
            f"analysis.contrasts[0].name: 'a|b' {ALLOWED}",
        ),
        (
            [("a", '{ app = "1", usual = -1 }')],
            'analysis.contrasts[0].weights.app = "1" is not allowed: must be a number',
        ),
        (
            [("a", "{ app = inf, usual = -1 }")],
            "analysis.contrasts[0].weights.app = Infinity is not allowed: must be a finite number",
        ),
    ],
)  # fmt: skip
def test_what_is_no_contrast_is_told_in_one_line(tmp_path, read, contrasts, told):
    text = "".join(
        f'[[analysis.contrasts]]\nname = "{name}"\nweights = {weights}\n'
        for name, weights in contrasts
    )
    with pytest.raises(ScenarioError) as caught:
        read(written(tmp_path, text))
    problems = [line.partition("mine.toml: ")[2] for line in caught.value.problems]
    assert problems[0] == told
    assert len(problems) == 1
