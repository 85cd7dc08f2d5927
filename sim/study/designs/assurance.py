"""Assurance: the probability of success, averaged over what a calibration leaves open.

Power holds parameters at one value. Assurance draws them from what is believed of them (O'Hagan,
Stevens and Campbell, Pharmaceutical Statistics 2005;4:187).
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.decision.rule import IN_FAVOUR
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from sim.replicates.analysed import PickedAnalyses
from sim.study.frame import open_study
from sim.study.primary_difference import primary_trials, with_analyses
from sim.study.runner import run_part
from sim.study.setting import Setting

ASSURANCE, SETS = "assurance.json", "sets.parquet"


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """Replicates that take one parameter set after the other, some trials of each.

    A scenario is read in the worker: a text travels more lightly than a scenario.

    Attributes
    ----------
    name, overrides
        The scenario and what is set in it.
    sets
        Of each parameter set, what it changes, as ``--set`` would take it.
    each
        Consecutive replicates with one set.
    analysis
        The analysis to run.
    series
        What success is of: the analysis or, with several contrasts, one of
        :func:`sim.study.primary_difference.series_of`.
    """

    name: str
    overrides: tuple[str, ...]
    sets: tuple[tuple[str, ...], ...]
    each: int
    analysis: str
    series: str

    def scenario(self, place: int) -> Scenario:
        """Return the scenario with a parameter set."""
        read = load_scenario(self.name, [*self.overrides, *self.sets[place]])
        return with_analyses(read, [self.analysis])

    def __call__(self, _point: Scenario, replicate: int) -> dict[str, pa.Table]:
        """Return the tables of one replicate."""
        picked = PickedAnalyses((self.analysis,))
        return picked(self.scenario(replicate // self.each), replicate)


@dataclass(frozen=True, slots=True)
class Assurance:
    """The probability of success, with parameters uncertain and at one point.

    Success is a rejection in favour of the intervention by the plan's test; a failed fit is none.
    Both are of the same replicates, so on common random numbers.

    Attributes
    ----------
    sets, each
        Parameter sets, and trials of each.
    assurance, assurance_error
        Share of successes over all sets, and its Monte Carlo standard error: of sets, not trials.
    power, power_error
        Share at the scenario's own parameters, and its Monte Carlo standard error.
    difference, difference_error
        Assurance less power, paired by set.
    failed
        Trials that raised an exception, over both.
    """

    sets: int
    each: int
    assurance: float
    assurance_error: float
    power: float
    power_error: float
    difference: float
    difference_error: float
    failed: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, ready for JSON."""
        return asdict(self)


def run_assurance(trials: ParameterSets, setting: Setting) -> Assurance:
    """Simulate every parameter set, and the scenario's own parameters on the same replicates.

    Raises
    ------
    InputError
        If a parameter set is not allowed, the folder cannot be written, or all trials failed.
    """
    point = with_analyses(load_scenario(trials.name, trials.overrides), [trials.analysis])
    for place in range(len(trials.sets)):
        trials.scenario(place)  # a set that is not allowed is refused before any trial is made
    replicates = len(trials.sets) * trials.each
    shares: dict[str, np.ndarray] = {}
    asked = {"assurance": trials.series, "each": trials.each, "sets": trials.sets}
    with open_study(point, setting, replicates=replicates, study=asked) as study:
        for name, replicate in (
            ("posterior", trials),
            ("point", PickedAnalyses((trials.analysis,))),
        ):
            with setting.progress(f"simulating {point.name}, {name}") as advance:
                part = run_part(
                    study, name, point,
                    replicates=replicates, replicate=replicate, on_progress=advance,
                    label=f"{point.name}, {name}",
                )  # fmt: skip
            success = _successes(part, point, trials, replicates)
            shares[name] = success.reshape(len(trials.sets), trials.each).mean(axis=1)
        found = _summary(shares["posterior"], shares["point"], trials.each, study.failed)
        table = pd.DataFrame({"set": np.arange(len(trials.sets)), **shares})
        table.to_parquet(study.folder / SETS, index=False)
        study.write_result(ASSURANCE, found.to_dict())
        study.notes["sets"] = [list(changes) for changes in trials.sets]
    return found


def _successes(
    study: Path, scenario: Scenario, trials: ParameterSets, replicates: int
) -> np.ndarray:
    """Return for each replicate whether it rejected in favour of the intervention."""
    table = primary_trials(study, scenario, [trials.analysis])
    mine = table["analysis"] == trials.series
    won = table[mine & (table["decision"] == IN_FAVOUR)]
    success = np.zeros(replicates, dtype=bool)
    success[won["replicate"]] = True
    return success


def _summary(posterior: np.ndarray, point: np.ndarray, each: int, failed: int) -> Assurance:
    assurance, assurance_error = _mean(posterior)
    power, power_error = _mean(point)
    difference, difference_error = _mean(posterior - point)
    return Assurance(
        sets=len(posterior),
        each=each,
        assurance=assurance,
        assurance_error=assurance_error,
        power=power,
        power_error=power_error,
        difference=difference,
        difference_error=difference_error,
        failed=failed,
    )


def _mean(shares: np.ndarray) -> tuple[float, float]:
    """Return the mean over sets and its standard error."""
    return float(shares.mean()), float(shares.std(ddof=1) / np.sqrt(len(shares)))
