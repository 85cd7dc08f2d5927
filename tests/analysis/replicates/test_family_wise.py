import numpy as np
import pandas as pd
import pytest
from scipy import special

from analysis.decision.rule import AGAINST, IN_FAVOUR, NEITHER, NO_ANSWER
from analysis.multiplicity.family import decisions
from analysis.multiplicity.stepwise import bonferroni, hochberg, holm
from analysis.replicates.family_wise import decisions_by_replicate, family_wise

NAMES = ["app", "sham", "band"]
TRUTH = {"app": IN_FAVOUR, "sham": NEITHER, "band": AGAINST}


def measures(rows, truth=TRUTH, **options):
    table = pd.DataFrame(rows, columns=NAMES)
    return family_wise(table, truth, **options).set_index("measure")


def test_measures_by_hand():
    found = measures(
        [
            [IN_FAVOUR, NEITHER, AGAINST],  # all that is right
            [IN_FAVOUR, IN_FAVOUR, NEITHER],  # one right, one wrong
            [AGAINST, NEITHER, NEITHER],  # wrong by its side
            [NO_ANSWER, NEITHER, NO_ANSWER],  # failed
        ]
    )
    assert found["value"].to_dict() == {
        "family_wise_error": 0.5,
        "disjunctive_power": 0.5,
        "conjunctive_power": 0.25,
    }
    assert found.loc["conjunctive_power", "mcse"] == pytest.approx(np.sqrt(0.25 * 0.75 / 4))
    assert (found["n"] == 4).all()


def test_1_sided_tests_reject_in_favour_alone():
    found = measures([[NEITHER, AGAINST, AGAINST], [NEITHER, NEITHER, IN_FAVOUR]], sides=1)
    assert found.loc["family_wise_error", "value"] == 0.5
    assert found.loc["disjunctive_power", "value"] == 0.0


def test_without_any_effect_there_is_no_power():
    found = measures([[NEITHER] * 3], dict.fromkeys(NAMES, NEITHER))
    assert found["value"].isna().tolist() == [False, True, True]
    assert found["mcse"].isna().tolist() == [False, True, True]


def test_long_tables_become_a_row_a_replicate():
    rows = [
        (0, "RMDQ", "3m", "b - a", IN_FAVOUR),
        (0, "RMDQ", "3m", "c - a", NEITHER),
        (2, "RMDQ", "3m", "c - a", AGAINST),
    ]
    long = pd.DataFrame(rows, columns=["replicate", "outcome", "visit", "contrast", "decision"])
    wide = decisions_by_replicate(long, 4)
    assert list(wide.columns) == [("RMDQ", "3m", "b - a"), ("RMDQ", "3m", "c - a")]
    assert wide[("RMDQ", "3m", "b - a")].tolist() == [IN_FAVOUR, NO_ANSWER, NO_ANSWER, NO_ANSWER]
    assert wide[("RMDQ", "3m", "c - a")].tolist() == [NEITHER, NO_ANSWER, AGAINST, NO_ANSWER]
    one = decisions_by_replicate(long, 4, by=["contrast"])
    truth = {("b - a",): NEITHER, ("c - a",): NEITHER}
    assert family_wise(one, truth)["value"][0] == 0.5
    with pytest.raises(ValueError, match="twice"):
        decisions_by_replicate(pd.concat([long, long]), 4)
    with pytest.raises(ValueError, match="not among the 2"):
        decisions_by_replicate(long, 2)
    with pytest.raises(ValueError, match="lack the column 'arm'"):
        decisions_by_replicate(long, 4, by=["arm"])


def test_what_is_not_told_is_refused():
    with pytest.raises(ValueError, match="truth of 'band' is missing"):
        measures([[NEITHER] * 3], {"app": NEITHER, "sham": NEITHER})
    with pytest.raises(ValueError, match="are among"):
        measures([["maybe", NEITHER, NEITHER]])
    with pytest.raises(ValueError, match="at least one"):
        family_wise(pd.DataFrame(index=[0]), {})


@pytest.mark.parametrize("procedure", [bonferroni, holm, hochberg])
@pytest.mark.parametrize("effect", [0.0, 3.0])
def test_family_wise_error_of_simulated_arms_is_at_most_alpha(procedure, effect):
    """4,000 trials of three arms against one; the bound is 3 Monte Carlo errors."""
    rng = np.random.default_rng(20210802)
    means = rng.normal(size=(4000, 4))
    z = (means[:, 1:] - means[:, :1]) / np.sqrt(2.0) + [effect, 0.0, 0.0]
    adjusted = procedure(2.0 * special.ndtr(-np.abs(z)))
    table = pd.DataFrame(decisions(adjusted, z, 0.05), columns=NAMES)
    truth = {"app": IN_FAVOUR if effect else NEITHER, "sham": NEITHER, "band": NEITHER}
    found = family_wise(table, truth).set_index("measure")
    error, mcse, _ = found.loc["family_wise_error"]
    assert error <= 0.05 + 3 * mcse
    # Positive dependence leaves some of the level unused, not most of it.
    assert error > 0.02
    if effect:
        exact = special.ndtr(effect - special.ndtri(1 - 0.025 / 3))
        power, mcse, _ = found.loc["disjunctive_power"]
        assert power >= exact - 3 * mcse
