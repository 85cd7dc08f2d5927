import numpy as np
import pytest

from agents.symptoms import RemissionRules, rest
from scenarios.loading.load import load_scenario


def rules(**changes: float) -> RemissionRules:
    remission = load_scenario("selfback_2021").course.remission
    usual = {"below": 1.0, "days": 7, "pain_left": 0.2, "recurrence": 0.0, "height": 4.0}
    return RemissionRules.of(remission.model_copy(update=usual | changes))


def pain_of(structural: float, swings: np.ndarray, comes_back: int | None = None, **changes):
    days = len(swings)
    level = np.full((1, days), structural, dtype=np.float32)
    passing = swings.astype(np.float32)[None, :].copy()
    uniforms = np.ones((1, days), dtype=np.float32)
    if comes_back is not None:
        uniforms[0, comes_back] = 0.0
    rest(level, passing, uniforms, rules(**changes))
    return (level + passing)[0]


def test_pain_rests_after_a_week_with_hardly_any_and_swings_do_not_bring_it_back():
    swings = np.array([-2.0] * 8 + [3.0] * 12)
    pain = pain_of(2.5, swings)
    assert pain[:7] == pytest.approx(0.5)
    assert pain[7] == pytest.approx(0.1)
    assert pain[8:] == pytest.approx(1.1)


def test_a_week_is_a_week_in_a_row():
    swings = np.array([-2.0] * 6 + [0.0] + [-2.0] * 6 + [3.0] * 7)
    assert pain_of(2.5, swings)[13:] == pytest.approx(5.5)


def test_pain_that_comes_back_rises_and_the_rise_fades():
    pain = pain_of(0.5, np.zeros(40), comes_back=10, recurrence=0.5, fading=10.0)
    assert pain[9] == pytest.approx(0.1)
    assert pain[10] == pytest.approx(4.5)
    assert pain[20] == pytest.approx(0.5 + 4.0 / np.e, rel=1e-5)


def test_without_remission_pain_is_what_it_was_to_the_last_bit():
    swings = np.random.default_rng(1).normal(0.0, 2.0, 300).astype(np.float32)
    pain = pain_of(0.7, swings, pain_left=1.0)
    assert np.array_equal(pain, np.float32(0.7) + swings)
