import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.step_sources import NEVER, PHONE, SOURCES, WEEK_BEFORE, record_steps
from scenarios.devices.step_sources import StepSources
from scenarios.loading.load import load_scenario

N, FIRST, DAYS = 3000, 7, 100


@pytest.fixture(scope="module")
def sources() -> StepSources:
    return load_scenario("selfback_2021").step_sources


def only(sources: StepSources, name: str, **changes: float) -> StepSources:
    """Give everybody one source, changed as stated."""
    shares = {source: {"share": float(source == name)} for source in SOURCES}
    shares[name] |= changes
    return sources.model_copy(
        update={
            source: getattr(sources, source).model_copy(update=update)
            for source, update in shares.items()
        }
    )


def recording(sources: StepSources, n: int = N, days: int = DAYS):
    generator = np.random.default_rng(3)
    uniforms = generator.random((2, n, days), dtype=np.float32)
    normals = generator.standard_normal((n, days), dtype=np.float32)
    return record_steps(sources, FIRST, generator.random((n, 3)), uniforms[0], normals, uniforms[1])


def test_shares_of_sources_are_as_stated(sources):
    found = np.bincount(recording(sources).source, minlength=3) / N
    shares = np.array([getattr(sources, name).share for name in SOURCES])
    assert (np.abs(found - shares) < 4.5 * np.sqrt(shares * (1 - shares) / N)).all()


def test_the_band_is_unbiased_with_an_error_of_12_to_14_percent(sources):
    ratio = recording(only(sources, "mi_band", lost=0.0)).ratio
    ratio = ratio[ratio > 0]
    assert ratio.mean() == pytest.approx(1.0, abs=4.5 * 0.16 / np.sqrt(ratio.size))
    assert 0.12 <= np.abs(ratio - 1).mean() <= 0.14


def test_a_phone_misses_the_steps_of_its_bias(sources):
    ratio = recording(only(sources, "phone")).ratio
    ratio = ratio[ratio > 0]
    error = sources.phone.error * sources.phone.bias / np.sqrt(ratio.size)
    assert ratio.mean() == pytest.approx(sources.phone.bias, abs=4.5 * error)


def test_wear_starts_as_stated_and_declines_and_nothing_is_recorded_before_the_first_day(sources):
    band = only(sources, "mi_band", lost=0.0, worn_decline=0.1)
    on = recording(band).ratio > 0
    share = band.mi_band.worn
    assert not on[:, :FIRST].any()
    assert on[:, FIRST].mean() == pytest.approx(share, abs=4.5 * np.sqrt(share * (1 - share) / N))
    assert on[:, -20:].mean() < on[:, FIRST : FIRST + 20].mean() - 0.05


def test_days_are_synced_in_order_after_the_mean_delay(sources):
    found = recording(only(sources, "mi_band", lost=0.0, sync_delay=2.0))
    column = np.arange(DAYS)
    recorded = found.ratio > 0
    assert (found.synced[recorded] >= np.broadcast_to(column, (N, DAYS))[recorded]).all()
    assert (found.synced[~recorded] == NEVER).all()
    early = recorded & (column < DAYS - 50)
    delay = (found.synced - column)[early]
    # Variance 2 (2 + 1); delays d days apart correlate by (2 / 3)^d, so 5 are worth 1.
    error = np.sqrt(2.0 * 3.0) / np.sqrt(early.sum() / 5.0)
    assert delay.mean() == pytest.approx(2.0, abs=4.5 * error)


def test_after_a_band_is_lost_the_phone_counts_and_unsynced_days_are_lost(sources):
    losing = only(sources, "mi_band", lost=0.2, sync_delay=3.0)
    found, phone = recording(losing), recording(only(sources, "phone"))
    column = np.arange(DAYS)
    after = column >= found.lost[:, None]
    assert (found.lost < DAYS).mean() > 0.5
    assert np.array_equal(found.ratio[after], phone.ratio[after])
    source = found.source_on(np.arange(N), np.broadcast_to(column, (N, DAYS)))
    assert np.array_equal(source == PHONE, after)
    before = ~after & (found.synced != NEVER)
    assert (found.synced < found.lost[:, None])[before].all()


def test_a_late_sync_delays_what_the_app_knows(sources):
    exact = {
        "worn": 1.0 - 1e-9, "worn_decline": 0.0, "error": 0.0, "lost": 0.0, "given_up": 0.0,
    }  # fmt: skip
    walked = np.full((N, 7), 5000.0, dtype=np.float32)
    at = np.arange(N) * DAYS + FIRST + 8
    prompt = recording(only(sources, "mi_band", sync_delay=0.0, **exact))
    assert prompt.recorded_week(at, walked) == pytest.approx(np.full((N, 7), 5000.0))
    late = recording(only(sources, "mi_band", sync_delay=1e6, **exact))
    assert np.isnan(late.recorded_week(at, walked)).mean() > 0.99


@settings(max_examples=25)
@given(today=st.integers(FIRST, DAYS - 1), row=st.integers(0, 49))
def test_only_days_synced_by_today_are_known(sources, today, row):
    found = recording(sources, n=50)
    walked = np.arange(50 * DAYS, dtype=np.float32).reshape(50, DAYS)
    week = today + WEEK_BEFORE
    expected = np.where(
        found.synced[row, week] <= today, found.ratio[row, week] * walked[row, week], np.nan
    )
    known = found.recorded_week(np.array([row * DAYS + today]), walked[row : row + 1, week])
    assert np.array_equal(known[0], expected.astype(np.float32), equal_nan=True)


def test_a_band_given_up_counts_no_more_and_nothing_takes_its_place(sources):
    weekly = 1.0 - 0.74 ** (7.0 / 100.0)
    band = only(sources, "mi_band", lost=0.02, given_up=weekly, worn=1.0 - 1e-7, worn_decline=0.0)
    days = 250
    found = recording(band, days=FIRST + days)
    phone = found.lost < FIRST + days
    off = found.ratio[~phone, FIRST:] == 0.0
    # Once off it stays off; only a band lost before is replaced by the phone.
    assert off.any()
    assert (np.diff(off.astype(int), axis=1) >= 0).all()
    assert (found.synced[~phone, FIRST:][off] == NEVER).all()
    assert phone.any()
    kept = recording(only(band, "mi_band", lost=0.0, given_up=weekly), days=FIRST + days)
    tracking = (kept.ratio[:, FIRST + 99] > 0.0).mean()
    assert tracking == pytest.approx(0.74, abs=4.5 * np.sqrt(0.74 * 0.26 / N))
