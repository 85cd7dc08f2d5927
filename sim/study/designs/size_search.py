"""Searches the sample size that a power takes, with few trials."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.replicates.power import Power, PowerCurve, power_of
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario, scenario_hash
from scenarios.schema import Scenario
from sim.replicates.analysed import PickedAnalyses
from sim.study.designs.grid import SIZE
from sim.study.designs.size_curve import Question, Search
from sim.study.frame import open_study
from sim.study.primary_difference import primary_trials
from sim.study.runner import run_part
from sim.study.setting import Setting
from sim.study.store.folder import write_json

SEARCH, TRIALS = "search.json", "trials.parquet"
BATCH = 100
"""Trials at a size before the search moves on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The sample size found.

    Attributes
    ----------
    size
        The smallest multiple of the allocation's unit at which the fitted power reaches the target.
    lower, upper
        95% limits of the size at which it does.
    power_error
        Monte Carlo standard error of the fitted power there.
    settled
        Whether the tolerance was reached within the trials allowed.
    rounds
        Size, trials and rejections of each step of the search.
    verified, verified_seed
        Power at the size in trials that the search did not see, and their seed.
    failed
        Trials of both that raised an exception; they count as no rejection.
    """

    size: int
    lower: float
    upper: float
    power_error: float
    settled: bool
    rounds: list[dict[str, int]]
    verified: Power
    verified_seed: int
    failed: int = 0

    @property
    def trials(self) -> int:
        """Trials of the search, without the verification."""
        return sum(step["trials"] for step in self.rounds)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return {**asdict(self), "trials": self.trials}


def search_size(
    question: Question,
    setting: Setting,
    *,
    verify: int,
    finish: Callable[[Answer, PowerCurve, Path], None],
) -> Answer:
    """Search a sample size, and verify it on a seed that the search did not see.

    Trials are made in batches. After each, a probit curve in the root of the size is fitted through
    all, and the next batch is made close to where it reaches the target, on either side in turn,
    until the fitted power there is sure enough. So nearly all trials are made where they tell most.

    Parameters
    ----------
    question
        What is searched.
    setting
        How it is run.
    verify
        Trials at the answer, under the next seed.
    finish
        Called with the answer, the curve and the folder when the tables are safe.

    Raises
    ------
    InputError
        If the target is not reached within the sizes, or trials fail.
    """
    first = load_scenario(question.name, question.overrides)
    search = Search(question, first.analysis.alpha, [], [])
    size = int(np.clip(first.trial.sample_size, question.smallest, question.largest))
    kept: list[pd.DataFrame] = []
    with (
        open_study(first, setting, replicates=0, study={"search": question.analysis}) as study,
        setting.progress(f"searching the size of {first.name}") as advance,
    ):

        def trials_at(scenario: Scenario, start: int, count: int) -> pd.DataFrame:
            part = run_part(
                study,
                f"{start} to {start + count - 1} {scenario_hash(scenario)[:16]}",
                scenario,
                replicates=count,
                first=start,
                replicate=PickedAnalyses((question.analysis,)),
                label=f"{scenario.name} at {SIZE}={scenario.trial.sample_size}",
                stays=False,
            )
            table = primary_trials(part, scenario, [question.analysis])
            kept.append(table.assign(size=scenario.trial.sample_size, seed=scenario.seed))
            return table

        while search.power_error() > question.tolerance and search.trials < question.most:
            scenario = question.scenario(size)
            table = trials_at(scenario, search.trials, BATCH)
            rejected = np.zeros(BATCH, dtype=bool)
            rejected[table.loc[table["p"] < search.alpha, "replicate"] - search.trials] = True
            search.add(size, rejected)
            search.check_reach()
            advance(search.trials, _expected(search))
            size = search.next_size()
        curve = search.curve()
        if curve is None:
            raise InputError(
                f"--target {question.target:g}: {search.trials} trials determine no power curve: "
                "allow more trials with --most"
            )
        answer = _answer(search, curve, first)
        seed = (first.seed + 1) % 2**63
        chosen = question.scenario(answer["size"]).model_copy(update={"seed": seed})
        fresh = trials_at(chosen, 0, verify)
        found = Answer(
            **answer,
            verified=power_of(fresh["p"], verify, search.alpha, fresh["failure"]),
            verified_seed=seed,
            failed=study.failed,
        )
        advance(1, 1)
        pd.concat(kept).to_parquet(study.folder / TRIALS, index=False)
        write_json(study.folder / SEARCH, {"question": asdict(question), **found.to_dict()})
        study.scenario = chosen.model_copy(update={"seed": first.seed})
        study.replicates = search.trials
        study.afterwards(lambda folder: finish(found, curve, folder))
    return found


def _expected(search: Search) -> int:
    """Return about how many trials the search will take: the error falls with their root."""
    error = search.power_error()
    if not np.isfinite(error):
        return search.question.most
    needed = search.trials * (error / search.question.tolerance) ** 2
    return int(min(max(needed, search.trials), search.question.most))


def _answer(search: Search, curve: PowerCurve, scenario: Scenario) -> dict[str, Any]:
    """Return the answer's numbers; a size outside those allowed is refused.

    The limits of the root come from the error of the line there (the delta method).
    """
    asked = search.question
    at, score_error = curve.solve(asked.target)
    reach = stats.norm.ppf(0.975) * score_error / curve.coefficients[1]
    unit = sum(scenario.trial.allocation_ratio)
    size = int(np.ceil(max(at, 0.0) ** 2 / unit - 1e-9)) * unit
    if not asked.smallest <= size <= asked.largest:
        raise InputError(
            f"--target {asked.target:g} takes about {size} participants, which is not from "
            f"{asked.smallest} to {asked.largest}: allow it with --sizes"
        )
    return {
        "size": size,
        "lower": float(max(at - reach, 0.0) ** 2),
        "upper": float((at + reach) ** 2),
        "power_error": search.power_error(),
        "settled": search.power_error() <= asked.tolerance,
        "rounds": [
            {"size": int(s[0]), "trials": len(r), "rejected": int(r.sum())}
            for s, r in zip(search.sizes, search.rejected, strict=True)
        ],
    }
