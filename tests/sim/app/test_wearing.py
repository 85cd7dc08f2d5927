"""The wristband's own path: who wears the band handed out walks more, app or not."""

import numpy as np
import pytest

from agents.step_sources import HANDED_OUT
from agents.symptoms import LEAD_IN
from scenarios.loading.load import load_scenario
from sim.simulate import simulate
from sim.trial import Trial

ADDS, HALF_LIFE = 1500.0, 60.0
CARE, BAND = (
    '{name="control", label="Usual care", components=[]}',
    '{name="wristband", label="Wristband", like="control", components=["wristband"]}',
)
APP = '{name="intervention", label="App", components=["app", "wristband"]}'


def trial_of(arms: tuple[str, ...], *sets: str) -> Trial:
    given = (
        f"arms=[{', '.join(arms)}]",
        f"trial.randomization.block_sizes=[{2 * len(arms)}]",
        "trial.sample_size=60",
        'followup.missingness="mcar"',
        "step_sources.mi_band.lost=0.02",
    )
    return simulate(load_scenario("selfback_2021", [*given, *sets]), 2)


WEARING = f"step_sources.mi_band.adds={ADDS}", f"step_sources.mi_band.adds_half_life={HALF_LIFE}"
ALL = (CARE, BAND, APP)


@pytest.fixture(scope="module")
def off() -> Trial:
    return trial_of(ALL)


@pytest.fixture(scope="module")
def on() -> Trial:
    return trial_of(ALL, *WEARING)


def of_band(trial: Trial) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return by day with the band, of all with the wristband alone: steps, if worn, days since."""
    cohort, recording = trial.cohort, trial.trajectories.recordings[1]
    rows = cohort.randomized[cohort.arm[cohort.randomized] == 1]
    steps, worn, since = [], [], []
    for row in rows:
        first = int(cohort.installed[row] - cohort.entry[row])
        days = np.arange(trial.records.true_steps.shape[1] - LEAD_IN - first)
        columns = LEAD_IN + days
        handed_out = (recording.source[row] == HANDED_OUT) & (columns < recording.lost[row])
        handed_out &= days < np.ceil(cohort.withdraws_after[row] - first)
        steps.append(trial.records.true_steps[row, LEAD_IN + first :])
        worn.append(handed_out & (recording.ratio[row, columns] > 0.0))
        since.append(days)
    return np.concatenate(steps), np.concatenate(worn), np.concatenate(since)


def test_the_band_alone_adds_the_stated_steps_on_days_worn_and_they_fade(off, on):
    usual, worn, since = of_band(off)
    walked, same, _ = of_band(on)
    assert np.array_equal(worn, same)
    assert 0.2 < worn.mean() < 0.9
    added = ADDS * 0.5 ** (since / HALF_LIFE)
    assert walked - usual == pytest.approx(np.where(worn, added, 0.0), abs=0.01)


def test_nothing_is_added_without_a_wristband_nor_moved_for_others(off, on):
    rows = off.cohort.randomized[off.cohort.arm[off.cohort.randomized] == 0]
    assert not on.records.capacity[rows].any()
    for outcome, scores in off.scores.items():
        assert np.array_equal(scores[rows], on.scores[outcome][rows], equal_nan=True)


def test_steps_by_wearing_are_a_dose_without_any_plan(off, on):
    band = off.cohort.randomized[off.cohort.arm[off.cohort.randomized] == 1]
    assert not off.records.capacity[band].any()
    gained = on.records.capacity[band][:, LEAD_IN + 60]
    assert (gained > 0.0).mean() > 0.6
    # As a plan that does not fit gains: at most a full day's dose every day, without any loss.
    pathway = on.scenario.mechanisms.pathway
    most = 60 * pathway.capacity_per_steps * (1.0 - pathway.tailoring_share)
    assert gained.max() < most
    plain = trial_of(ALL, *WEARING, "pathway.capacity_per_steps=0")
    assert not plain.records.capacity[band].any()


def test_with_the_app_the_band_adds_too_and_the_goal_is_closer(off, on):
    app = off.cohort.randomized[off.cohort.arm[off.cohort.randomized] == 2]
    day = slice(LEAD_IN + 7, LEAD_IN + 42)
    more = on.records.true_steps[app][:, day].mean() - off.records.true_steps[app][:, day].mean()
    assert 0.2 * ADDS < more < ADDS


def test_an_app_without_a_wristband_adds_nothing():
    arms = (CARE, '{name="intervention", label="App", components=["app"]}')
    off, on = trial_of(arms), trial_of(arms, *WEARING)
    assert off.records.true_steps.any()
    assert np.array_equal(off.records.true_steps, on.records.true_steps)


def test_without_a_half_life_it_lasts_and_a_band_of_ones_own_adds_nothing():
    lasting = trial_of(ALL, WEARING[0])
    usual, worn, _ = of_band(trial_of(ALL))
    walked, _, _ = of_band(lasting)
    assert walked - usual == pytest.approx(np.where(worn, ADDS, 0.0), abs=0.01)
    own = "step_sources.mi_band.share=0", "step_sources.other_band.share=0.9"
    here, there = (trial_of(ALL, *own, *more) for more in ((), WEARING))
    assert np.array_equal(here.records.true_steps, there.records.true_steps)


def test_a_band_alone_is_stopped_when_it_is_lost_or_taken_off_for_good_or_at_withdrawal(on):
    cohort, recording = on.cohort, on.trajectories.recordings[1]
    rows = cohort.randomized[cohort.arm[cohort.randomized] == 1]
    stopped = {row: day for day, row, what, _ in cohort.events if what.startswith("stopped with")}
    last = on.records.true_steps.shape[1] - LEAD_IN
    assert sum(row in stopped for row in rows) > 3
    for row in rows[cohort.installed[rows] < np.iinfo(np.int64).max]:
        first = int(cohort.installed[row] - cohort.entry[row])
        worn = np.flatnonzero(recording.ratio[row, LEAD_IN : LEAD_IN + last - first] > 0.0)
        until = min(float(cohort.withdraws_after[row]), float(last))
        if row in stopped:
            day = stopped[row] - cohort.entry[row]
            lost = int(recording.lost[row]) - LEAD_IN + first
            assert day == pytest.approx(min(first + worn[-1] + 1, lost, until), abs=1.0)
        else:
            assert until == last
            assert first + worn[-1] > last - 20


def test_who_withdraws_takes_the_band_off(off, on):
    cohort = on.cohort
    rows = cohort.randomized[cohort.arm[cohort.randomized] == 1]
    left = rows[np.isfinite(cohort.withdraws_after[rows])]
    assert len(left)
    for row in left:
        day = LEAD_IN + int(np.ceil(cohort.withdraws_after[row])) + 1
        here, there = (trial.records.true_steps[row, day:] for trial in (off, on))
        assert np.array_equal(here, there)
