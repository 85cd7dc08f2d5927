"""Requests as a trial would make them, without a trial: what a recommender is tried out with."""

import numpy as np
from scipy import special

from agents.exercise_constraints import draw_constraints
from recommender.catalogue import LOADS
from recommender.protocol import ATTRIBUTES, FEATURES, Requests
from scenarios.people.patients import Bounded, Categories, Margin
from scenarios.schema import Scenario
from sim.core.streams import Mechanism, Streams
from sim.enrolment.candidates import draw_candidates

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
    generator = streams.generator(Mechanism.OWN_RECOMMENDER)
    draws = generator.random((n, 1 + len(LOADS)))
    constraints = draw_constraints(
        scenario.limits, scenario.population, patients, special.ndtri(draws[:, 0]), draws[:, 1:]
    )
    week = np.arange(n) % WEEKS
    steps = scenario.recommender.first_steps * generator.uniform(0.3, 2.0, (n, 7))
    steps[generator.random((n, 7)) < _MISSING] = np.nan
    known = ~np.isnan(steps).all(axis=1)
    unknown = np.full(n, np.nan)
    features = np.column_stack([patients.values.get(name, unknown) for name in FEATURES])
    features[:, FEATURES.index("steps")] = np.nan
    features[known, FEATURES.index("steps")] = np.nanmean(steps[known], axis=1)
    sessions = np.where(week > 0, generator.integers(0, 6, n), np.nan)
    features[:, FEATURES.index("sessions")] = sessions
    previous = generator.random((n, len(ATTRIBUTES)))
    previous[week == 0] = np.nan
    return Requests(
        participant=np.arange(n),
        arm=np.ones(n, dtype=np.int64),
        week=week,
        features=features,
        previous=previous,
        recent_steps=steps,
        available_minutes=constraints.minutes,
        contraindications=constraints.contraindications,
        luck=generator.random((n, len(ATTRIBUTES))),
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
