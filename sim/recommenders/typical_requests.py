"""Requests as a trial would make them, without a trial: what a recommender is tried out with."""

import numpy as np

from recommender.protocol import ATTRIBUTES, FEATURES, Requests
from scenarios.people.patients import Bounded, Categories, Margin
from scenarios.schema import Scenario
from sim.core.streams import Mechanism, Streams, uniforms_by_name
from sim.enrolment.candidates import draw_candidates
from sim.enrolment.exercise_constraints import patient_constraints

WEEKS = 39
"""Weeks since installation, over which the requests are spread."""
_MISSING = 0.2
_MOST_STEPS, _MOST_SESSIONS = 60_000.0, 14.0


def typical_requests(scenario: Scenario, most: int) -> Requests:
    """Return requests of this many of a trial's patients, or of all if there are fewer.

    Traits and exercise constraints are the patients'; weeks, steps, sessions and last plans are
    made up, and some steps are not known.
    """
    streams = Streams(scenario.seed, 0)
    candidates = draw_candidates(scenario, streams)
    patients = candidates.patients.take(candidates.eligible[:most])
    n = len(patients)
    constraints = patient_constraints(scenario, streams, patients)

    def uniforms(*names: str) -> np.ndarray:
        return uniforms_by_name(streams.generator(Mechanism.TYPICAL_REQUEST), names, n).T

    def days(what: str) -> np.ndarray:
        return uniforms(*(f"{what} {day}" for day in range(7)))

    def attributes(what: str) -> np.ndarray:
        return uniforms(*(f"{what} {name}" for name in ATTRIBUTES))

    week = np.arange(n) % WEEKS
    steps = scenario.mechanisms.recommender.first_steps * (0.3 + 1.7 * days("steps"))
    steps[days("missing") < _MISSING] = np.nan
    baseline = scenario.mechanisms.recommender.first_steps * (
        0.5 + uniforms("baseline steps")[:, 0]
    )
    baseline[week == 0] = np.nan
    known = ~np.isnan(steps).all(axis=1)
    unknown = np.full(n, np.nan)
    features = np.column_stack([patients.values.get(name, unknown) for name in FEATURES])
    features[:, FEATURES.index("steps")] = np.nan
    features[known, FEATURES.index("steps")] = np.nanmean(steps[known], axis=1)
    sessions = np.where(week > 0, np.floor(6.0 * uniforms("sessions")[:, 0]), np.nan)
    features[:, FEATURES.index("sessions")] = sessions
    previous = attributes("previous")
    previous[week == 0] = np.nan
    return Requests(
        participant=np.arange(n),
        arm=np.ones(n, dtype=np.int64),
        week=week,
        features=features,
        previous=previous,
        recent_steps=steps,
        baseline_steps=baseline,
        available_minutes=constraints.minutes,
        contraindications=constraints.contraindications,
        draws=attributes("chance"),
    )


def feature_limits(scenario: Scenario) -> np.ndarray:
    """Return the lowest and highest value of each feature, (2, features)."""
    own = {"steps": (0.0, _MOST_STEPS), "sessions": (0.0, _MOST_SESSIONS)}
    margins: dict[str, Margin] = dict(scenario.population.margins.items())
    return np.array([own.get(name) or _limits(margins[name]) for name in FEATURES]).T


def _limits(margin: Margin) -> tuple[float, float]:
    match margin:
        case Bounded(low=low, high=high):
            return low, high
        case Categories(levels=levels):
            return 0.0, float(len(levels) - 1)
        case _:
            return 0.0, _MOST_STEPS
