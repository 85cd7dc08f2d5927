"""How long patients stay with the app: quitting for good, and pauses from which they may return."""

import numpy as np

from agents.population import Patients
from scenarios.devices.app import AppUse


def quitting_day(
    app: AppUse, patients: Patients, exponentials: np.ndarray, normals: np.ndarray
) -> np.ndarray:
    """Return the days after installation for which each patient uses the app.

    The hazard is constant in time and log-linear in depression, stress, age and a personal
    frailty, whose mean is 1.

    Parameters
    ----------
    app
        Hazard per week, its spread between persons, its slopes.
    patients
        n patients.
    exponentials, normals
        (n,) standard exponential and normal draws.

    Returns
    -------
    (n,) days, a fraction included; infinite where nobody quits.
    """
    if app.quit_hazard == 0.0:
        return np.full(len(normals), np.inf)
    hazard = -np.log1p(-min(app.quit_hazard, 1.0 - 1e-12)) / 7.0
    scores = patients.scores
    slopes = (
        app.quit_per_depression * scores["depression"]
        + app.quit_per_stress * scores["stress"]
        + app.quit_per_age * scores["age"]
    )
    frailty = np.exp(app.quit_spread * normals - app.quit_spread**2 / 2.0)
    return np.asarray(exponentials / (hazard * frailty * np.exp(slopes)))


def paused_weeks(app: AppUse, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return in which weeks with the app it is left alone, the first week never.

    Parameters
    ----------
    app
        Probability that a pause begins in a week; mean length of pauses, which is geometric.
    starts, lengths
        (n, weeks) uniforms.

    Returns
    -------
    (n, weeks) booleans. A pause that outlasts the weeks is quitting in all but name.
    """
    week = np.arange(starts.shape[1])
    longer = np.log(1.0 - 1.0 / app.pause_weeks) if app.pause_weeks > 1.0 else -np.inf
    length = 1 + np.floor(np.log1p(-lengths.astype(float)) / longer).astype(np.int64)
    begins = (starts < app.pause_hazard) & (week > 0)
    until = np.maximum.accumulate(np.where(begins, week + length, 0), axis=1)
    return np.asarray(until > week)
