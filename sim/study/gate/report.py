"""What the gate found, in words: a sentence, and tables."""

import math
from collections.abc import Mapping

import numpy as np

from analysis.report.numbers import NONE, fixed, signed, significant
from analysis.report.tables import TextTable
from scenarios.extras import PACKAGE
from scenarios.people.instruments import INSTRUMENT_SCALES
from sim.study.gate.baseline import MAKE, Baseline, towards_worse
from sim.study.gate.criteria import ADDED, EFFECT, SINCE, Criterion
from sim.study.gate.gate import GateResult
from sim.study.gate.measures import MEASURES

HEADS = ("", "n", "effect now", "baseline", "loss", "worse", "better")
SURE = 2.0
"""Standard errors by which a subgroup's loss has to differ from 0 to be named."""


def sentence(found: GateResult, baseline: Baseline) -> str:
    """Return the verdict in one plain sentence."""
    joint = found.joint
    if joint is None:
        return f"fail: {found.failure}"
    if joint.verdict == "pass":
        said = (
            f"nothing has changed: every participant in {joint.n} replicates has the same score as "
            "under the baseline"
            if found.identical
            else "the recommender is not worse than the baseline by as much as a margin in any of "
            f"{len(found.criteria)} tests"
        )
        return f"pass: {said}{_not_tested(found)}"
    if joint.verdict == "fail":
        failed = [one for one in found.criteria if joint.decisions[one.name].verdict == "fail"]
        lost = "; ".join(loss_in_words(one, found, baseline) for one in failed)
        return f"fail: the recommender is worse: {lost}"
    if joint.strays:
        where = "; ".join(_strayed(name, found) for name in joint.strays)
        return (
            f"inconclusive: in a few of {joint.n} replicates much more is lost than in the others, "
            f"so that their mean cannot be relied on: {where}: look at what the recommender does "
            "there"
        )
    open_ = [
        named(one, baseline)
        for one in found.criteria
        if joint.decisions[one.name].verdict == "inconclusive"
    ]
    wanted = joint.n + joint.more
    return (
        f"inconclusive: {joint.n} replicates do not tell whether a margin is lost of "
        f"{', '.join(open_)}: about {joint.more} more are needed: with the code that made the "
        f"baseline, make one with {MAKE} FILE {baseline.scenario} --replicates {wanted}"
    )


def tests_table(found: GateResult, baseline: Baseline) -> TextTable:
    """Return what was tested, a row each: means, loss, its interval, the margin and what is said.

    After these come the losses that cannot be tested for.
    """
    rows = [_test_row(one, found, baseline) for one in found.criteria]
    rows += [
        (f"{label_of(one.name, baseline)}", "", "", NONE, "", NONE, "not tested")
        for one in found.untested
    ]
    level = percent(1.0 - 2.0 * found.test.alpha, 0)
    heads = ("", "now", "before", "loss", f"{level} interval", "margin", "")
    return TextTable("What was tested", heads, rows)


def tests_note(found: GateResult, baseline: Baseline) -> str:
    """Return what the table of tests means."""
    test = found.test
    rules = (
        "A positive loss is worse. Intervals are each measure's own, valid whenever the test "
        f"stops. Where nothing is lost, any of the {len(found.criteria)} tests fails with "
        f"probability at most {test.alpha:.3g} in all; where a margin is lost, all pass with "
        f"probability at most {test.beta:.3g}. None passes before {test.fewest} replicates, so "
        f"that failures in {percent(test.rare, 0)} of the replicates are noticed, too."
    )
    parts = [rules]
    if baseline.anchor is not None:
        parts.append(
            f"The anchor is {baseline.anchor.recommender.get('kind', '')} of "
            f"{_version(baseline.anchor.versions, baseline.anchor.git_revision)}."
        )
    parts += [
        f"Not tested: {label_of(one.name, baseline)}: {one.reason}." for one in found.untested
    ]
    return " ".join(parts)


def effect_rows(found: GateResult, baseline: Baseline) -> list[tuple[str, str]]:
    """Return effect, difference, and what is added to the rival, a name and a value each."""
    joint = found.joint
    if joint is None or found.compared is None:
        return [("replicates", f"0 of the baseline's {len(baseline.replicates)}")]
    effect = found.compared[EFFECT]
    positive = "better" if INSTRUMENT_SCALES[found.outcome].higher_is_better else "worse"
    rows = [
        ("effect now", fixed(effect.now, 4)),
        ("effect of the baseline", f"{fixed(effect.baseline, 4)}, on common random numbers"),
        ("paired difference", f"{signed(effect.now - effect.baseline, 4)}, positive is {positive}"),
    ]
    if effect.anchor is not None:
        rows.append(("effect of the anchor", fixed(effect.anchor, 4)))
    rows += [
        (f"effect of {baseline.rival}", fixed(effect.rival, 4)),
        ("added to that now", fixed(found.added or 0.0, 4)),
        ("added by the baseline", fixed(found.added_before or 0.0, 4)),
        ("replicates", f"{joint.n} of the baseline's {len(baseline.replicates)}"),
    ]
    return rows


def _test_row(one: Criterion, found: GateResult, baseline: Baseline) -> tuple[str, ...]:
    label, unit = label_of(one.name, baseline), unit_of(one.measure)
    margin = (
        f"{significant(one.margin, 3)}{'' if one.share is None else f' ({percent(one.share, 0)})'}"
    )
    if found.joint is None or found.compared is None:
        return (f"{label}, {unit}", "", "", NONE, "", margin, "")
    decision = found.joint.decisions[one.name]
    said = "strays" if one.name in found.joint.strays else decision.verdict
    now, before = _now_and_before(one, found)
    return (
        f"{label}, {unit}",
        fixed(now, 4),
        fixed(before, 4),
        signed(decision.mean, 4),
        f"{signed(decision.lower, 4)} to {signed(decision.upper, 4)}",
        margin,
        said,
    )


def _now_and_before(one: Criterion, found: GateResult) -> tuple[float, float]:
    compared = (found.compared or {})[EFFECT if one.measure == ADDED else one.measure]
    reference = compared.anchor if one.reference == "anchor" else compared.baseline
    before = float("nan") if reference is None else reference
    if one.measure != ADDED:
        return compared.now, before
    sign = -towards_worse(found.outcome)
    return sign * (compared.now - compared.rival), sign * (before - compared.rival)


def unit_of(measure: str) -> str:
    """Return in what a measure, or the effect, is measured."""
    return MEASURES[measure].unit if measure in MEASURES else "points"


def label_of(name: str, baseline: Baseline) -> str:
    """Return what a criterion is about, in words."""
    measure = name.removesuffix(SINCE)
    since = name.removeprefix(measure)
    if measure in MEASURES:
        return MEASURES[measure].label + since
    whole = "total effect" if measure == EFFECT else f"added to {baseline.rival}"
    return whole + since


def named(one: Criterion, baseline: Baseline) -> str:
    """Return what is tested, with its margin."""
    share = "" if one.share is None else f", {percent(one.share, 0)}"
    return f"{label_of(one.name, baseline)} ({significant(one.margin, 3)}{share})"


def loss_in_words(one: Criterion, found: GateResult, baseline: Baseline) -> str:
    """Return how much of a measure is lost, and the margin."""
    mean = found.joint.decisions[one.name].mean if found.joint else float("nan")
    label = label_of(one.name, baseline)
    if one.of is None:
        way = "less" if MEASURES[one.measure].higher_is_better else "more"
        return f"{label}: about {significant(mean, 3)} {way} (margin {significant(one.margin, 3)})"
    return (
        f"{label}: about {significant(mean, 3)} of {significant(one.of, 3)} points are lost "
        f"({percent(mean / one.of, 0)}; margin {percent(one.share or 0.0, 0)})"
    )


def _strayed(name: str, found: GateResult) -> str:
    lost = (found.losses or {})[name]
    most = np.argsort(lost)[::-1][:3]
    where = ", ".join(f"{significant(float(lost[at]), 3)} in replicate {at}" for at in most)
    return f"{name}: {where}"


def _not_tested(found: GateResult) -> str:
    return "".join(f"; not tested: {one.name}: {one.reason}" for one in found.untested)


def _version(versions: Mapping[str, str], revision: str | None) -> str:
    made = f"version {versions.get(PACKAGE, '?')}"
    return made if revision is None else f"{made}, revision {revision[:12]}"


def patients_table(found: GateResult) -> TextTable:
    """Return who got worse, a row for all participants and for each subgroup."""
    rows: list[tuple[str, ...]] = [
        (
            one.name,
            fixed(one.n, 0),
            fixed(one.now, 3),
            fixed(one.baseline, 3),
            f"{signed(one.loss, 3)} ({fixed(one.error, 3)})",
            percent(one.worse, 1),
            percent(one.better, 1),
        )
        for one in found.patients
    ]
    return TextTable("Which patients got worse", HEADS, rows)


def patients_note(found: GateResult) -> str:
    """Return what the table of patients means, and who is hit most."""
    meaning = (
        f"n: members in a replicate. Effects on {found.label} at {found.visit}; loss: of effect, "
        "with its Monte Carlo standard error. Worse, better: share of members whose own score is "
        f"worse, or better, by {found.points:g} or more than under the baseline, on common random "
        "numbers."
    )
    hit = [one for one in found.patients[1:] if one.loss > SURE * one.error]
    if not hit:
        return f"No subgroup has a loss above {SURE:g} standard errors. {meaning}"
    most = max(hit, key=lambda one: one.loss)
    return (
        f"Hit most: {most.name}, {fixed(most.loss, 3)} points less effect, "
        f"{percent(most.worse, 1)} worse by {found.points:g} or more. Losses above {SURE:g} "
        f"standard errors: {len(hit)} of {len(found.patients) - 1} subgroups, no allowance made "
        f"for their number. {meaning}"
    )


def percent(share: float, decimals: int) -> str:
    """Return a share as a percentage."""
    return f"{fixed(100.0 * share, decimals)}%" if math.isfinite(share) else NONE
