"""Hypothesis, analyses, populations and missing data, in sentences."""

from analysis.contrasts.planned import planned_contrasts
from analysis.report.checklists.words.outcomes import analysed
from analysis.report.checklists.words.wording import counted, listed, number, readable, share
from scenarios.analyses.register import (
    ADJUSTED,
    CRUDE,
    LOGISTIC,
    POISSON,
    RATES,
    primary_contrast,
    registered,
)
from scenarios.schema import Scenario

_MANY = 6
"""Contrasts that a sentence still has room for."""
FRAMEWORK = {
    "two_sided": "superiority, tested on both sides",
    "superiority": "superiority, tested on one side",
    "non_inferiority": "non-inferiority",
    "equivalence": "equivalence",
}


def framework(scenario: Scenario) -> str:
    """Return superiority, non-inferiority or equivalence, with the margin."""
    plan = scenario.analysis
    word = FRAMEWORK[plan.hypothesis]
    if not plan.margin:
        return word
    unit = scenario.primary_outcome.unit
    return f"{word} with a margin of {number(plan.margin)} {unit}"


def level(scenario: Scenario) -> str:
    """Return the significance level."""
    plan = scenario.analysis
    sides = "2-sided" if plan.hypothesis == "two_sided" else "1-sided"
    return f"{sides} alpha {plan.alpha:g}"


def contrasts(scenario: Scenario) -> str:
    """Return what is compared with what."""
    every = planned_contrasts(scenario.analysis, scenario.arms)
    labels = {arm.name: arm.label for arm in scenario.arms}
    if len(scenario.arms) == 2 and not scenario.analysis.contrasts:
        reference, other = scenario.arms
        return f"{other.label} against {reference.label}"
    if len(every) > _MANY:
        first = listed([readable(each.name) for each in every[:3]])
        return f"{len(every)} contrasts of the arms, the first of them {first}"
    told = []
    for each in every:
        left, minus, right = each.name.partition(" - ")
        pair = minus and left in labels and right in labels
        told.append(f"{labels[left]} against {labels[right]}" if pair else readable(each.name))
    return listed(told)


def primary(scenario: Scenario) -> str:
    """Return the primary analysis in words."""
    plan = scenario.analysis
    entry = registered(plan.primary_analysis)
    label = "" if entry is None else entry.label.removesuffix(", adjusted for the covariates")
    what = f"{label} ({entry.name})" if entry is not None else plan.primary_analysis
    adjusted = covariates(scenario)
    if plan.primary_analysis == CRUDE or not adjusted:
        with_what = ", without covariates"
    else:
        with_what = f", adjusted for {adjusted}"
    return (
        f"{what}{with_what}; effect: {primary_contrast(plan.primary_analysis)} at "
        f"{plan.primary_visit}, {share(plan.confidence)} confidence interval"
    )


def covariates(scenario: Scenario) -> str:
    """Return what models are adjusted for; '' for nothing."""
    labels = {each.name: each.label for each in scenario.covariates}
    labels |= {name: f"{each.label} at baseline" for name, each in scenario.scales.items()}
    return listed(labels.get(name, readable(name)) for name in scenario.analysis.covariates)


def families(scenario: Scenario) -> list[str]:
    """Return the models of all outcomes that the plan analyses, a phrase each."""
    plan, yields = scenario.analysis, set(analysed(scenario))
    label = {name: scenario.outcome(name).label for name in yields}
    told = []
    continuous = [label[name] for name in plan.continuous if name in yields]
    if continuous:
        told.append(f"{_label_of(ADJUSTED)}, and without covariates: {listed(continuous)}")
    events = [label[name] for name in plan.binary if name in yields]
    response = bool(
        plan.responder_points or {*plan.secondary_response, *plan.secondary_level} & yields
    )
    if events or response:
        which = listed([*events, *(["response as defined"] if response else [])])
        told.append(f"{_label_of(LOGISTIC)} and {_label_of(POISSON)}: {which}")
    counts = [label[name] for name in plan.counts if name in yields]
    if counts:
        told.append(f"{_label_of(RATES)}: {listed(counts)}")
    return told


def _label_of(name: str) -> str:
    entry = registered(name)
    return name if entry is None else entry.label


def sensitivity(scenario: Scenario) -> str:
    """Return the sensitivity analyses of the primary outcome; '' for none."""
    plan = scenario.analysis
    told = []
    for name in plan.sensitivity_names:
        label = _label_of(name)
        if name == "clda multiple imputation":
            label += f" ({plan.imputations} data sets)"
        if name == "clda per protocol":
            label += (
                f" (at least {counted(plan.adherence_plans, 'plan')} in {plan.adherence_weeks} "
                "weeks)"
            )
        told.append(label)
    return listed(told)


def alternatives(scenario: Scenario) -> str:
    """Return the analyses of the primary outcome besides the primary one; '' for none."""
    plan = scenario.analysis
    others = [name for name in plan.alternatives if name != plan.primary_analysis]
    return listed(f"{_label_of(name)} ({name})" for name in others)


def multiplicity(scenario: Scenario) -> str:
    """Return how several hypotheses are dealt with."""
    plan = scenario.analysis
    every = planned_contrasts(plan, scenario.arms)
    family = plan.multiplicity
    number_of = len(family.hypotheses) or len(every)
    if family.procedure != "none":
        return (
            f"The family-wise error of {counted(number_of, 'hypothesis', 'hypotheses')} is kept at "
            f"alpha by the procedure {family.procedure}."
        )
    if number_of > 1:
        return (
            f"{number_of} contrasts of the primary outcome are tested at alpha each, without "
            "adjustment for their number."
        )
    return "There is one primary hypothesis; P values of other outcomes are not adjusted."


def populations(scenario: Scenario) -> str:
    """Return who is in which analysis."""
    plan = scenario.analysis
    text = (
        "Participants are analysed in the arm that they were randomized to (intention to treat). A "
        "model has all who have the scores that it needs; their number stands beside each estimate."
    )
    if "complete case" in plan.sensitivity:
        text += " Complete case: those who answered at every visit."
    if "per protocol" in plan.sensitivity:
        text += (
            f" Per protocol: the reference arm and those who made at least {plan.adherence_plans} "
            f"plans in the first {plan.adherence_weeks} weeks."
        )
    return text


def missing(scenario: Scenario) -> str:
    """Return how the plan handles missing data."""
    plan = scenario.analysis
    entry = registered(plan.primary_analysis)
    likelihood = entry is not None and entry.kind in {"continuous", "alternative"}
    at_visit = plan.primary_analysis in {"ancova", "t-test on change", "negative binomial"}
    if at_visit:
        text = "The primary analysis uses those with a score at the primary visit."
    elif likelihood:
        text = (
            "The primary analysis uses all observed scores by maximum likelihood, valid where "
            "scores are missing at random given what is in the model."
        )
    else:
        text = "The primary analysis uses all observed scores, without imputation."
    if "multiple imputation" in plan.sensitivity:
        text += f" Sensitivity: {plan.imputations} multivariate normal imputations."
    if "complete case" in plan.sensitivity:
        text += " Sensitivity: complete cases."
    return text


def clustering(scenario: Scenario) -> str:
    """Return how standard errors allow for clusters and small samples; '' for nothing."""
    plan = scenario.analysis
    parts = []
    if plan.cluster != "none":
        parts.append(f"Standard errors are robust to correlation within the {plan.cluster}.")
    if plan.small_sample != "none":
        name = "Satterthwaite's" if plan.small_sample == "satterthwaite" else "Kenward and Roger's"
        parts.append(f"Alternative mixed models have {name} degrees of freedom.")
    if plan.penalty == "firth":
        parts.append("Odds ratios are by Firth's penalized likelihood.")
    if plan.covariate_effects != "common":
        parts.append("Covariates have an effect of their own at each visit.")
    return " ".join(parts)
