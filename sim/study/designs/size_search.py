"""Searches the sample size that a power takes, with few trials."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.decision.rule import Rule, primary_rule
from analysis.replicates.power import Power, PowerCurve, power_of
from analysis.replicates.size_adjusted import (
    SizeAdjusted,
    favourable,
    fewest_replicates,
    p_values,
    size_adjusted,
)
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
    critical, verified_adjusted
        If power is size-adjusted, the P value up to which trials of the search rejected, and
        size-adjusted power in the verification, by null trials of its own.
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
    critical: float | None = None
    verified_adjusted: SizeAdjusted | None = None

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
    rule = primary_rule(first.analysis, first.scales)
    search = Search(question, rule)
    if question.size_adjusted:
        _check_size_adjusted(question, rule, verify)
    size = int(np.clip(first.trial.sample_size, question.smallest, question.largest))
    kept: list[pd.DataFrame] = []
    with (
        open_study(first, setting, replicates=0, study={"search": question.series}) as study,
        setting.progress(f"searching the size of {first.name}") as advance,
    ):

        def trials_at(
            scenario: Scenario, start: int, count: int, *, null: bool = False
        ) -> pd.DataFrame:
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
            table = table[table["analysis"] == question.series]
            size = scenario.trial.sample_size
            kept.append(table.assign(size=size, seed=scenario.seed, null=null))
            return table

        while search.power_error() > question.tolerance and search.trials < question.most:
            scenario = question.scenario(size)
            start = search.trials
            table = trials_at(scenario, start, BATCH)
            if question.size_adjusted:
                # The first null trials alone must determine a critical value.
                count = BATCH if search.null else max(BATCH, fewest_replicates(rule.alpha))
                without = trials_at(question.null(size), start, count, null=True)
                search.null.append(p_values(without, count, start))
            right = favourable(table, BATCH, rule, start)
            search.add(size, p_values(table, BATCH, start), right)
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
        adjusted = None
        if question.size_adjusted:
            null = question.null(answer["size"]).model_copy(update={"seed": seed})
            adjusted = size_adjusted(
                p_values(fresh, verify),
                favourable(fresh, verify, rule),
                p_values(trials_at(null, 0, verify, null=True), verify),
                rule,
            )
        found = Answer(
            **answer,
            verified=power_of(fresh, verify),
            verified_seed=seed,
            failed=study.failed,
            critical=search.critical if question.size_adjusted else None,
            verified_adjusted=adjusted,
        )
        advance(1, 1)
        pd.concat(kept).to_parquet(study.folder / TRIALS, index=False)
        told = {"question": asdict(question), **found.to_dict(), "curve": curve.to_dict()}
        study.write_result(SEARCH, told)
        study.scenario = chosen.model_copy(update={"seed": first.seed})
        study.replicates = search.trials
        study.afterwards(lambda folder: finish(found, curve, folder))
    return found


def _check_size_adjusted(question: Question, rule: Rule, verify: int) -> None:
    """Refuse what gives no critical value before any trial is made."""
    question.null(question.smallest)
    fewest = fewest_replicates(rule.alpha)
    if verify < fewest:
        raise InputError(
            f"--size-adjusted with --replicates {verify} is not allowed: at level {rule.alpha:g} a "
            f"critical value takes at least {fewest} trials"
        )


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
    unit = sum(scenario.allocation_ratio)
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
