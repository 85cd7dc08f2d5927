"""Where a scenario's recommender meets the patients: expert cases and feature ranges."""

import numpy as np

from agents.population import NEED_NAMES, draw_patients
from recommender.casebase import CaseBase
from recommender.comparators import GuidelineRecommender, RandomRecommender
from recommender.cycle import CaseBasedRecommender
from recommender.protocol import FEATURES, Recommender
from scenarios.patients import Bounded, Categories, LogNormal, Margin
from scenarios.schema import Scenario
from sim.streams import Mechanism, Streams


def build_recommender(scenario: Scenario, streams: Streams) -> Recommender:
    """Return the recommender that a scenario names, with a fresh case base."""
    match scenario.recommender.kind:
        case "guideline":
            return GuidelineRecommender()
        case "random":
            return RandomRecommender()
        case "cbr":
            margins: dict[str, Margin] = dict(scenario.population.margins.items())
            ranges = np.array([feature_range(margins[f]) for f in FEATURES])
            return CaseBasedRecommender(
                scenario.recommender, ranges, expert_cases(scenario, streams)
            )


def expert_cases(scenario: Scenario, streams: Streams) -> CaseBase:
    """Return the case base that experts built before the trial, the same in every replicate.

    Its patients come from the scenario's population; their plans are what suited them, as far as
    experts could tell.
    """
    settings = scenario.recommender
    generator = streams.shared(Mechanism.EXPERT_CASES)
    traits = len(scenario.population.margins)
    drawn = generator.standard_normal((settings.seed_cases, traits + 2 * len(NEED_NAMES)))
    patients = draw_patients(
        scenario.population,
        scenario.needs,
        drawn[:, :traits],
        drawn[:, traits : traits + len(NEED_NAMES)],
    )
    error = settings.expert_error * drawn[:, traits + len(NEED_NAMES) :]
    features = np.column_stack([patients.values[name] for name in FEATURES])
    return CaseBase(features, np.clip(patients.needs + error, 0.0, 1.0), settings.capacity)


def feature_range(margin: Margin) -> float:
    """Return the difference at which two patients are not alike at all in a feature."""
    match margin:
        case Bounded(low=low, high=high):
            return high - low
        case LogNormal(sd=sd):
            return 4.0 * sd
        case Categories(levels=levels):
            return float(len(levels) - 1)
        case _:
            return 4.0
