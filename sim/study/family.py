"""How the family of hypotheses of a study performs: family-wise error and kinds of power."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.contrasts.declared import Contrast
from analysis.contrasts.labels import contrast_label, name_of
from analysis.contrasts.planned import planned_contrasts
from analysis.data.estimates import Label
from analysis.decision.rule import AGAINST, IN_FAVOUR, NEITHER, Rule
from analysis.plan.family import hypotheses_of, rule_of_hypothesis
from analysis.replicates.family_wise import decisions_by_replicate, family_wise
from analysis.replicates.performance import share
from scenarios.analyses.register import primary_contrast
from scenarios.people.plain_course import NormalCourse
from scenarios.schema import Scenario
from sim.followup.plain_scores import arm_means
from sim.study.store.reading import KeptStudy
from sim.study.truth import population_of

FAMILY = "family"
NO_EFFECT = 1e-9
"""True effects up to this, on their outcome's scale, are what rounding leaves of 0."""


@dataclass(frozen=True, slots=True)
class FamilyPerformance:
    """What a procedure does over the replicates of a study.

    Attributes
    ----------
    procedure
        Of the plan.
    hypotheses
        A row a hypothesis: its name, contrast, outcome, visit, what is true (missing where that
        is not known), shares of trials that reject in favour and against, and their Monte Carlo
        standard errors.
    measures
        As of :func:`analysis.replicates.family_wise.family_wise`; None where the truth is not
        known.
    replicates
        Trials, the failed ones included, which reject nothing.
    """

    procedure: str
    hypotheses: pd.DataFrame
    measures: pd.DataFrame | None
    replicates: int


def family_performance(study: KeptStudy) -> FamilyPerformance | None:
    """Return how the family of a study performs; None where its plan adjusts nothing.

    Whether a null hypothesis holds is told by the true effects, where the study has them, and by a
    plain course as it is stated.
    """
    if FAMILY not in study:
        return None
    scenario = Scenario.model_validate(study.scenario, strict=False)
    plan, replicates = scenario.analysis, int(study.manifest["replicates"])
    labels = hypotheses_of(plan, scenario.arms)
    effects = _true_effects(study, scenario, labels)
    rules = {
        name: rule_of_hypothesis(plan, scenario.scales, label) for name, label in labels.items()
    }
    truth: dict[Hashable, str] = {
        name: what_is_true(rules[name], effect) for name, effect in effects.items()
    }
    table = study[FAMILY].to_pandas()
    said = decisions_by_replicate(table, replicates, by=("hypothesis",))
    said.columns = [name if isinstance(name, str) else name[0] for name in said.columns]
    rows = []
    for name, label in labels.items():
        row: dict[str, object] = {
            "hypothesis": name, "contrast": label[3], "outcome": label[1], "visit": label[2],
            "true": truth.get(name),
        }  # fmt: skip
        for column, decision in (("in_favour", IN_FAVOUR), ("against", AGAINST)):
            row[column], row[f"{column}_mcse"], _ = share((said[name] == decision).to_numpy())
        rows.append(row)
    known = len(truth) == len(labels)
    sides = next(iter(rules.values())).sides
    measures = family_wise(said[list(labels)], truth, sides=sides) if known else None
    return FamilyPerformance(plan.multiplicity.procedure, pd.DataFrame(rows), measures, replicates)


def what_is_true(rule: Rule, effect: float) -> str:
    """Return in whose favour a hypothesis should be rejected, 'neither' where its null holds.

    >>> what_is_true(Rule("two_sided", 0.05, 0.0, -1.0), -2.0)
    'in favour'
    """
    value = rule.better * effect
    if rule.hypothesis == "two_sided":
        if abs(value) <= NO_EFFECT:
            return NEITHER
        return IN_FAVOUR if value > 0.0 else AGAINST
    if rule.hypothesis == "equivalence":
        return IN_FAVOUR if abs(value) < rule.margin - NO_EFFECT else NEITHER
    return IN_FAVOUR if value + rule.margin > NO_EFFECT else NEITHER


def _true_effects(
    study: KeptStudy, scenario: Scenario, labels: Mapping[str, Label]
) -> dict[str, float]:
    """Return the true effect behind each hypothesis, as far as it is known."""
    if "truth" in study:
        return _effects_of_replicates(study, scenario, labels)
    if isinstance(scenario.course, NormalCourse):
        return _effects_as_stated(scenario, labels)
    return {}


def _effects_of_replicates(
    study: KeptStudy, scenario: Scenario, labels: Mapping[str, Label]
) -> dict[str, float]:
    truth = study["truth"].to_pandas()
    truth = truth[truth["population"] == population_of(scenario.analysis.primary_analysis)]
    means = truth.groupby(["outcome", "visit", "contrast"])["effect"].mean()
    only = truth["contrast"].iloc[0]
    wanted = {
        name: (label[1], label[2], name_of(label[3]) or only) for name, label in labels.items()
    }
    return {name: float(means[key]) for name, key in wanted.items() if key in means.index}


def _effects_as_stated(scenario: Scenario, labels: Mapping[str, Label]) -> dict[str, float]:
    """Return differences of the stated means, whose signs are those of all measures of effect."""
    visits = [visit.name for visit in scenario.trial.visits]
    contrasts = _by_label(scenario)
    found = {}
    for name, (_, outcome, visit, label) in labels.items():
        courses = [each.course.by_outcome[outcome] for each in scenario.by_arm]  # type: ignore[union-attr]
        at = arm_means(courses, len(visits))[:, -len(visits) + visits.index(visit)]
        found[name] = float(np.array(contrasts[label].weights) @ at)
    return found


def _by_label(scenario: Scenario) -> dict[str, Contrast]:
    kind = primary_contrast(scenario.analysis.primary_analysis)
    planned = planned_contrasts(scenario.analysis, scenario.arms)
    return {contrast_label(kind, each): each for each in planned}
