"""The gate: whether a recommender is worse than it was, by as much as a margin.

Every replicate of the baseline has the same patients as here, on common random numbers, so that all
that differs between the two effects is what the recommender did. Replicates are added until a
sequential test decides, or the baseline has no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.sequential.probability_ratio import Decision, ProbabilityRatioTest
from scenarios.errors import InputError
from scenarios.people.instruments import INSTRUMENT_SCALES
from scenarios.schema import Scenario
from sim.replicates.subgroup_effects import Split
from sim.study.executors import Executor
from sim.study.gate.baseline import MAKE, Baseline, make_baseline
from sim.study.gate.kept import KeptScores
from sim.study.gate.paired_replicates import ArmScores, GateFailureError, simulate_both_arms
from sim.study.gate.patients import SubgroupLoss, subgroup_loss, towards_worse
from sim.study.identity import changed_keys
from sim.study.progress import Advance, Counter

FIRST = 5
"""Replicates before the first look, which estimate the variance."""
BETWEEN = 5
"""Replicates from one look to the next."""
TOLERANCE = 0.1
"""Share of the margin by which scores without the app may differ from the baseline's: another
processor may round a few scores another way. A larger difference is of another simulation."""


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
    test
        The test, with its margin in points.
    share
        The margin as a share of the baseline's effect.
    baseline_effect
        In all replicates of the baseline.
    failure
        Why a replicate failed, '' if none did; all below is then None or empty.
    decision
        Of the test, on the loss of effect.
    effect, effect_before
        In the replicates that were simulated, now and under the baseline.
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
    test: ProbabilityRatioTest
    share: float
    baseline_effect: float
    failure: str = ""
    decision: Decision | None = None
    effect: float | None = None
    effect_before: float | None = None
    identical: bool = False
    patients: tuple[SubgroupLoss, ...] = ()
    points: float = 0.0

    @property
    def verdict(self) -> str:
        """``"pass"``, ``"fail"`` or ``"inconclusive"``."""
        return "fail" if self.decision is None else self.decision.verdict


def record_baseline(
    scenario: Scenario,
    name: str,
    overrides: Sequence[str],
    target: str | None,
    *,
    margin: float,
    replicates: int,
    executor: Executor,
    on_progress: Advance,
    kept: KeptScores | None = None,
) -> Baseline:
    """Simulate replicates and return the baseline that they make, see :func:`make_baseline`.

    Raises
    ------
    InputError
        If a replicate fails, or the recommender has no effect.
    """
    done = Counter(on_progress, replicates)
    try:
        scores = simulate_both_arms(scenario, range(replicates), (), executor, done, kept)
    except GateFailureError as error:
        raise InputError(f"{error}: no baseline is made") from None
    return make_baseline(scenario, name, overrides, target, margin, scores)


def margin_in_points(baseline: Baseline, share: float) -> float:
    """Return a share of a baseline's effect, in points of its outcome."""
    return share * abs(baseline.effect)


def run_gate(
    baseline: Baseline,
    scenario: Scenario,
    *,
    share: float,
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
        As :func:`sim.study.gate.gate.baseline.check_scenario` has found them to belong together.
    share
        The margin, as a share of the baseline's effect.
    alpha, beta
        See :class:`analysis.sequential.probability_ratio.ProbabilityRatioTest`.
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
        baseline has fewer replicates than the first look takes.
    """
    most = len(baseline.replicates)
    if most < FIRST:
        raise InputError(
            f"the baseline has {most} replicates, the gate needs {FIRST}: make it anew with "
            f"{MAKE} FILE --replicates {FIRST} or more"
        )
    test = ProbabilityRatioTest(margin_in_points(baseline, share), alpha, beta, FIRST)
    found = GateResult(
        recommender=scenario.mechanisms.recommender.kind,
        changed=changed_keys(
            baseline.recommender, scenario.mechanisms.recommender.model_dump(mode="json")
        ),
        outcome=baseline.outcome,
        label=scenario.outcome(baseline.outcome).label,
        visit=baseline.visit,
        test=test,
        share=share,
        baseline_effect=baseline.effect,
    )
    scores: list[ArmScores] = []
    looks = [*range(FIRST, most, BETWEEN), most]
    for look in looks:
        done = Counter(on_progress, look, len(scores))
        try:
            numbers = range(len(scores), look)
            scores += simulate_both_arms(scenario, numbers, splits, executor, done, kept)
        except GateFailureError as error:
            return replace(found, failure=str(error))
        _check_control(baseline, scores, test.margin)
        decision = test.decide(losses(baseline, scores))
        if decision.verdict != "inconclusive":
            break
    points = float(
        min(scenario.analysis.responder_points, default=INSTRUMENT_SCALES[baseline.outcome].step)
    )
    return _compare(replace(found, decision=decision, points=points), baseline, scores)


def losses(baseline: Baseline, scores: Sequence[ArmScores]) -> np.ndarray:
    """Return by how much the effect of each replicate is worse than the baseline's, in points."""
    before = np.array([one.effect for one in baseline.replicates[: len(scores)]])
    now = np.array([one.effect for one in scores])
    return np.asarray(towards_worse(baseline.outcome) * (now - before))


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
    """Add how effects and patients have changed in the replicates that were simulated."""
    before = [baseline.treated(number) for number in range(len(scores))]
    half_step = 0.5 * INSTRUMENT_SCALES[baseline.outcome].step
    return replace(
        found,
        effect=float(np.mean([one.effect for one in scores])),
        effect_before=float(np.mean([one.effect for one in baseline.replicates[: len(scores)]])),
        identical=all(
            np.allclose(one.intervention, old, rtol=0.0, atol=half_step)
            for one, old in zip(scores, before, strict=True)
        ),
        patients=tuple(
            subgroup_loss(name, baseline.outcome, scores, before, found.points)
            for name in scores[0].members
        ),
    )
