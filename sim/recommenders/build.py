"""Where a scenario's recommender meets the patients: who it is, and the cases it starts from."""

from collections.abc import Callable, Sequence

import numpy as np

from agents.population import NEED_NAMES, draw_patients
from recommender import rivals
from recommender.casebase import CaseBase
from recommender.catalogue import load_catalogue
from recommender.cycle import CaseBasedRecommender
from recommender.own.guard import GuardedRecommender
from recommender.protocol import FEATURES, Recommender
from recommender.similarity import GlobalSimilarity, Linear, local_similarity
from scenarios.devices.recommender import Recommender as Settings
from scenarios.schema import Scenario
from sim.core.streams import Mechanism, Streams, normals_by_name
from sim.recommenders.own import own_recommender

Cases = tuple[np.ndarray, np.ndarray]
"""(cases, features) and (cases, attributes)."""


def build_recommender(
    scenario: Scenario, streams: Streams, needs: np.ndarray, pilot: Callable[[Scenario], Cases]
) -> Recommender | None:
    """Return the recommender that a scenario names, with a fresh case base; None for "none".

    Parameters
    ----------
    scenario, streams
        Of the trial.
    needs
        (persons, attributes) what would suit everybody, for the oracle.
    pilot
        Runs a pilot and returns its successful cases.

    Raises
    ------
    InputError
        If a recommender of one's own is not found or cannot be made.
    """
    settings = scenario.mechanisms.recommender
    if settings.kind == "none":
        return None
    if settings.kind == "oracle":
        return rivals.oracle(settings, needs)
    if settings.kind in rivals.WITHOUT_CASES:
        return rivals.WITHOUT_CASES[settings.kind](settings)
    if settings.is_own:
        fallback = rivals.guideline(settings) if settings.on_failure == "fallback" else None
        return GuardedRecommender(own_recommender(scenario, streams), load_catalogue(), fallback)
    if settings.cases_from == "pilot":
        features, attributes = pilot(scenario)
    else:
        features, attributes = expert_cases(scenario, streams)
    case_base = CaseBase(
        global_similarity(settings), features, attributes, settings.capacity,
        settings.redundant_above,
    )  # fmt: skip
    neighbours = 1 if settings.kind == "nearest" else settings.neighbours
    case_based = CaseBasedRecommender(settings, case_base, neighbours)
    return rivals.StaticRecommender(case_based) if settings.kind == "static" else case_based


def global_similarity(settings: Settings) -> GlobalSimilarity:
    """Return what makes two patients alike in a scenario."""
    forms = [settings.similarity.get(name) for name in FEATURES]  # type: ignore[call-overload]
    weights = [settings.weights.get(name, 0.0) for name in FEATURES]  # type: ignore[call-overload]
    return GlobalSimilarity(
        tuple(Linear(1.0) if form is None else local_similarity(form) for form in forms),
        np.array(weights),
        np.array([0.0 if form is None else form.unknown for form in forms]),
        settings.missing,
    )


def expert_cases(scenario: Scenario, streams: Streams) -> Cases:
    """Return the cases that experts wrote before the trial, the same in every replicate.

    Their patients come from the scenario's population, at the start of care; their plans are what
    suited them, as far as experts could tell.
    """
    settings = scenario.mechanisms.recommender

    def drawn(what: str, names: Sequence[str]) -> np.ndarray:
        generator = streams.shared(Mechanism.EXPERT_CASES)
        return normals_by_name(generator, [f"{what} {name}" for name in names], settings.seed_cases)

    patients = draw_patients(
        scenario.people,
        scenario.mechanisms.needs,
        drawn("trait", tuple(scenario.population.margins)),
        drawn("need", NEED_NAMES),
    )
    error = settings.expert_error * drawn("error", NEED_NAMES).T
    unknown = np.full(settings.seed_cases, np.nan)
    features = np.column_stack([patients.values.get(name, unknown) for name in FEATURES])
    return features, np.clip(patients.needs + error, 0.0, 1.0)
