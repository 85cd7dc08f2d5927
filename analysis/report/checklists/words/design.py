"""Arms, allocation, clinics, schedule and interim looks, in sentences."""

from analysis.report.checklists.words.wording import (
    counted,
    listed,
    number,
    numbers,
    readable,
    share,
)
from scenarios.arms.declared import FEATURES, Arm
from scenarios.design.allocation import Minimization, PermutedBlocks
from scenarios.schema import Scenario

_MANY = 8
"""Arms that a list in a sentence still has room for."""


def arms(scenario: Scenario) -> str:
    """Return how many arms there are, and which."""
    reference, *others = scenario.arms
    how_many = counted(len(scenario.arms), "parallel arm")
    crossed = scenario.factorial
    told = ""
    if crossed is not None:
        kind = "fractional" if crossed.fraction else "full"
        told = (
            f" from a {kind} factorial of {counted(len(crossed.components), 'component')} "
            f"({listed(map(readable, crossed.components))}"
            + (f"; generators {listed(crossed.fraction)}" if crossed.fraction else "")
            + ")"
        )
    if len(others) >= _MANY:
        return f"{how_many}{told}; the reference is {reference.label}."
    return f"{how_many}{told}: {_arm(reference)} as the reference, and {listed(map(_arm, others))}."


def _arm(arm: Arm) -> str:
    same = arm.treatment.casefold() in {"", arm.label.casefold()}
    return arm.label if same else f"{arm.label} ({arm.treatment})"


def ratio(scenario: Scenario) -> str:
    """Return the allocation ratio, the reference first; of many equal shares in words."""
    shares = scenario.allocation_ratio
    if len(shares) >= _MANY and len(set(shares)) == 1:
        return f"equal shares for all {len(shares)} arms"
    return ":".join(map(str, shares))


def unit(scenario: Scenario) -> str:
    """Return what is randomized."""
    return "clinics" if scenario.clinics.randomized else "participants"


def strata(scenario: Scenario) -> str:
    """Return by what allocation is stratified, as it follows 'in each of'; '' for one stratum."""
    design = scenario.trial
    if len(design.strata) < 2:
        return ""
    by = listed(_labels(scenario, design.factors))
    return f"{counted(len(design.strata), 'stratum', 'strata')} by {by}"


def restriction(scenario: Scenario) -> str:
    """Return the method of randomization with its restrictions, in a sentence."""
    method, clinics = scenario.trial.randomization, scenario.clinics
    divided = strata(scenario)
    if clinics.randomized:
        within = f", in each of {divided}" if divided else ""
        return (
            f"Whole clinics ({clinics.number}) are allocated before the trial opens, in permuted "
            f"blocks of {numbers(clinics.block_sizes, 'or')} clinics{_drawn(clinics.block_sizes)}"
            f"{within}."
        )
    if isinstance(method, PermutedBlocks):
        sizes = f"{numbers(method.block_sizes, 'or')} participants{_drawn(method.block_sizes)}"
        if method.kind == "blocks":
            return f"Permuted blocks of {sizes}, in one list for all participants."
        within = f"separately in each of {divided}" if divided else "in one list: no strata"
        return f"Permuted blocks of {sizes}, {within}."
    if isinstance(method, Minimization):
        return (
            f"Minimization of the {method.imbalance} of the arms' counts over the margins of "
            f"{listed(_labels(scenario, method.factors))}; the preferred arm is given with "
            f"probability {number(method.probability)}."
        )
    return "Simple randomization: independent draws, without blocks or strata."


def _drawn(sizes: tuple[int, ...]) -> str:
    return ", sizes drawn at random with equal probability" if len(sizes) > 1 else ""


def _labels(scenario: Scenario, names: tuple[str, ...]) -> list[str]:
    """Return factors as readers know them: the labels of covariates."""
    labels = {each.name: each.label for each in scenario.covariates}
    return [labels.get(name, readable(name)) for name in names]


def clinics(scenario: Scenario) -> str:
    """Return how clinics matter, '' where there are none."""
    own = scenario.clinics
    if not own.number:
        return ""
    unit_of = "" if own.randomized else ", participants are randomized within them"
    return (
        f"Participants come from {counted(own.number, 'clinic')}{unit_of}; the intracluster "
        f"correlation is {number(own.icc)}, and the coefficient of variation of the clinics' "
        f"expected sizes within strata {number(own.size_cv)}."
    )


def visits(scenario: Scenario) -> str:
    """Return the follow-up visits with their days."""
    every = [f"{visit.name} (day {visit.day})" for visit in scenario.trial.visits]
    return f"baseline and {counted(len(every), 'visit')} after randomization: {listed(every)}"


def looks(scenario: Scenario) -> str:
    """Return the interim looks and their rules, '' without looks."""
    interim = scenario.trial.interim
    if not interim.looks:
        return ""
    when = listed(map(share, interim.looks))
    text = (
        f"{counted(len(interim.looks), 'interim look')} at the primary outcome, when {when} of the "
        f"{scenario.trial.sample_size} planned participants are past the primary visit; efficacy "
        f"boundary: {_BOUNDARIES[interim.boundary]}."
    )
    text += (
        f" A look stops for futility where the conditional power is below {share(interim.futility)}"
        if interim.futility
        else " No look stops for futility"
    )
    text += ", which is non-binding." if interim.futility else "."
    if len(scenario.arms) > 2 and interim.drop_arms:
        text += " The arm of a contrast that a look decides takes no further participants."
    return text[:1].upper() + text[1:]


_BOUNDARIES = {
    "obrien_fleming": "O'Brien and Fleming's",
    "pocock": "Pocock's",
    "obrien_fleming_spending": "alpha spending like O'Brien and Fleming's",
    "pocock_spending": "alpha spending like Pocock's",
}


def interventions(scenario: Scenario) -> str:
    """Return what each arm gets, as far as the scenario says it."""
    rows = []
    for code, arm in enumerate(scenario.arms):
        given = scenario.given[code]
        parts = []
        if given.app and not given.features:
            parts.append("a sham app, which can be opened and does nothing")
        elif len(given.features) == len(FEATURES):
            parts.append("the app with all its features")
        elif given.features:
            parts.append(f"an app with {listed(sorted(map(readable, given.features)))}")
        if given.wristband:
            parts.append("a wristband")
        text = arm.treatment or "no treatment is named"
        if parts and not scenario.factorial:
            text += f"; given {' and '.join(parts)}"
        elif parts:
            text = f"given {' and '.join(parts)}"
        if arm.overrides:
            text += f"; with its own {listed(sorted(arm.overrides))}"
        rows.append(f"{arm.label}: {text}.")
    return " ".join(rows)
