"""Step sources (bands and phones): wear, recording and syncing."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from scenarios.devices.step_sources import StepCounter, StepSources

SOURCES = ("mi_band", "other_band", "phone")
"""Names of the sources, in the order of their codes."""
PHONE = SOURCES.index("phone")
HANDED_OUT = SOURCES.index("mi_band")
_UNSURE = 14
"""Days without the band, at the end of follow-up, after which nobody would say it was given up."""
NEVER = np.int16(np.iinfo(np.int16).max)
"""Synced day of steps that never reach the app."""


@dataclass(frozen=True, slots=True)
class StepRecording:
    """Records of n participants' step sources on each of d days.

    Attributes
    ----------
    first
        Column of the first day on which steps are recorded.
    source
        (n,) code of the first source, an index into :data:`SOURCES`.
    lost
        (n,) column from which the phone counts, because the band was lost or broke.
    ratio
        (n, d) recorded to true steps; 0 on days on which the source is not worn.
    synced
        (n, d) column of the day on which the steps reach the app; :data:`NEVER` if they do not, or
        if nothing is recorded.
    """

    first: int
    source: np.ndarray
    lost: np.ndarray
    ratio: np.ndarray
    synced: np.ndarray

    def source_on(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return the code of the source that counts on some days of some rows, (m, days)."""
        return np.where(columns >= self.lost[rows, None], PHONE, self.source[rows, None])

    def recorded_week(self, at: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """Return recorded steps of each of the 7 days before today, as far as the app knows them.

        Parameters
        ----------
        at
            (m,) flat positions of today in ``ratio`` and ``synced``, at or after ``first``.
        steps
            (m, 7) true steps of the 7 days before.

        Returns
        -------
        (m, 7) steps, NaN on days that are not known.
        """
        past = at[:, None] + WEEK_BEFORE
        unseen = self.synced.take(past) > (at % self.synced.shape[1])[:, None]
        counted = self.ratio.take(past)
        counted *= steps
        np.copyto(counted, np.nan, where=unseen)
        return counted


WEEK_BEFORE = np.arange(-7, 0)
"""The 7 days before today, as offsets."""


def record_steps(
    sources: StepSources,
    first: int,
    person: np.ndarray,
    wearing: np.ndarray,
    error: np.ndarray,
    syncing: np.ndarray,
) -> StepRecording:
    """Simulate choice, wear, loss and syncing of step sources.

    Recorded steps are true steps times a log-normal error whose mean is the source's bias. Each
    day ends in a sync or not, so that delays are geometric with the source's mean.

    Parameters
    ----------
    sources
        Shares, wear, error, syncing and loss of each source.
    first
        Column of the day from which steps are recorded.
    person
        (n, 3) uniforms that choose the source, the day it is lost, and the day it is given up.
    wearing, syncing
        (n, d) uniforms.
    error
        (n, d) standard normals.
    """
    counters: tuple[StepCounter, ...] = (sources.mi_band, sources.other_band, sources.phone)
    edges = np.cumsum([counter.share for counter in counters])[:-1]
    source = np.searchsorted(edges, person[:, 0], side="right").astype(np.uint8)
    days = wearing.shape[1]
    bands = sources.mi_band, sources.other_band
    lost = _ends(source, [band.lost for band in bands], first, days, person[:, 1])
    given_up = _ends(source, [band.given_up for band in bands], first, days, person[:, 2])
    ratio, synced = _record(counters, source, first, wearing, error, syncing)
    losers = np.flatnonzero(lost < days)
    if len(losers):
        phone = np.full(len(losers), PHONE, dtype=np.uint8)
        after = _record(counters, phone, first, wearing[losers], error[losers], syncing[losers])
        since = lost[losers, None]
        gone = np.arange(days) >= since
        kept = np.where(synced[losers] >= since, NEVER, synced[losers])
        ratio[losers] = np.where(gone, after[0], ratio[losers])
        synced[losers] = np.where(gone, after[1], kept)
    tired = np.flatnonzero(given_up < np.minimum(lost, days))
    if len(tired):
        off = np.arange(days) >= given_up[tired, None]
        ratio[tired] = np.where(off, 0.0, ratio[tired])
        synced[tired] = np.where(off, NEVER, synced[tired])
        # Who takes the band off does not miss it when it would have been lost.
        lost[tired] = days
    return StepRecording(first, source, lost, ratio, synced)


def steps_by_wearing(sources: StepSources, recording: StepRecording) -> np.ndarray:
    """Return the steps that wearing the band handed out adds to each day, (n, d).

    Nothing on days on which it is not worn, nor with a band of one's own or a phone, whose effect,
    if any, was there before the trial.
    """
    band = sources.mi_band
    if band.adds == 0.0:
        return np.zeros(recording.ratio.shape, dtype=np.float32)
    columns = np.arange(recording.ratio.shape[1])
    worn = (recording.source == HANDED_OUT)[:, None] & (recording.ratio > 0.0)
    worn &= columns < recording.lost[:, None]
    kept = np.ones(len(columns))
    if band.adds_half_life is not None:
        kept = 0.5 ** (np.maximum(columns - recording.first, 0) / band.adds_half_life)
    return np.asarray(worn * (band.adds * kept), dtype=np.float32)


def days_with_band(recording: StepRecording) -> np.ndarray:
    """Return for how many days each band is in use, (n,): infinite if it is to the end.

    It is no more from the day on which it is lost, or after the last day on which it is worn.
    """
    columns = recording.ratio.shape[1]
    last = columns - np.argmax(recording.ratio[:, ::-1] > 0.0, axis=1)
    ends = np.minimum(np.where(recording.ratio.any(axis=1), last, recording.first), recording.lost)
    # Somebody who does not wear it on the last days of follow-up may do so on the day after.
    lasts = ends > columns - _UNSURE
    return np.where(lasts, np.inf, ends - recording.first)


def nothing_recorded(recording: StepRecording) -> StepRecording:
    """Return the records of participants who have no step source."""
    return replace(
        recording,
        ratio=np.zeros_like(recording.ratio),
        synced=np.full_like(recording.synced, NEVER),
    )


def _ends(
    source: np.ndarray, per_week: list[float], first: int, days: int, uniforms: np.ndarray
) -> np.ndarray:
    """Return the column from which something is over, ``days`` if it lasts, by source."""
    hazard = np.array([*per_week, 0.0])[source]
    ends = np.full(len(source), days)
    ending = hazard > 0.0
    weeks = np.log1p(-uniforms[ending]) / np.log1p(-hazard[ending])
    ends[ending] = np.minimum(np.ceil(first + 7.0 * weeks), days)
    return ends


def _record(
    counters: tuple[StepCounter, ...],
    source: np.ndarray,
    first: int,
    wearing: np.ndarray,
    error: np.ndarray,
    syncing: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return ratios and synced days of rows that keep one source, coded (n,)."""
    days = np.arange(wearing.shape[1], dtype=np.int16)

    def of(field: str) -> np.ndarray:
        return np.array([getattr(c, field) for c in counters], dtype=np.float32)[source, None]

    weeks = (days - first) / 7.0
    chance = np.array(
        [special.expit(special.logit(c.worn) - c.worn_decline * weeks) for c in counters],
        dtype=np.float32,
    )
    chance[:, :first] = 0.0
    worn = wearing < chance[source]
    log_sd = of("error")
    ratio = np.exp(log_sd * error + (np.log(of("bias")) - log_sd**2 / 2.0))
    ratio *= worn
    synced = np.where(syncing < 1.0 / (1.0 + of("sync_delay")), days, NEVER)
    synced = np.minimum.accumulate(synced[:, ::-1], axis=1)[:, ::-1]
    return ratio, np.where(worn, synced, NEVER)
