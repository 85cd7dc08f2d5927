"""Time for weekly plans in one replicate of the SELFBACK trial, and for the whole simulation.

``make bench`` or ``python benchmarks/weekly_plans.py``. Replicates are simulated as usual,
with a timer around each evening's steps; a line shows medians of processor time over replicates, in
ms.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from collections import Counter
from functools import wraps
from statistics import median

from recommender.cycle import CaseBasedRecommender
from scenarios.loading.load import load_scenario
from sim.app.tailoring import Tailoring
from sim.simulate import simulate

REPLICATES = 7
ROOM_TO_LEARN = 100
"""Cases that may be learned during the trial."""
AIMS = {500: 50, 20_000: 500}
"""Initial cases, and the aim in ms for making plans and learning from them."""
LINES = {
    "recommend": "make plans",
    "learn": "learn from outcomes of plans",
    "hold": "rest of the evening",
    "simulate": "the whole simulation",
}


def clock(owner: type, method: str, spent: Counter[str]) -> None:
    """Add the processor time of every call of a method to a counter."""
    call = getattr(owner, method)

    @wraps(call)
    def timed(*args: object) -> object:
        start = time.thread_time_ns()
        result = call(*args)
        spent[method] += time.thread_time_ns() - start
        return result

    setattr(owner, method, timed)


def costs(seed_cases: int, spent: Counter[str]) -> dict[str, float]:
    """Return medians over replicates of the time for each part, in ms."""
    scenario = load_scenario(
        "selfback_2021",
        [
            f"recommender.seed_cases={seed_cases}",
            f"recommender.capacity={seed_cases + ROOM_TO_LEARN}",
        ],
    )
    simulate(scenario, 0)  # fills the caches of the process
    each = []
    for replicate in range(1, REPLICATES + 1):
        spent.clear()
        start = time.thread_time_ns()
        simulate(scenario, replicate)
        spent["simulate"] = time.thread_time_ns() - start
        spent["hold"] -= spent["recommend"] + spent["learn"]
        spent["plans"] = spent["recommend"] + spent["learn"]
        each.append(dict(spent))
    return {name: median(one[name] for one in each) / 1e6 for name in each[0]}


def main() -> None:
    """Print the table."""
    spent: Counter[str] = Counter()
    clock(CaseBasedRecommender, "recommend", spent)
    clock(CaseBasedRecommender, "learn", spent)
    clock(Tailoring, "hold", spent)
    by_size = {cases: costs(cases, spent) for cases in AIMS}
    print(f"{REPLICATES} replicates; median processor time in ms of a replicate with\n")
    print(f"{'':28}", *(f"{cases:>10,} cases" for cases in AIMS))
    for name, what in LINES.items():
        print(f"{what:28}", *(f"{by_size[cases][name]:16.1f}" for cases in AIMS))
    print(f"\n{'plans, the first two lines':28}", *(f"{by_size[c]['plans']:16.1f}" for c in AIMS))
    print(f"{'aim':28}", *(f"{aim:16.1f}" for aim in AIMS.values()))


if __name__ == "__main__":
    main()
