import numpy as np
import pytest
from scipy import stats

from analysis.data.trial_data import TrialData
from analysis.describe.intracluster import anova_icc, icc_by_visit


def test_mean_squares_are_those_of_an_analysis_of_variance():
    rng = np.random.default_rng(1)
    clinic = np.repeat(np.arange(8), 6)
    values = rng.normal(size=48) + 0.7 * rng.normal(size=8)[clinic]
    ratio = stats.f_oneway(*values.reshape(8, 6)).statistic
    expected = (ratio - 1.0) / (ratio + 5.0)
    assert anova_icc(values, clinic, np.zeros(48, int)) == pytest.approx(expected, rel=1e-9)


def test_means_of_arms_and_strata_are_no_differences_between_clinics():
    rng = np.random.default_rng(3)
    clinic = np.repeat(np.arange(9), rng.integers(2, 9, 9))
    values = rng.normal(size=len(clinic))
    found = anova_icc(values, clinic, clinic % 3)
    moved = values + np.array([0.0, 5.0, -3.0])[clinic % 3]
    assert anova_icc(moved, clinic, clinic % 3) == pytest.approx(found, rel=1e-9)


def test_it_finds_the_correlation_in_clinics_of_unequal_size():
    rng = np.random.default_rng(2)
    clinics = 2000
    clinic = np.repeat(np.arange(clinics), rng.integers(1, 20, clinics))
    values = (
        np.sqrt(0.9) * rng.normal(size=len(clinic))
        + np.sqrt(0.1) * rng.normal(size=clinics)[clinic]
    )
    found = anova_icc(values, clinic, clinic % 3)
    # Standard error for about 10 in a clinic, Donner (1986): sqrt(2 / 2000) (1 - r)(1 + 9 r) / 9.5.
    assert abs(found - 0.1) < 4 * np.sqrt(2 / clinics) * 0.9 * 1.9 / 9.5


def test_nothing_can_be_told_of_one_participant_a_clinic():
    assert np.isnan(anova_icc(np.arange(4.0), np.arange(4), np.zeros(4, int)))


def test_those_whose_stratum_is_not_known_are_together():
    rng = np.random.default_rng(4)
    clinic, scores = np.repeat(np.arange(24), 5), rng.normal(size=(120, 1))

    def icc(country):
        data = TrialData(
            np.arange(120), clinic % 2, ("baseline",), {"rmdq": scores}, {"country": country},
            {"country": ("a", "b", "c")}, np.zeros(120), {}, (), {}, ("country",), clinic,
        )  # fmt: skip
        return icc_by_visit(data, "rmdq")["baseline"]

    country = (clinic % 3).astype(float)
    unknown = np.where(country == 2.0, np.nan, country)
    assert icc(unknown) == pytest.approx(icc(country), rel=1e-9)
