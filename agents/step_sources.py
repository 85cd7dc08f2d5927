"""What counts steps: a band or the phone, when it is worn, what it records, when the app knows."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from scenarios.step_sources import StepCounter, StepSources

SOURCES = ("mi_band", "other_band", "phone")
"""Names of the sources, in the order of their codes."""
PHONE = SOURCES.index("phone")
NEVER = np.int16(np.iinfo(np.int16).max)
"""Synced day of what never reaches the app."""


@dataclass(frozen=True, slots=True)
class StepRecording:
    """What n participants' step sources do on each of d days with the app.

    Attributes
    ----------
    source
        (n,) code of the first source, an index into :data:`SOURCES`.
    lost_day
        (n,) day, a fraction included, on which a band is lost or breaks; infinite for a phone.
        From the next whole day on the phone counts.
    ratio
        (n, d) recorded to true steps; NaN on days on which the source is not worn.
    synced
        (n, d) day on which the app gets to know of the day, :data:`NEVER` where it does not.
    """

    source: np.ndarray
    lost_day: np.ndarray
    ratio: np.ndarray
    synced: np.ndarray

    @property
    def on_time(self) -> np.ndarray:
        """``ratio`` where the app knows it the same evening, else NaN, (n, d)."""
        today = np.arange(self.ratio.shape[1], dtype=np.int16)
        return np.where(self.synced == today, self.ratio, np.float32(np.nan))

    def source_on(self, rows: np.ndarray, days: int) -> np.ndarray:
        """Return the code of the source that counts on the first days of some rows, (m, days)."""
        lost = np.arange(days) >= self.lost_day[rows, None]
        return np.where(lost, PHONE, self.source[rows, None])


def record_steps(
    sources: StepSources,
    person: np.ndarray,
    wearing: np.ndarray,
    error: np.ndarray,
    syncing: np.ndarray,
) -> StepRecording:
    """Let step sources be chosen, worn, lost and synced.

    Recorded steps are true steps times a log-normal error whose mean is the source's bias. Each
    day ends in a sync or not, so that delays are geometric with the source's mean.

    Parameters
    ----------
    sources
        Shares, wear, error, syncing and loss of each source.
    person
        (n, 2) uniforms that choose the source and the day it is lost.
    wearing, syncing
        (n, d) uniforms.
    error
        (n, d) standard normals.
    """
    counters: tuple[StepCounter, ...] = (sources.mi_band, sources.other_band, sources.phone)
    edges = np.cumsum([counter.share for counter in counters])[:-1]
    source = np.searchsorted(edges, person[:, 0], side="right").astype(np.uint8)
    hazard = np.array([sources.mi_band.lost, sources.other_band.lost, 0.0])[source]
    with np.errstate(divide="ignore"):
        lost_day = 7.0 * np.log1p(-person[:, 1]) / np.log1p(-hazard)
    lost_day[hazard == 0.0] = np.inf
    ratio, synced = _record(counters, source, wearing, error, syncing)
    losers = np.flatnonzero(lost_day < wearing.shape[1])
    if len(losers):
        phone = np.full(len(losers), PHONE, dtype=np.uint8)
        after = _record(counters, phone, wearing[losers], error[losers], syncing[losers])
        lost = lost_day[losers, None]
        gone = np.arange(wearing.shape[1]) >= lost
        kept = np.where(synced[losers] >= lost, NEVER, synced[losers])
        ratio[losers] = np.where(gone, after[0], ratio[losers])
        synced[losers] = np.where(gone, after[1], kept)
    return StepRecording(source, lost_day, ratio, synced)


def _record(
    counters: tuple[StepCounter, ...],
    source: np.ndarray,
    wearing: np.ndarray,
    error: np.ndarray,
    syncing: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return ratios and synced days of rows that keep one source, coded (n,)."""
    days = np.arange(wearing.shape[1], dtype=np.int16)

    def of(field: str) -> np.ndarray:
        return np.array([getattr(c, field) for c in counters], dtype=np.float32)[source, None]

    chance = np.array(
        [special.expit(special.logit(c.worn) - c.worn_decline * (days / 7.0)) for c in counters],
        dtype=np.float32,
    )
    log_sd = of("error")
    ratio = np.exp(log_sd * error + (np.log(of("bias")) - log_sd**2 / 2.0))
    ratio[wearing >= chance[source]] = np.nan
    synced = np.where(syncing < 1.0 / (1.0 + of("sync_delay")), days, NEVER)
    synced = np.minimum.accumulate(synced[:, ::-1], axis=1)[:, ::-1]
    return ratio, np.ascontiguousarray(synced)
