"""Recommenders that a team brings: made where a scenario names one, and nowhere else."""

from recommender.adapters.http import HttpRecommender
from recommender.catalogue import load_catalogue
from recommender.loading import find_factory, make
from recommender.outside import OutsideRecommender
from recommender.protocol import Recommender
from scenarios.own_recommender import HTTP
from scenarios.schema import Scenario
from sim.streams import Mechanism, Streams


def make_own(scenario: Scenario, streams: Streams) -> Recommender:
    """Return the recommender that a scenario names, as it is.

    A class or function is called with the scenario's ``[recommender]``, the catalogue and a
    generator that belongs to the replicate.

    Raises
    ------
    InputError
        If it is not found or cannot be made.
    RecommenderError
        If its server cannot be had.
    """
    settings, catalogue = scenario.recommender, load_catalogue()
    if settings.kind == HTTP:
        return HttpRecommender(
            settings.http,
            catalogue,
            scenario=scenario.name,
            seed=scenario.seed,
            replicate=streams.replicate,
        )
    generator = streams.generator(Mechanism.OWN_RECOMMENDER)
    found: Recommender = make(
        settings.kind, find_factory(settings.kind), settings, catalogue, generator
    )
    return found


def own_recommender(scenario: Scenario, streams: Streams) -> OutsideRecommender:
    """Return the recommender that a scenario names, so that it can neither hang nor harm a trial.

    Raises
    ------
    InputError
        If it is not found or cannot be made.
    """
    settings = scenario.recommender
    return OutsideRecommender(
        lambda: make_own(scenario, streams),
        seconds=None if settings.kind == HTTP else settings.plugin.timeout,
    )
