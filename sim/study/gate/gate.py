"""The gate: whether a recommender is worse than it was, by as much as a margin.

Every replicate of the baseline has the same patients as here, on common random numbers, so that all
that differs between the two is what the recommender did. Replicates are added until a joint
sequential test of all measures decides, or the baseline has no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.sequential.joint import JointDecision, JointTest
from analysis.sequential.probability_ratio import Decision
from scenarios.errors import InputError
from scenarios.people.instruments import INSTRUMENT_SCALES
from scenarios.schema import Scenario
from sim.replicates.subgroup_effects import Split
from sim.study.executors import Executor
from sim.study.gate.baseline import (
    MAKE,
    Baseline,
    Figures,
    Terms,
    added_by,
    make_baseline,
)
from sim.study.gate.criteria import (
    ADDED,
    EFFECT,
    Criterion,
    Margins,
    Untested,
    criteria_of,
    losses,
    references,
    values,
)
from sim.study.gate.defaults import BETWEEN, FIRST, RARE, TOLERANCE, WITHHELD
from sim.study.gate.kept import KeptScores
from sim.study.gate.measures import MEASURES
from sim.study.gate.paired_replicates import ArmScores, GateFailureError, simulate_both_arms
from sim.study.gate.patients import SubgroupLoss, subgroup_loss
from sim.study.identity import changed_keys
from sim.study.progress import Advance, Counter


@dataclass(frozen=True, slots=True)
class Compared:
    """A measure in the replicates that were simulated: means.

    Attributes
    ----------
    now, baseline, rival, anchor
        With the recommender that is tested, with the baseline's, the rival, and the anchor's; the
        last is None where there is no anchor.
    """

    now: float
    baseline: float
    rival: float
    anchor: float | None


@dataclass(frozen=True, slots=True)
class GateResult:
    """What the gate found.

    Attributes
    ----------
    recommender
        Name of the one that was tested.
    changed
        Keys of ``[recommender]`` that differ from the baseline's, with both values.
    outcome, label, visit
        On what the effect is, and the outcome's label.
    criteria, untested
        The losses that are tested for, and those that cannot be.
    test
        The test of them all.
    failure
        Why a replicate failed, '' if none did; all below is then None or empty.
    joint
        What the test says.
    losses
        Name of a criterion to its losses, replicate by replicate.
    compared
        The effect and all measures, tested or not, by name.
    added, added_before
        What the recommender, and the baseline's, adds to the rival's effect, positive where it is
        better.
    identical
        Whether no participant has another score than under the baseline.
    patients
        All participants, then the subgroups.
    points
        By which a participant has to be worse or better to count as such.
    """

    recommender: str
    changed: tuple[str, ...]
    outcome: str
    label: str
    visit: str
    criteria: tuple[Criterion, ...]
    untested: tuple[Untested, ...]
    test: JointTest
    failure: str = ""
    joint: JointDecision | None = None
    losses: Mapping[str, np.ndarray] | None = None
    compared: Mapping[str, Compared] | None = None
    added: float | None = None
    added_before: float | None = None
    identical: bool = False
    patients: tuple[SubgroupLoss, ...] = ()
    points: float = 0.0

    @property
    def verdict(self) -> str:
        """``"pass"``, ``"fail"`` or ``"inconclusive"``."""
        return "fail" if self.joint is None else self.joint.verdict

    @property
    def decision(self) -> Decision | None:
        """What is said of the total effect against the baseline's."""
        return None if self.joint is None else self.joint.decisions[EFFECT]


def record_baseline(
    scenario: Scenario,
    name: str,
    overrides: Sequence[str],
    target: str | None,
    *,
    terms: Terms,
    rival: Scenario,
    replicates: int,
    executor: Executor,
    on_progress: Advance,
    kept: KeptScores | None = None,
    anchor: Baseline | None = None,
) -> Baseline:
    """Simulate replicates and return the baseline that they make, see :func:`make_baseline`.

    ``rival`` is the scenario with the rival as recommender.

    Raises
    ------
    InputError
        If a replicate fails, the recommender has no effect, or the anchor has fewer replicates or
        other patients.
    """
    if anchor is not None:
        _check_long_enough(anchor, replicates)
    done = Counter(on_progress, replicates)
    try:
        scores = simulate_both_arms(scenario, range(replicates), (), executor, done, kept, rival)
    except GateFailureError as error:
        raise InputError(f"{error}: no baseline is made") from None
    return make_baseline(scenario, name, overrides, target, terms, scores, anchor)


def joint_test(
    criteria: Sequence[Criterion], replicates: int, alpha: float, beta: float
) -> JointTest:
    """Return the test of some criteria, with at most so many replicates."""
    margins = {one.name: one.margin for one in criteria}
    return JointTest(margins, alpha, beta, FIRST, BETWEEN, replicates, RARE, WITHHELD)


def run_gate(
    baseline: Baseline,
    scenario: Scenario,
    *,
    margins: Margins,
    alpha: float,
    beta: float,
    splits: tuple[Split, ...],
    executor: Executor,
    on_progress: Advance,
    kept: KeptScores | None = None,
) -> GateResult:
    """Test the recommender of a scenario against a baseline of that scenario.

    Parameters
    ----------
    baseline, scenario
        As :func:`sim.study.gate.baseline_file.check_scenario` has found them to belong together.
    margins
        What is looked for.
    alpha, beta
        See :class:`analysis.sequential.joint.JointTest`.
    splits
        By which the patients are divided in the end.
    executor
        Runs the replicates; the result is the same whichever does.
    on_progress
        Told the replicates done, and those until the next look.
    kept
        Keeps the scores, and has those that are kept already; None to keep nothing.

    Raises
    ------
    InputError
        If the patients have other scores without the app than when the baseline was made, or the
        baseline has fewer replicates than a pass takes.
    """
    criteria, untested = criteria_of(baseline, margins, scenario)
    test = joint_test(criteria, len(baseline.replicates), alpha, beta)
    if test.most < test.fewest:
        raise InputError(
            f"the baseline has {test.most} replicates, a pass needs {test.fewest}: make it anew "
            f"with {MAKE} FILE --replicates {test.fewest} or more"
        )
    found = GateResult(
        recommender=scenario.mechanisms.recommender.kind,
        changed=changed_keys(
            baseline.recommender, scenario.mechanisms.recommender.model_dump(mode="json")
        ),
        outcome=baseline.outcome,
        label=scenario.outcome(baseline.outcome).label,
        visit=baseline.visit,
        criteria=criteria,
        untested=untested,
        test=test,
    )
    finest = min(one.margin for one in criteria if one.measure in {EFFECT, ADDED})
    scores: list[ArmScores] = []
    for look in test.looks:
        done = Counter(on_progress, look, len(scores))
        try:
            numbers = range(len(scores), look)
            scores += simulate_both_arms(scenario, numbers, splits, executor, done, kept)
        except GateFailureError as error:
            return replace(found, failure=str(error))
        _check_control(baseline, scores, finest)
        now = figures(scores)
        lost = {one.name: losses(one, baseline, now) for one in criteria}
        joint = test.decide(lost)
        if joint.verdict != "inconclusive":
            break
    points = float(
        min(scenario.analysis.responder_points, default=INSTRUMENT_SCALES[baseline.outcome].step)
    )
    return _compare(replace(found, joint=joint, losses=lost, points=points), baseline, scores)


def figures(scores: Sequence[ArmScores]) -> list[Figures]:
    """Return what the recommender achieves in each replicate."""
    return [Figures(effect=one.effect, measures=dict(one.measures)) for one in scores]


def _check_long_enough(anchor: Baseline, replicates: int) -> None:
    most = len(anchor.replicates if anchor.anchor is None else anchor.anchor.replicates)
    if most < replicates:
        raise InputError(
            f"the anchor has {most} replicates, so the baseline cannot have {replicates}: add "
            f"--replicates {most}"
        )


def _check_control(baseline: Baseline, scores: Sequence[ArmScores], margin: float) -> None:
    """Refuse a baseline whose patients are not those simulated here: their scores differ."""
    gaps = []
    for number, one in enumerate(scores):
        if len(one.control) != len(baseline.treated(number)):
            gaps = [np.inf]
            break
        gaps.append(abs(float(one.control.mean()) - baseline.replicates[number].control))
    if np.mean(gaps) > TOLERANCE * margin:
        raise InputError(
            "this version of the code simulates other scores without the app than the baseline's: "
            f"the recommender cannot be told from that: make it anew with {MAKE} FILE "
            f"{baseline.scenario}"
        )


def _compare(found: GateResult, baseline: Baseline, scores: Sequence[ArmScores]) -> GateResult:
    """Add how measures and patients have changed in the replicates that were simulated."""
    before = [baseline.treated(number) for number in range(len(scores))]
    half_step = 0.5 * INSTRUMENT_SCALES[baseline.outcome].step
    then = {name: of[: len(scores)] for name, of in references(baseline).items()}
    now, rival = figures(scores), [one.rival for one in baseline.replicates[: len(scores)]]
    effects, effects_before, effects_rival = (
        [one.effect for one in of] for of in (now, then["baseline"], rival)
    )
    return replace(
        found,
        compared={
            name: Compared(
                now=float(values(name, now).mean()),
                baseline=float(values(name, then["baseline"]).mean()),
                rival=float(values(name, rival).mean()),
                anchor=float(values(name, then["anchor"]).mean()) if "anchor" in then else None,
            )
            for name in (EFFECT, *MEASURES)
        },
        added=added_by(effects, effects_rival, found.outcome).mean,
        added_before=added_by(effects_before, effects_rival, found.outcome).mean,
        identical=all(
            np.allclose(one.intervention, old, rtol=0.0, atol=half_step)
            for one, old in zip(scores, before, strict=True)
        ),
        patients=tuple(
            subgroup_loss(name, baseline.outcome, scores, before, found.points)
            for name in scores[0].members
        ),
    )
