"""Recommenders that a team brings: made where a scenario names one, and nowhere else."""

from collections.abc import Callable

from recommender.catalogue import load_catalogue
from recommender.own.guard import GuardedRecommender
from recommender.own.loading import find_factory, make
from recommender.own.outside import OutsideRecommender
from recommender.protocol import Recommender, RecommenderError
from scenarios.devices.own_recommender import HTTP
from scenarios.errors import InputError
from scenarios.schema import Scenario
from sim.core.streams import Mechanism, Streams


def own_maker(scenario: Scenario, streams: Streams) -> Callable[[], Recommender]:
    """Return what makes the recommender that a scenario names.

    Modules are looked for among what is installed, then in the folder the process runs in. A class
    or function is called with the scenario's ``[recommender]``, the catalogue and a
    generator that belongs to the replicate.

    Raises
    ------
    InputError
        If it is not found; when it is made, if it cannot be.
    RecommenderError
        When it is made, if its server cannot be had.
    """
    settings, catalogue = scenario.mechanisms.recommender, load_catalogue()
    if settings.kind == HTTP:
        # Only here: a worker of a study without a server does not wait for an HTTP library.
        from recommender.adapters.http import HttpRecommender  # noqa: PLC0415

        return lambda: HttpRecommender(
            settings.http,
            catalogue,
            scenario=scenario.name,
            seed=scenario.seed,
            replicate=streams.replicate,
        )
    factory = find_factory(settings.kind)

    def call() -> Recommender:
        generator = streams.generator(Mechanism.OWN_RECOMMENDER)
        found: Recommender = make(settings.kind, factory, settings, catalogue, generator)
        return found

    return call


def own_recommender(scenario: Scenario, streams: Streams) -> OutsideRecommender:
    """Return the recommender that a scenario names, so that it can neither hang nor harm a trial.

    Raises
    ------
    InputError
        If it is not found or cannot be made.
    """
    settings = scenario.mechanisms.recommender
    return OutsideRecommender(
        own_maker(scenario, streams),
        seconds=None if settings.kind == HTTP else settings.plugin.timeout,
    )


def let_go(recommender: object) -> None:
    """Close a recommender, if it is one that has to be closed."""
    if isinstance(recommender, GuardedRecommender):
        recommender.close()


def try_out(scenario: Scenario) -> None:
    """Make the recommender that a scenario brings, if it brings one, before it is needed.

    Raises
    ------
    InputError
        If it cannot be had.
    """
    settings = scenario.recommender
    if settings is None or not settings.is_own or scenario.course.model != "mechanistic":
        return
    recommender = own_recommender(scenario, Streams(scenario.seed, 0))
    try:
        recommender.require()
    except RecommenderError as error:
        raise InputError(f"recommender {settings.kind}: {error}") from error
    finally:
        recommender.close()
