"""The question of a study and its answer, each in one sentence that a protocol can carry."""

from collections.abc import Mapping
from math import inf
from typing import Any

from analysis.contrasts.declared import Contrast
from analysis.contrasts.planned import planned_contrasts
from analysis.replicates.interim_summary import InterimSummary, SeveralInterim
from analysis.replicates.power import Power
from analysis.replicates.summary import PrimaryContrast, StudySummary
from analysis.replicates.validation import PERFECT_MEAN_Z, Validation
from analysis.report.compared import compared_in_labels, treated_in_labels
from analysis.report.decision_words import INTERVENTION, Words, test_words
from analysis.report.numbers import fixed, percent, share_percent, significant
from scenarios.loading.labels import key_label
from scenarios.schema import Scenario
from sim.front.designs.compare import Compared
from sim.front.designs.power import PowerResult
from sim.front.designs.sample_size import SampleSize
from sim.study.designs.comparison import TRUE_EFFECT
from sim.study.designs.power_grid import CellPower
from sim.study.designs.sensitivity import SIDES, Sensitivity

MONTE_CARLO = "95% Monte Carlo interval"
GOOD_DEAL = 0.05
"""Share of an effect from which parameters are counted that move it."""
MOST_CELLS = 4
"""Cells of a grid, or contrasts, whose powers have room in a sentence."""


def primary_in_words(scenario: Scenario) -> str:
    """Return what the primary analysis is of: 'KOOS pain at 12 months (mmrm)'."""
    plan = scenario.analysis
    return f"{scenario.primary_outcome.label} at {plan.primary_visit} ({plan.primary_analysis})"


def question_of_run(scenario: Scenario) -> str:
    """Return what a study of many trials was to tell."""
    return (
        f"If this trial were repeated with {scenario.trial.sample_size} participants in "
        f"{len(scenario.arms)} arms, what would it find of {primary_in_words(scenario)}?"
    )


def verdict_of_run(summary: StudySummary, scenario: Scenario) -> str:
    """Return how often the primary analysis rejects, by contrast; of many the least and the most.

    With interim looks, how often the trial that may stop at them rejects, and that of fixed size.
    """
    if summary.interim is not None:
        return _of_looks(summary.interim, summary, scenario)
    planned = planned_contrasts(scenario.analysis, scenario.arms)
    found = list(zip(summary.contrasts, planned, strict=True))
    several, which = len(found) > 1, ""
    if len(found) > MOST_CELLS:
        which = f"of {len(found)} contrasts those least and most often found are "
        found = [pick(found, key=lambda pair: pair[0].power.rejected) for pick in (min, max)]
    told = [_of_contrast(each, contrast, scenario) for each, contrast in found]
    alone = "" if summary.procedure == "none" or not several else "single tests, "
    return (
        f"With {scenario.trial.sample_size} participants, {which}{'; '.join(told)} "
        f"({alone}{summary.replicates:,} simulated trials)."
    )


def _of_contrast(each: PrimaryContrast, contrast: Contrast, scenario: Scenario) -> str:
    power = each.power
    words = test_words(power.hypothesis, power.alpha, power.margin, _unit(scenario))
    shown = _share(round(power.rejected * power.replicates), power.replicates)
    if contrast.only:
        return f"{shown} of trials {words.in_favour}"
    treated = treated_in_labels(scenario.arms, contrast)
    return (
        f"{compared_in_labels(scenario.arms, contrast)}: {shown} of trials "
        f"{words.in_favour.replace(INTERVENTION, treated)}"
    )


def _unit(scenario: Scenario) -> str:
    """Return the unit of the margin of the primary test; '' of a ratio or share, which has none."""
    outcome = scenario.primary_outcome
    return (outcome.unit or "") if outcome.kind == "continuous" else ""


def _of_looks(
    interim: InterimSummary | SeveralInterim, summary: StudySummary, scenario: Scenario
) -> str:
    power, trials = summary.power, summary.replicates
    looks, whole = interim.with_looks, interim.fixed
    # The level of each look is the boundary's, not the plan's alpha.
    words = test_words(power.hypothesis, power.alpha, power.margin, _unit(scenario))
    in_favour = words.in_favour.partition(",")[0]
    if isinstance(interim, SeveralInterim):
        in_favour = f"reject at least one of {len(interim.contrasts)} contrasts in favour"
    return (
        f"With at most {scenario.trial.sample_size} participants and interim looks, "
        f"{_share(round(looks.rejected * trials), trials)} of trials {in_favour}, and "
        f"{fixed(looks.participants, 0)} participants are randomized on average; of the same "
        f"trials at fixed size {_share(round(whole.rejected * trials), trials)} do "
        f"({trials:,} simulated trials)."
    )


def question_of_grid(found: PowerResult, scenario: Scenario) -> str:
    """Return what a grid of powers was to tell."""
    keys = " and ".join(_key(axis.key, scenario) for axis in found.grid.axes)
    labels = {outcome.name: outcome.label for outcome in scenario.outcomes}
    what = f"{labels.get(found.grid.outcome, found.grid.outcome)} at {found.grid.visit}"
    return f"What is the power for {what}{f', by {keys}' if keys else ''}?"


def verdict_of_grid(found: PowerResult, scenario: Scenario) -> str:
    """Return the power of each cell, of many the lowest and the highest, and the type I error."""
    cells = found.grid.cells
    several = len({each.analysis for each in cells}) > 1

    def told(cell: CellPower) -> str:
        named = [f"{_key(key, scenario)} {value}" for key, value in cell.point.items()]
        named += [cell.analysis] if several else []
        at = f" with {', '.join(named)}" if named else ""
        return f"{_share_of(cell.power)}{at}"

    if len(cells) <= MOST_CELLS:
        said = f"Power is {', '.join(map(told, cells))}"
    else:
        low, high = (pick(cells, key=lambda cell: cell.power.power) for pick in (min, max))
        said = f"Power is between {told(low)} and {told(high)}"
    nulls = [cell.null for cell in found.grid.cells if cell.null is not None]
    error = ""
    if nulls:
        worst = max(nulls, key=lambda null: null.power)
        several_nulls = "the largest type I error" if len(nulls) > 1 else "the type I error"
        error = f"; {several_nulls} is {_share_of(worst)}"
    return f"{said}{error}."


def question_of_search(found: SampleSize, scenario: Scenario) -> str:
    """Return what a search was to tell."""
    asked = found.question
    what = f"{scenario.primary_outcome.label} at {scenario.analysis.primary_visit}"
    return (
        f"How many participants does a power of {asked.target:.0%} take for {what} "
        f"({asked.series or asked.analysis})?"
    )


def verdict_of_search(found: SampleSize) -> str:
    """Return the size, its limits, and the power that fresh trials have there."""
    answer = found.answer
    fresh = answer.verified_adjusted
    verified = (
        _share_of(answer.verified)
        if fresh is None
        else f"{fixed(100.0 * fresh.power, 1)}% (size-adjusted, standard error "
        f"{fixed(100.0 * fresh.error, 1)})"
    )
    settled = "" if answer.settled else "; the search ended before it was as precise as asked"
    return (
        f"With {answer.size} participants the power is {found.question.target:.0%} (95% limits of "
        f"the number {fixed(answer.lower, 0)} to {fixed(answer.upper, 0)}); in "
        f"{answer.verified.replicates} further trials of that size it is {verified}{settled}."
    )


def question_of_comparison(found: Compared) -> str:
    """Return what a comparison was to tell."""
    first, *others = found.found.designs
    named = ", ".join(design.label for design in others)
    return f"What changes if the trial is {named}, instead of {first.label}?"


def verdict_of_comparison(found: Compared, scenario: Scenario) -> str:
    """Return the difference of the rejections and of the true effect, for each design."""
    first, told, paired = found.found.designs[0].letter, [], ""
    for design in found.found.designs[1:]:
        said = []
        rows = found.differences[found.differences["design"] == design.letter]
        rows = rows[rows["difference"].notna()]  # the others are of what only one design has
        by_name = {str(row["quantity"]): row for row in rows.to_dict("records")}
        for name in ("rejected in favour", TRUE_EFFECT):
            for key, row in by_name.items():
                if key == name or key.startswith(f"{name}, "):
                    share = name != TRUE_EFFECT or scenario.primary_outcome.kind == "binary"
                    unit = "" if share else scenario.primary_outcome.unit or "points"
                    said.append(_difference(key, row, unit))
        if said:
            paired = f" ({MONTE_CARLO}s, paired by common random numbers)"
            told.append(f"{design.letter} minus {first}: {', '.join(said)}")
        else:
            told.append(f"{design.letter} has no contrast that {first} has: nothing is subtracted")
    return f"{'; '.join(told)}{paired}."


def _difference(name: str, row: Mapping[Any, Any], unit: str) -> str:
    """Return a difference with its interval; one of shares, without a unit, in percentage points.

    A difference of shares lies between -100 and 100, and so do its limits.
    """
    scale, most = (1.0, inf) if unit else (100.0, 100.0)
    value, error = scale * float(row["difference"]), scale * float(row["mcse"])
    told = f"{significant(value, 2)} {unit or 'percentage points'}"
    if not error > 0.0:
        return f"{name} the same in every trial" if value == 0.0 else f"{name} {told} in each"
    low, high = (max(min(value + side * 1.96 * error, most), -most) for side in (-1.0, 1.0))
    return f"{name} {told} ({significant(low, 2)} to {significant(high, 2)})"


def question_of_sensitivity(found: Sensitivity) -> str:
    """Return what moving parameters was to tell."""
    return (
        f"Which of {len(found.parameters)} parameters move the true effect of {found.arm} against "
        f"{found.reference}, {found.outcome_label} at {found.visit}?"
    )


def verdict_of_sensitivity(found: Sensitivity) -> str:
    """Return what moves the effect most, and how many parameters move it by a good deal."""
    moving = found.moving
    by = f"moved by itself by {significant(100.0 * found.by, 3)}%"
    effect = f"{significant(found.effect, 3)} {found.outcome_unit}"
    if moving.empty:
        return f"No parameter {by} changes the effect of {effect} in any trial."
    first = moving.iloc[0]
    side = max(SIDES, key=lambda side: abs(first[f"effect_{side}"]))
    change, error = (first[f"effect_{side}{more}"] for more in ("", "_error"))
    of_it = f"{fixed(100.0 * first['share'], 0)}% of {effect}" if found.effect else effect
    much = int((found.parameters["share"] >= GOOD_DEAL).sum())
    verb = "changes" if much == 1 else "change"
    others = f"; {much} of {len(found.parameters)} parameters {verb} it by {GOOD_DEAL:.0%} or more"
    return (
        f"Of the parameters, each {by}, {first['key']} changes the effect most: by "
        f"{significant(change, 2)} "
        f"{found.outcome_unit} (Monte Carlo standard error {significant(error, 1)}), {of_it}"
        f"{others if found.effect else ''}."
    )


def question_of_validation(found: Validation) -> str:
    """Return what a validation was to tell."""
    return f"Do simulated trials give what was published of {found.title}?"


def verdict_of_validation(found: Validation) -> str:
    """Return how many published numbers are inside, by their role."""
    told = [
        f"{each.inside} of {each.targets} {each.role} numbers "
        f"({percent(each.inside, each.targets)}%)"
        for each in found.agreements
    ]
    held = next((each for each in found.agreements if each.role == "held-out"), None)
    more = ""
    if held is not None:
        more = (
            f"; mean |z| of those held out is {fixed(held.mean_z, 2)} "
            f"({fixed(PERFECT_MEAN_Z, 2)} if the model is right)"
        )
    return f"Inside the 95% range of the simulated trials lie {', '.join(told)}{more}."


def verdict_of_calibration(content: Mapping[str, Any]) -> str:
    """Return whether a calibration has converged, and how well it fits."""
    right = content["expected_distance"]
    ended = "has converged" if content["converged"] else "has not converged"
    pseudo = (
        f"{fixed(right['pseudo_trials_lower'], 0)} to {fixed(right['pseudo_trials_upper'], 0)} in "
        "95% of pseudo-trials"
    )
    held = sum(bool(row["held"]) for row in content["parameters"])
    return (
        f"The calibration {ended}: {len(content['parameters']) - held} parameters are fitted to "
        f"{content['targets_fitted']} published numbers and {held} are held at their priors; the "
        f"distance falls from {fixed(content['distance_at_prior_mean'], 0)} to "
        f"{fixed(content['distance'], 0)} ({pseudo})."
    )


def in_favour(words: Words) -> str:
    """Return what power is a share of."""
    return f"Power is the share of trials that {words.in_favour}."


def _share(count: int, total: int) -> str:
    """Return a share in per cent with its Monte Carlo interval."""
    return share_percent(count, total).replace("(", f"({MONTE_CARLO} ")


def _share_of(power: Power) -> str:
    return _share(power.rejected, power.replicates)


def _key(key: str, scenario: Scenario) -> str:
    """Return what a key is called, without what is said of it."""
    return key_label(key, scenario.model_dump(mode="json")).partition(":")[0]
