"""Descriptive summaries of one trial: besides the estimates, a number a row."""

from dataclasses import asdict

import numpy as np
import pyarrow as pa

from analysis.data.trial_data import TrialData
from analysis.describe.diagnostics import Diagnostics
from analysis.describe.intracluster import clinic_sizes, icc_by_visit
from analysis.plan.analyse import Analysis
from analysis.plan.responses.definitions import ordered_categories
from scenarios.analyses.plan import AnalysisPlan

ALL = "all"

SUMMARY_SCHEMA = pa.schema(
    [
        ("replicate", pa.int32()),
        ("quantity", pa.string()),
        ("outcome", pa.string()),
        ("visit", pa.string()),
        ("arm", pa.string()),
        ("value", pa.float64()),
    ]
)

Row = tuple[str, str, str, str, float]


def describe(data: TrialData, plan: AnalysisPlan, analysis: Analysis) -> list[Row]:
    """Return (quantity, outcome, visit, arm, value) rows of a trial.

    Quantities: ``n`` randomized; ``answered`` questionnaires of the primary outcome; ``mean`` and
    ``sd`` raw, ``model mean`` from the crude model; ``change`` and ``change sd`` since baseline;
    ``response`` share and ``responders`` count; ``correlation`` of the primary outcome between
    baseline and visit; ``adherence`` share of each arm with an app; ``share`` of each level of a
    trait, and trait means, SDs, lowest and highest values; ``level 1 share`` and so on of outcomes
    that are ordered categories. Where there are clinics, ``clinics`` with participants, the mean
    and the coefficient of variation of their sizes, and the ``intracluster correlation`` of the
    primary outcome within arms and strata. A quantity that a group is too small for, or too alike,
    is not there.
    """
    arms = {ALL: np.ones(len(data), bool)} | data.members_by_arm()
    rows: list[Row] = []
    for arm, members in arms.items():
        rows.append(("n", "", "", arm, float(members.sum())))
        rows += _traits(data, arm, members)
        for outcome in (*plan.continuous, *plan.binary, *plan.counts):
            rows += _scores(data, outcome, arm, members)
        rows += _levels(data, plan, arm, members)
        rows += _primary(data, plan, arm, members)
    rows += _adherence(data, plan)
    rows += _clinics(data, plan.primary_outcome)
    rows += [
        ("model mean", mean.outcome, mean.visit, data.arm_names[mean.arm], mean.mean)
        for mean in analysis.arm_means
    ]
    return rows


def check_rows(checks: Diagnostics | None, outcome: str) -> list[Row]:
    """Return the checks of the primary model as rows, none where there was nothing to check."""
    if checks is None:
        return []
    return [
        (name.replace("_", " "), outcome, "", ALL, value) for name, value in asdict(checks).items()
    ]


def summaries_table(rows: list[Row], replicate: int) -> pa.Table:
    """Return summary rows as an Arrow table."""
    columns = list(zip(*rows, strict=True))
    replicates = np.full(len(rows), replicate, dtype=np.int32)
    return pa.table([replicates, *columns], schema=SUMMARY_SCHEMA)


def _traits(data: TrialData, arm: str, members: np.ndarray) -> list[Row]:
    rows: list[Row] = []
    for name, values in data.traits.items():
        mine = values[members]
        if not len(mine):
            continue
        if name in data.levels:
            rows += [
                ("share", name, level, arm, float((mine == code).mean()))
                for code, level in enumerate(data.levels[name])
            ]
        else:
            rows.append(("mean", name, data.visits[0], arm, float(mine.mean())))
            if len(mine) > 1:
                rows.append(("sd", name, data.visits[0], arm, float(mine.std(ddof=1))))
            rows.append(("lowest", name, data.visits[0], arm, float(mine.min())))
            rows.append(("highest", name, data.visits[0], arm, float(mine.max())))
    return rows


def _scores(data: TrialData, outcome: str, arm: str, members: np.ndarray) -> list[Row]:
    rows: list[Row] = []
    for column, visit in enumerate(data.visits):
        values = data.scores[outcome][members, column]
        values = values[~np.isnan(values)]
        if len(values) > 1:
            rows.append(("mean", outcome, visit, arm, float(values.mean())))
            rows.append(("sd", outcome, visit, arm, float(values.std(ddof=1))))
    return rows


def _levels(data: TrialData, plan: AnalysisPlan, arm: str, members: np.ndarray) -> list[Row]:
    rows: list[Row] = []
    for outcome, levels in ordered_categories(plan, data).items():
        for column, visit in enumerate(data.visits):
            values = data.scores[outcome][members, column]
            values = values[~np.isnan(values)]
            if len(values):
                rows += [
                    (f"level {level:g} share", outcome, visit, arm, float((values == level).mean()))
                    for level in levels
                ]
    return rows


def _adherence(data: TrialData, plan: AnalysisPlan) -> list[Row]:
    rows: list[Row] = []
    for code in data.planning_arms if plan.adherence_plans else ():
        made = data.plans_made[data.arm == code]
        if len(made):
            adherent = made >= plan.adherence_plans
            rows.append(("adherence", "", "", data.arm_names[code], float(adherent.mean())))
    return rows


def _primary(data: TrialData, plan: AnalysisPlan, arm: str, members: np.ndarray) -> list[Row]:
    """Describe the primary outcome at each follow-up visit."""
    outcome = plan.primary_outcome
    score = data.scores[outcome][members]
    rows: list[Row] = []
    for column, visit in enumerate(data.visits[1:], start=1):
        seen = ~np.isnan(score[:, column])
        start, now = score[seen, 0], score[seen, column]
        rows.append(("answered", outcome, visit, arm, float(seen.sum())))
        if seen.sum() < 3:
            continue
        rows.append(("change", outcome, visit, arm, float((now - start).mean())))
        rows.append(("change sd", outcome, visit, arm, float((now - start).std(ddof=1))))
        if np.ptp(start) and np.ptp(now):
            correlation = float(np.corrcoef(start, now)[0, 1])
            rows.append(("correlation", outcome, visit, arm, correlation))
        for points in plan.responder_points:
            improved = data.outcomes[outcome].towards_better * (now - start) >= points
            rows.append((f"responders {points}", outcome, visit, arm, float(improved.sum())))
            rows.append((f"response {points}", outcome, visit, arm, float(improved.mean())))
    return rows


def _clinics(data: TrialData, outcome: str) -> list[Row]:
    """Describe the clinics: number, sizes and intracluster correlation."""
    if data.clinic is None:
        return []
    rows: list[Row] = []
    arms = {ALL: np.ones(len(data), bool)} | data.members_by_arm()
    for arm, members in arms.items():
        size = clinic_sizes(data, members)
        rows.append(("clinics", "", "", arm, float(len(size))))
        if not len(size):
            continue
        rows.append(("clinic size", "", "", arm, float(size.mean())))
        rows.append(("clinic size cv", "", "", arm, float(size.std() / size.mean())))
    for visit, icc in icc_by_visit(data, outcome).items():
        rows.append(("intracluster correlation", outcome, visit, ALL, icc))
    return rows
