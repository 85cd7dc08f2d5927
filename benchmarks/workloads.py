"""What `make bench` measures: parts of a replicate, a trial in `power`, retrieval, plans, imports.

Each function prepares one piece of work and returns the call to be measured. A call that returns a
float has measured its own processor time, where only part of what it does counts.
"""

import subprocess
import sys
import time
from functools import wraps

import numpy as np
from numpy_retrieval import NumpyRetrieval
from turns import Call

from analysis.plan.analyse import analyse
from recommender.casebase import CaseBase
from recommender.cycle import CaseBasedRecommender
from recommender.protocol import FEATURES
from scenarios.analyses.register import ADJUSTED
from scenarios.loading.load import load_scenario
from sim.core.streams import Streams
from sim.recommenders.build import expert_cases, global_similarity
from sim.recommenders.typical_requests import typical_requests
from sim.replicates.analysed import PickedAnalyses, run_replicate
from sim.simulate import simulate
from sim.study.task import RunReplicates
from sim.tables.trial_tables import trial_data

SCENARIO, PLANNED = "selfback_2021", "planned_2018"
REPLICATE = 1
"""Any would do; replicate 0 takes longer the first time, when the cases of the start are made."""
POWER_TRIALS = 25
REQUESTS, CASES = 5, 400
RETRIEVALS = 200
"""Batches in one turn: one takes far less than a clock can tell."""
MANY_CASES, ROOM_TO_LEARN = 20_000, 100
IMPORTS = "sim.study.task"
"""What a worker imports to run the replicates of a study."""


def simulating() -> Call:
    """Simulate one trial."""
    scenario = load_scenario(SCENARIO)
    return lambda: simulate(scenario, REPLICATE)


def analysing() -> Call:
    """Run the whole prespecified plan on one trial."""
    scenario = load_scenario(SCENARIO)
    data = trial_data(simulate(scenario, REPLICATE))
    return lambda: analyse(data, scenario.analysis, np.random.default_rng(1))


def replicating() -> Call:
    """Simulate and analyse a trial and make its result tables."""
    scenario = load_scenario(SCENARIO)
    return lambda: run_replicate(scenario, REPLICATE)


def power_trial() -> Call:
    """Run what `selfback power planned_2018` runs; a trial's share of the time of several."""
    chunk = RunReplicates(load_scenario(PLANNED), PickedAnalyses((ADJUSTED,)))

    def run() -> float:
        start = time.process_time()
        chunk(range(POWER_TRIALS))
        return (time.process_time() - start) / POWER_TRIALS

    return run


def retrieving() -> tuple[Call, Call]:
    """Find the cases most like some requests: as it is done now, and as it was in NumPy."""
    scenario = load_scenario(SCENARIO, [f"recommender.seed_cases={CASES}"])
    settings = scenario.recommender
    features, attributes = expert_cases(scenario, Streams(scenario.seed, REPLICATE))
    requests = typical_requests(scenario, REQUESTS)
    similarity = global_similarity(settings)
    now = CaseBase(similarity, features, attributes, CASES, settings.redundant_above)
    forms = [settings.similarity[name] for name in FEATURES]  # type: ignore[index]
    before = NumpyRetrieval(
        similarity.weights, np.array([form.range for form in forms]), similarity.unknown, features
    )
    k = settings.neighbours
    ours = now.nearest(requests.features, None, k)
    for mine, kept in zip(ours, before.nearest(requests.features, k), strict=True):
        np.testing.assert_allclose(mine, kept, rtol=1e-5)

    def compiled() -> None:
        for _ in range(RETRIEVALS):
            now.nearest(requests.features, None, k)

    def in_numpy() -> None:
        for _ in range(RETRIEVALS):
            before.nearest(requests.features, k)

    return compiled, in_numpy


def weekly_plans() -> Call:
    """Make all plans of a trial and learn from them, with 20,000 cases at the start."""
    capacity = MANY_CASES + ROOM_TO_LEARN
    scenario = load_scenario(
        SCENARIO,
        [f"recommender.seed_cases={MANY_CASES}", f"recommender.capacity={capacity}"],
    )

    def run() -> float:
        spent = [0]
        whole = {name: getattr(CaseBasedRecommender, name) for name in ("recommend", "learn")}
        for name, method in whole.items():
            setattr(CaseBasedRecommender, name, _clocked(method, spent))
        try:
            simulate(scenario, REPLICATE)
        finally:
            for name, method in whole.items():
                setattr(CaseBasedRecommender, name, method)
        return spent[0] / 1e9

    return run


def importing() -> Call:
    """Import what a worker needs, in a fresh interpreter."""
    code = f"import time; import {IMPORTS}; print(time.process_time())"

    def run() -> float:
        done = subprocess.run(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        return float(done.stdout)

    return run


def peak_megabytes(scenario: str, overrides: list[str]) -> float:
    """Return the most memory that a fresh interpreter takes to simulate and analyse a trial.

    On Linux a process inherits the peak of the one that started it in ``ru_maxrss``; the peak in
    its own status file begins with the program.
    """
    code = (
        "import pathlib, resource\n"
        "from scenarios.loading.load import load_scenario\n"
        "from sim.replicates.analysed import run_replicate\n"
        f"run_replicate(load_scenario({scenario!r}, {overrides!r}), {REPLICATE})\n"
        "status = pathlib.Path('/proc/self/status')\n"
        "if status.exists():\n"
        "    print(int(status.read_text().split('VmHWM:')[1].split()[0]) / 2**10)\n"
        "else:\n"  # macOS counts bytes
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)\n"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def _clocked(method: Call, spent: list[int]) -> Call:
    @wraps(method)
    def timed(*args: object) -> object:
        start = time.process_time_ns()
        result = method(*args)
        spent[0] += time.process_time_ns() - start
        return result

    return timed
