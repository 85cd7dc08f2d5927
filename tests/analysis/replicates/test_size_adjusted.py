from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.decision.rule import Rule
from analysis.replicates.size_adjusted import (
    critical_rank,
    favourable,
    fewest_replicates,
    p_values,
    size_adjusted,
)

TWO_SIDED = Rule("two_sided", 0.05, 0.0, -1.0)


def trials(replicates, effect, inflation, rng):
    """Z tests that take their standard error for smaller than it is, on common random numbers."""
    z = rng.standard_normal(replicates) * inflation
    p, null = (2.0 * stats.norm.sf(np.abs(each)) for each in (z + effect, z))
    return p, z + effect > 0.0, null


def test_an_anticonservative_test_loses_the_power_of_its_size():
    p, favour, null = trials(20_000, 3.0, 1.2, np.random.default_rng(1))
    found = size_adjusted(p, favour, null, TWO_SIDED)
    # In units of the true error the effect is 3 / 1.2, and the critical value 1.96.
    expected = stats.norm.sf(1.959964 - 3.0 / 1.2)
    assert abs(found.power - expected) < 3.0 * found.error
    assert (p < 0.05).mean() - found.power > 10.0 * found.error
    assert found.critical < 0.05


def test_the_error_is_that_of_repeated_studies():
    rng = np.random.default_rng(2)
    found = [size_adjusted(*trials(400, 2.5, 1.1, rng), TWO_SIDED) for _ in range(400)]
    spread = np.std([each.power for each in found])
    told = np.sqrt(np.mean([each.error**2 for each in found]))
    assert told == pytest.approx(spread, rel=0.15)
    # That of the trials alone would be too small or too large: the critical value is estimated.
    alone = np.sqrt(np.mean([each.power * (1.0 - each.power) / 400 for each in found]))
    assert abs(alone - spread) > abs(told - spread)


def test_at_a_correct_size_nothing_changes_on_average():
    rng = np.random.default_rng(3)
    gaps = []
    for _ in range(200):
        p, favour, null = trials(199, 2.5, 1.0, rng)
        gaps.append(size_adjusted(p, favour, null, TWO_SIDED).power - ((p < 0.05) & favour).mean())
    assert abs(np.mean(gaps)) < 3.0 * np.std(gaps) / np.sqrt(200)


def test_what_is_against_the_intervention_is_no_power():
    p, favour, null = trials(1000, -4.0, 1.0, np.random.default_rng(4))
    assert size_adjusted(p, favour, null, TWO_SIDED).power == 0.0


@pytest.mark.parametrize(("alpha", "fewest"), [(0.05, 19), (0.025, 39), (0.01, 99)])
def test_so_few_trials_determine_a_critical_value(alpha, fewest):
    assert fewest_replicates(alpha) == fewest
    assert critical_rank(fewest, alpha) == 1
    assert critical_rank(fewest - 1, alpha) == 0
    nothing = np.ones(fewest - 1)
    with pytest.raises(ValueError, match="do not determine"):
        size_adjusted(nothing, nothing > 0.0, nothing, replace(TWO_SIDED, alpha=alpha))


def test_trials_without_a_row_or_an_estimate_do_not_reject():
    table = pd.DataFrame(
        {"replicate": [10, 12], "p_decision": [0.2, np.nan], "estimate": [-1.0, np.nan]}
    )
    assert p_values(table, 3, first=10).tolist() == [0.2, 1.0, 1.0]
    assert favourable(table, 3, TWO_SIDED, first=10).tolist() == [True, False, False]
