"""The family of hypotheses of a plan: adjusted P values, simultaneous intervals, decisions.

Each hypothesis is one of the estimates of the primary analysis, tested as the plan says. A model
that failed gives no P value and rejects nothing; its hypothesis stays in the family.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from analysis.contrasts.labels import contrast_label
from analysis.contrasts.planned import planned_contrasts
from analysis.data.estimates import Estimate, Label
from analysis.data.joint import Joint
from analysis.decision.rule import Rule, rule_of
from analysis.estimators.clustered import Floats
from analysis.multiplicity import dunnett, stepwise
from analysis.multiplicity.family import decisions
from analysis.multiplicity.graph import declared_graph
from analysis.multiplicity.intervals import bonferroni_intervals, dunnett_intervals
from analysis.multiplicity.joint import Joint as JointEstimates
from scenarios.analyses.multiplicity import FROM_JOINT
from scenarios.analyses.plan import AnalysisPlan
from scenarios.analyses.register import primary_contrast
from scenarios.arms.declared import Arm
from scenarios.design.outcomes import Outcomes

FAMILY_SCHEMA = pa.schema(
    [
        ("replicate", pa.int32()),
        ("hypothesis", pa.string()),
        *((name, pa.string()) for name in ("analysis", "outcome", "visit", "contrast")),
        *((name, pa.float64()) for name in ("estimate", "p", "p_adjusted", "lower", "upper")),
        ("decision", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A hypothesis of the family, with what the procedure says of it.

    Attributes
    ----------
    hypothesis
        Its name.
    label
        The estimate that tests it.
    estimate, p
        Of the estimate, and the P value of the plan's test; None where the model failed.
    p_adjusted
        The smallest family-wise level at which it is rejected; None where the model failed.
    lower, upper
        Simultaneous limits; None where the procedure has none, or the model failed; infinite on
        the side on which a 1-sided test has no limit.
    decision
        In the words of :mod:`analysis.decision.rule`.
    """

    hypothesis: str
    label: Label
    estimate: float | None
    p: float | None
    p_adjusted: float | None
    lower: float | None
    upper: float | None
    decision: str


def hypotheses_of(plan: AnalysisPlan, arms: Sequence[Arm]) -> dict[str, Label]:
    """Return the estimate that tests each hypothesis of a plan's family, by the name of it.

    Parameters
    ----------
    plan
        The plan.
    arms
        As they are declared, the reference first.
    """
    kind = primary_contrast(plan.primary_analysis)
    by_name = {each.name: each for each in planned_contrasts(plan, arms)}
    stated = plan.multiplicity.hypotheses
    if not stated:
        return {
            name: (
                plan.primary_analysis, plan.primary_outcome, plan.primary_visit,
                contrast_label(kind, contrast),
            )
            for name, contrast in by_name.items()
        }  # fmt: skip
    only = next(iter(by_name))
    return {
        each.name: (
            plan.primary_analysis,
            each.outcome or plan.primary_outcome,
            each.visit or plan.primary_visit,
            contrast_label(kind, by_name[each.contrast or only]),
        )
        for each in stated
    }


def rule_of_hypothesis(plan: AnalysisPlan, outcomes: Outcomes, label: Label) -> Rule:
    """Return how the estimate behind a hypothesis is decided on.

    Raises
    ------
    RuntimeError
        If no rule decides on it: an estimate of the primary analysis has one.
    """
    rule = rule_of(plan, outcomes, label[1], label[3])
    if rule is None:
        raise RuntimeError(f"the direction of {label} is not known")
    return rule


def family_of(
    estimates: Sequence[Estimate],
    joint: Sequence[Joint],
    plan: AnalysisPlan,
    arms: Sequence[Arm],
    outcomes: Outcomes,
) -> list[Adjusted]:
    """Return the family of a plan; none where it adjusts nothing.

    Parameters
    ----------
    estimates, joint
        What the plan's analyses found, with the decisions of single tests.
    plan, arms, outcomes
        As they are declared.
    """
    procedure = plan.multiplicity.procedure
    if procedure == "none":
        return []
    wanted = hypotheses_of(plan, arms)
    found = {each.label: each for each in estimates}
    if not set(wanted.values()) <= set(found):
        return []  # the primary analysis was not run
    rows = [found[label] for label in wanted.values()]
    rules = [rule_of_hypothesis(plan, outcomes, label) for label in wanted.values()]
    p = np.array([np.nan if row.p_decision is None else row.p_decision for row in rows])
    together = _together(rows, joint)
    adjusted = _adjusted(plan, tuple(wanted), p, together, rules)
    better = np.array([rule.better for rule in rules])
    sides = rules[0].sides
    values = np.array([np.nan if row.estimate is None else row.estimate for row in rows])
    said = decisions(adjusted, better * values, plan.alpha, sides)
    limits = _limits(plan, together, sides, better)
    return [
        Adjusted(
            name, row.label, row.estimate, row.p_decision, _number(adjusted[place]),
            _number(limits[place, 0]), _number(limits[place, 1]), str(said[place]),
        )
        for place, (name, row) in enumerate(zip(wanted, rows, strict=True))
    ]  # fmt: skip


def family_table(rows: Sequence[Adjusted], replicate: int) -> pa.Table:
    """Return a row a hypothesis."""
    found = [
        (
            replicate, row.hypothesis, *row.label, row.estimate, row.p, row.p_adjusted, row.lower,
            row.upper, row.decision,
        )
        for row in rows
    ]  # fmt: skip
    if not found:
        return FAMILY_SCHEMA.empty_table()
    columns = zip(*found, strict=True)
    return pa.table(
        [pa.array(values, kind.type) for values, kind in zip(columns, FAMILY_SCHEMA, strict=True)],
        schema=FAMILY_SCHEMA,
    )


def _together(rows: Sequence[Estimate], joint: Sequence[Joint]) -> JointEstimates:
    """Return the estimates of a family with their covariance, 0 between fits of their own."""
    m = len(rows)
    values, df = np.full(m, np.nan), np.full(m, np.inf)
    covariance = np.full((m, m), 0.0)
    fits = {(each.analysis, each.outcome, each.visit): each for each in joint}
    for place, row in enumerate(rows):
        values[place] = np.nan if row.estimate is None else row.estimate
        df[place] = np.inf if row.df is None else row.df
        covariance[place, place] = np.nan if row.se is None else row.se**2
        for other, beside in enumerate(rows[:place]):
            fit = fits.get((row.analysis, row.outcome, row.visit))
            if fit is not None and beside.label[:3] == row.label[:3]:
                at = fit.labels.index(row.contrast), fit.labels.index(beside.contrast)
                covariance[place, other] = covariance[other, place] = fit.covariance[at]
    return JointEstimates(values, covariance, df)


def _adjusted(
    plan: AnalysisPlan,
    names: tuple[str, ...],
    p: Floats,
    together: JointEstimates,
    rules: Sequence[Rule],
) -> Floats:
    asked = plan.multiplicity
    if asked.procedure in FROM_JOINT:
        test = dunnett.dunnett if asked.procedure == "dunnett" else dunnett.dunnett_step_down
        return test(
            together,
            sides=rules[0].sides,
            better=np.array([rule.better for rule in rules]),
            null=np.array([rule.nulls[0] for rule in rules]),
        )
    if asked.procedure == "graph":
        graph = declared_graph(asked.weights, asked.transitions)
        order = [graph.hypotheses.index(name) for name in names]
        found = np.empty(len(p))
        given = np.empty(len(p))
        given[order] = p
        found = graph.adjusted(given)[order]
        return np.asarray(found)
    if asked.procedure == "fixed sequence":
        return stepwise.fixed_sequence(p, names, asked.order or names)
    simple = {
        "bonferroni": stepwise.bonferroni, "holm": stepwise.holm, "hochberg": stepwise.hochberg,
    }  # fmt: skip
    return simple[asked.procedure](p)


def _limits(plan: AnalysisPlan, together: JointEstimates, sides: int, better: Floats) -> Floats:
    """Return simultaneous limits (m, 2), NaN where the procedure has none."""
    intervals = {"bonferroni": bonferroni_intervals, "dunnett": dunnett_intervals}
    make = intervals.get(plan.multiplicity.procedure)
    if make is None or not together.known.any():
        return np.full((len(together.estimate), 2), np.nan)
    return make(together, 1.0 - plan.alpha, sides=1 if sides == 1 else 2, better=better)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
