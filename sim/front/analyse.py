"""``analyse``: the prespecified analysis on anyone's data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from analysis.data.estimates import estimates_table
from analysis.data.reading.read_trial import read_trial
from analysis.data.reading.wanted import Wanted
from analysis.data.trial_data import BASELINE, TrialData
from analysis.describe.diagnostics import Diagnostics, diagnose
from analysis.plan.analyse import Analysis, analysis_names
from analysis.plan.analyse import analyse as run_plan
from analysis.plan.family import family_of, family_table
from analysis.report.report_trial import print_trial
from scenarios.analyses.plan import AnalysisPlan
from scenarios.analyses.register import ADJUSTED, registered
from scenarios.design.covariates import covariates_by_name
from scenarios.errors import InputError, nearest
from scenarios.plan import Plan
from sim.core.streams import Mechanism, Streams
from sim.front.results import Shown
from sim.front.scenario import Source
from sim.front.scenario import plan as read_plan
from sim.study.store.folder import new_folder
from sim.study.store.reading import check_beside


@dataclass(frozen=True, slots=True)
class Analysed(Shown):
    """A trial's data, analysed.

    Attributes
    ----------
    scenario
        The plan.
    looks
        Whether that plan has interim looks, for which these P values do not allow.
    remarks
        What a reader of the results should know about the data: who is left out, what looks odd.
    data, plan, analysis, checks
        What was analysed, with what result; checks of the primary model where it was fitted.
    """

    scenario: Plan
    looks: bool
    remarks: tuple[str, ...]
    data: TrialData = field(repr=False)
    plan: AnalysisPlan = field(repr=False)
    analysis: Analysis = field(repr=False)
    checks: Diagnostics | None = field(repr=False)

    @property
    def estimates(self) -> pd.DataFrame:
        """A row an estimate: analysis, outcome, visit, contrast, estimate, se, limits, P value."""
        found: pd.DataFrame = self._table().to_pandas()
        return found

    @property
    def family(self) -> pd.DataFrame:
        """A row a hypothesis, with its adjusted P value; none where the plan adjusts nothing."""
        found: pd.DataFrame = self._family().drop_columns(["replicate"]).to_pandas()
        return found

    def print_to(self, console: Console) -> None:
        """Print Tables 1 to 3."""
        print_trial(self.data, self.plan, self.analysis, self.checks, None, console)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        family = self._family().drop_columns(["replicate"])
        return {
            "scenario": self.scenario.name,
            "remarks": list(self.remarks),
            "estimates": self._table().to_pylist(),
            **({"family": family.to_pylist()} if family.num_rows else {}),
        }

    def _family(self) -> pa.Table:
        rows = family_of(
            self.analysis.estimates, self.analysis.joint, self.plan, self.data.arms,
            self.data.outcomes,
        )  # fmt: skip
        return family_table(rows, 0)

    def _table(self) -> pa.Table:
        return estimates_table(self.analysis.estimates, 0).drop_columns(["replicate"])


def analyse(
    participants: str | Path | pd.DataFrame,
    visits: str | Path | pd.DataFrame,
    plan: Source | Plan = "selfback_2021",
    *,
    mapping: str | Path | None = None,
    outcomes: Sequence[str] | None = None,
    analyses: Sequence[str] | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
) -> Analysed:
    """Analyse two tables by a scenario's plan.

    Parameters
    ----------
    participants, visits
        DataFrames, or files: CSV, .xlsx, .dta, .sav or Parquet; see :mod:`analysis.data.reading`.
    plan
        The plan, or the scenario whose plan is used.
    mapping
        TOML file that says what columns and values are called.
    outcomes, analyses
        Those to analyse and to report; all by default.
    out, overwrite
        A folder to make for the estimates, and whether to replace one.

    Raises
    ------
    InputError
        If a table, a name or the folder is not as it must be.
    """
    scenario = read_plan(plan)
    chosen = _restricted(scenario.analysis, outcomes)
    picked = analysis_names(chosen) if analyses is None else tuple(analyses)
    for name in picked:
        _known("--analyses", name, analysis_names(chosen))
    answers = visits if isinstance(visits, pd.DataFrame) else Path(visits)
    asked = participants if isinstance(participants, pd.DataFrame) else Path(participants)
    for table in (asked, answers):
        if isinstance(table, Path):
            check_beside(table)
    reading = read_trial(
        asked,
        answers,
        Wanted(
            declared=scenario.scales,
            arms=scenario.arms,
            known=covariates_by_name(scenario.covariates),
            strata=scenario.trial.factors,
            visits=(BASELINE, *(visit.name for visit in scenario.trial.visits)),
            outcomes=_outcomes(chosen),
            covariates=chosen.covariates,
            levels=scenario.levels,
            bounded=scenario.on_scale,
            adherence=any(_needs_adherence(name) for name in picked),
            clinics=chosen.cluster == "clinic",
        ),
        None if mapping is None else Path(mapping),
    )
    data = reading.data
    looks = bool(scenario.trial.interim.looks)
    if looks:
        where = Path("visits") if isinstance(answers, pd.DataFrame) else answers
        data = _reached(data, chosen, where)
    # The draws of a first replicate, so that an exported trial gives the imputations it had.
    rng = Streams(scenario.seed, 0).generator(Mechanism.IMPUTATION)
    analysis = run_plan(data, chosen, rng, picked)
    if out is not None:
        with new_folder(Path(out), overwrite=overwrite) as folder:
            pq.write_table(estimates_table(analysis.estimates, 0), folder / "estimates.parquet")
    checked = ADJUSTED in picked and chosen.primary_outcome in chosen.continuous
    checks = diagnose(data, chosen) if checked else None
    remarks = (*reading.remarks, *analysis.remarks)
    return Analysed(scenario, looks, remarks, data, chosen, analysis, checks)


def _reached(data: TrialData, plan: AnalysisPlan, file: Path) -> TrialData:
    """Leave out the visits that a trial with looks had not reached when one of them stopped it."""
    outcomes = (plan.primary_outcome, *_outcomes(plan))
    found = data.reached(next(name for name in outcomes if name in data.scores))
    if plan.primary_visit not in found.visits:
        raise InputError(f"{file}: an arm has no answer at the primary visit, {plan.primary_visit}")
    return found


def _outcomes(plan: AnalysisPlan) -> tuple[str, ...]:
    """Return every outcome that a plan analyses."""
    listed = (*plan.continuous, *plan.binary, *plan.counts)
    return tuple(dict.fromkeys((*listed, *plan.secondary_response, *plan.secondary_level)))


def _restricted(plan: AnalysisPlan, chosen: Sequence[str] | None) -> AnalysisPlan:
    """Limit the plan to some outcomes."""
    if chosen is None:
        return plan
    for name in chosen:
        _known("--outcomes", name, _outcomes(plan))
    changes: dict[str, object] = {
        **{
            key: tuple(name for name in getattr(plan, key) if name in chosen)
            for key in ("continuous", "binary", "counts")
        },
        "secondary_response": {k: v for k, v in plan.secondary_response.items() if k in chosen},
        "secondary_level": {k: v for k, v in plan.secondary_level.items() if k in chosen},
    }
    if plan.primary_outcome not in chosen:
        changes |= {"responder_points": (), "sensitivity": (), "alternatives": ()}
    return plan.model_copy(update=changes)


def _known(option: str, name: str, allowed: tuple[str, ...]) -> None:
    if name not in allowed:
        close = nearest(name, allowed)
        hint = f"did you mean {close}?" if close else f"must be among {', '.join(allowed)}"
        raise InputError(f"{option} {name} is unknown: {hint}")


def _needs_adherence(name: str) -> bool:
    """Whether an analysis asks who adhered; one that is not built in may."""
    entry = registered(name)
    return entry is None or entry.would_be_adherers
